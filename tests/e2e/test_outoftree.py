"""A plugin author's day: an installed header, one file, one compiler line."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile

import forebay
from forebay import BUILD, CC, TOP, output

PREFIX = "/usr/local"

# What the plugin guide's reader writes first: one option, one column changed.
SHOUT = r"""
#include <ctype.h>
#include <forebay/plugin.h>

struct shout {
    const char *column;
    uint32_t in, out;
};

static int
shout_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    struct shout *shout = self;

    if (fb_column_find(step, "column", 0, shout->column, &shout->in, err) != 0)
        return -1;
    for (uint32_t i = 0; i < fb_column_count(step); i++) {
        const struct fb_column *c = fb_column(step, i);
        bool mine = i == shout->in;
        uint32_t index;

        if (fb_output_column(step, c->name, mine ? FB_C_STRING : 0,
                             mine ? FB_NEW : i, &index, err) != 0)
            return -1;
        if (mine)
            shout->out = index;
    }
    return 0;
}

static int
shout_process(void *self, struct fb_step *step, struct fb_batch *batch,
              struct fb_error *err)
{
    struct shout *shout = self;
    uint32_t rows = fb_batch_rows(batch);
    const struct fb_cell *cells;
    struct fb_cell *loud;

    (void)step;
    if (fb_batch_cells(batch, shout->in, &cells, err) != 0)
        return -1;
    loud = fb_batch_alloc(batch, rows * sizeof(*loud));
    for (uint32_t r = 0; r < rows; r++) {
        unsigned char *text = fb_batch_alloc(batch, cells[r].len + 1);

        for (uint32_t i = 0; i < cells[r].len; i++)
            text[i] = (unsigned char)toupper(cells[r].ptr[i]);
        loud[r] = cells[r];
        loud[r].ptr = text;
    }
    fb_batch_set(batch, shout->out, loud);
    return 0;
}

static const struct fb_option shout_options[] = {
    {.name = "column",
     FB_STRING(struct shout, column),
     .flags = FB_REQUIRED,
     .help = "The column to write in capitals."},
    {.name = NULL},
};

static const struct fb_plugin shout = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "shout",
    .summary = "Writes a column in capitals.",
    .options = shout_options,
    .instance_size = sizeof(struct shout),
    .bind = shout_bind,
    .process = shout_process,
};

FB_PLUGINS(&shout);
"""

PIPELINE = """\
pipeline: loud
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
transforms: {s: {type: shout, column: name}}
sinks: {z: {uri: "${STORE}/out.csv"}}
"""


class OutOfTree(forebay.Case):
    root = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = tempfile.mkdtemp(prefix="forebay-installed-")
        cls.addClassCleanup(shutil.rmtree, cls.root)
        output(["make", "-C", TOP, "--no-print-directory", "BUILD=" + BUILD,
                "install", "DESTDIR=" + cls.root, "prefix=" + PREFIX])

    def setUp(self):
        super().setUp()
        self.write("store/in.csv", "name,x\nann,1\nbob,2\n")
        self.pipeline = self.write("loud.yaml", PIPELINE)
        os.mkdir(self.path("mine"))

    def pkg_config(self, *arguments):
        env = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=self.root,
                   PKG_CONFIG_LIBDIR=self.root + PREFIX + "/lib/pkgconfig")
        return shlex.split(output(["pkg-config", *arguments, "forebay"],
                                  env=env))

    def build(self, source=SHOUT, cflags=None):
        """The one line, far from the source of forebay."""
        self.write("mine/shout.c", source)
        if cflags is None:
            cflags = self.pkg_config("--cflags")
        output([*CC, "-shared", "-fPIC", *cflags, "-o", "shout.so",
                "shout.c"], cwd=self.path("mine"))
        os.chmod(self.path("mine/shout.so"), 0o755)
        return self.path("mine/shout.so")

    def loud(self, **more):
        """The installed program, with its plugins and with ours."""
        program = self.root + PREFIX + "/bin/forebay"
        done = subprocess.run(
            [program, "run", self.pipeline, "--state", self.state,
             "--plugins", "%s%s/lib/forebay/plugins:%s" % (
                 self.root, PREFIX, self.path("mine"))],
            capture_output=True, text=True, env=self.environment(), **more)
        return forebay.Run(done.returncode, done.stdout, done.stderr)

    def assert_loud(self):
        run = self.loud()
        self.assertEqual(run.status, 0, str(run))
        self.assertEqual(self.read("store/out.csv"),
                         b"name,x\nANN,1\nBOB,2\n")


class Building(OutOfTree):
    def test_one_compiler_line_makes_a_plugin_that_runs_in_a_pipeline(self):
        self.build()
        self.assert_loud()

    def test_so_does_one_that_says_what_it_holds(self):
        self.build(SHOUT.replace("FB_PLUGINS(", 'FB_PROVIDES("transform '
                                 'shout");\nFB_PLUGINS('))
        self.assert_loud()

    def test_the_example_plugin_builds_with_the_same_line(self):
        folder = os.path.join(TOP, "plugins", "example")
        for name in os.listdir(folder):
            if name.endswith(".c"):
                with open(os.path.join(folder, name),
                          encoding="utf-8") as file:
                    self.build(file.read())

    def test_the_first_commands_of_the_guide_work_as_they_stand(self):
        with open(os.path.join(TOP, "docs", "plugin-guide.md"),
                  encoding="utf-8") as file:
            commands = re.search(r"```sh\n(mkdir .*?)```", file.read(),
                                 re.S)[1]
        shutil.copytree(os.path.join(TOP, "plugins", "example"),
                        self.path("plugins/example"))
        self.write("installed.sh", 'pkg-config() { case $1 in --cflags) '
                   'echo -I%s%s/include;; *) echo %s%s/lib/forebay/plugins;; '
                   'esac; }\n' % (self.root, PREFIX, self.root, PREFIX))
        env = self.environment()
        env["PATH"] = self.root + PREFIX + "/bin:" + env["PATH"]
        out = output(["bash", "-ec", "umask 022; . ./installed.sh; " +
                      commands], cwd=self.dir, env=env,
                     stdin=subprocess.DEVNULL)
        self.assertIn("mask (transform)", out)
        self.assertTrue(out.endswith("\nname,number\nAnn,************1111\n"),
                        out)

    def test_it_is_shown_by_the_name_of_its_file_too(self):
        path = self.build(SHOUT.replace("FB_PLUGINS(", 'FB_PROVIDES("transform '
                                        'shout");\nFB_PLUGINS('))
        os.rename(path, self.path("mine/tools.so"))
        run = self.forebay("plugins", "tools", "--plugins", self.path("mine"))
        self.assertIn("shout (transform)\n  Writes a column in capitals.\n",
                      run.out)

    def test_its_own_mistakes_are_told_at_its_own_options(self):
        self.build()
        self.write("loud.yaml", PIPELINE.replace("column: name",
                                                 "column: nmae"))
        run = self.loud()
        self.assertNotEqual(run.status, 0)
        self.assertIn("loud.yaml:3:39: ", run.err + run.out)
        self.assertIn("'name'", run.err + run.out)

    def test_a_plugin_of_an_older_header_without_probe_still_works(self):
        with open(self.root + PREFIX + "/include/forebay/plugin.h",
                  encoding="utf-8") as file:
            header = file.read()
        # struct fb_plugin grows at its end only: this one ended before probe.
        older, cuts = re.subn(r"(?s)    int \(\*probe\)\(.*?\n};\n", "};\n",
                              header)
        self.assertEqual(cuts, 1)
        self.write("old/forebay/plugin.h", older)
        self.build(cflags=["-I" + self.path("old")])
        self.assert_loud()


class Refusing(OutOfTree):
    def assert_refused(self, path, why):
        run = self.loud()
        self.assertEqual(run.status, 78, str(run))
        self.assertIn("loud.yaml:3:24: ", run.err)
        self.assertIn("'shout'", run.err)
        self.assertRegex(run.err, r"%s.* %s" % (path, why))
        self.assertEqual(self.files("store"), ["in.csv"])

    def test_a_plugin_that_everybody_may_write_is_named_with_the_reason(
            self):
        path = self.build()
        os.chmod(path, 0o777)
        self.assert_refused(path, "writ")

    def test_so_is_one_in_a_folder_that_everybody_may_write(self):
        path = self.build()
        os.chmod(self.path("mine"), 0o777)
        self.assert_refused(path, "writ")

    def test_so_is_one_of_another_abi(self):
        path = self.build(SHOUT.replace(
            "FB_PLUGIN_HEAD,", ".abi = 999, .size = sizeof(struct fb_plugin),"
            " .option_size = sizeof(struct fb_option),"))
        self.assert_refused(path, ".*999")

    def test_so_is_one_that_is_not_what_it_says(self):
        path = self.build(SHOUT.replace(
            "FB_PLUGINS(", 'FB_PROVIDES("transform shout shout");\n'
            "FB_PLUGINS("))
        self.assert_refused(path, ".*FB_PROVIDES says 'transform shout shout'")
        run = self.forebay("plugins", "shout", "--plugins", self.path("mine"),
                           status=2)
        self.assertRegex(run.err, "'%s' was refused: .*\n.*there is no plugin "
                         "'shout'\n" % path)

    def test_so_is_a_symbolic_link(self):
        path = self.build()
        os.rename(path, self.path("real.so"))
        os.symlink(self.path("real.so"), path)
        self.assert_refused(path, ".*link")

    def test_a_pipeline_that_does_not_need_it_is_not_disturbed(self):
        os.chmod(self.build(), 0o777)
        self.write("loud.yaml",
                   PIPELINE.replace("{type: shout, column: name}",
                                    "{type: select, keep: [x]}"))
        run = self.loud()
        self.assertEqual(run.status, 0, str(run))
