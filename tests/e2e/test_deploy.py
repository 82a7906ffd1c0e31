"""What `make install` puts down is what an operator and a plugin author need.

The units are read by systemd's own tools, with no systemd running. That a
pipeline runs under them is not shown here.
"""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("FOREBAY_BUILD",
                                       os.path.join(TOP, "build")))
CC = shlex.split(os.environ.get("CC") or "cc")
PREFIX = "/usr/local"
UNITS = PREFIX + "/lib/systemd/system"


def output_of(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise AssertionError("%s: exit status %d\n%s%s" % (
            " ".join(command), done.returncode, done.stdout, done.stderr))
    return done.stdout


def make(*arguments):
    return output_of(["make", "-C", TOP, "--no-print-directory",
                      "BUILD=" + BUILD, *arguments])


def setUpModule():
    """One installation, below a folder, that every class looks at."""
    Installed.dest = tempfile.mkdtemp(prefix="forebay-install-")
    unittest.addModuleCleanup(shutil.rmtree, Installed.dest)
    # A careless umask must not give others a way to write to a plugin.
    before = os.umask(0o002)
    unittest.addModuleCleanup(os.umask, before)
    make("install", "DESTDIR=" + Installed.dest, "prefix=" + PREFIX)


class Installed(unittest.TestCase):
    dest = None

    def path(self, name):
        return self.dest + name

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def mode(self, name):
        return os.stat(self.path(name)).st_mode & 0o7777


class Files(Installed):
    def test_the_program_and_its_header_are_where_the_manual_says(self):
        self.assertEqual(self.mode(PREFIX + "/bin/forebay"), 0o755)
        self.assertEqual(
            self.mode(PREFIX + "/include/forebay/plugin.h"), 0o644)

    def test_every_plugin_that_was_built_is_installed(self):
        built = sorted(os.listdir(os.path.join(BUILD, "plugins")))
        folder = PREFIX + "/lib/forebay/plugins"
        self.assertEqual(sorted(os.listdir(self.path(folder))), built)
        for name in built:
            self.assertEqual(self.mode(folder + "/" + name), 0o755, name)

    def test_only_the_owner_can_write_to_what_is_installed(self):
        for parent, folders, files in os.walk(self.dest + "/usr"):
            for name in folders + files:
                path = os.path.join(parent, name)
                self.assertEqual(os.stat(path).st_mode & 0o022, 0, path)

    def test_the_examples_keep_their_places(self):
        for name in ("pipelines/orders-filter.yaml", "schemas/orders.yaml"):
            with open(os.path.join(TOP, name), encoding="utf-8") as file:
                self.assertEqual(
                    self.read(PREFIX + "/share/forebay/" + name),
                    file.read())

    def test_no_placeholder_is_left(self):
        for parent, _, files in os.walk(self.dest + "/usr/local/lib"):
            for name in files:
                if name.endswith(".so"):
                    continue
                with open(os.path.join(parent, name),
                          encoding="utf-8") as file:
                    self.assertIsNone(re.search(r"@[A-Za-z]+@", file.read()),
                                      name)

    def test_the_pkg_config_file_carries_the_version(self):
        with open(os.path.join(TOP, "Makefile"), encoding="utf-8") as file:
            version = re.search(r"^VERSION := (\S+)$", file.read(), re.M)[1]
        self.assertIn("\nVersion: %s\n" % version, self.read(
            PREFIX + "/lib/pkgconfig/forebay.pc"))

    def test_uninstall_leaves_a_plugin_that_it_did_not_install(self):
        with tempfile.TemporaryDirectory() as dest:
            make("install", "DESTDIR=" + dest, "prefix=" + PREFIX)
            foreign = dest + PREFIX + "/lib/forebay/plugins/theirs.so"
            with open(foreign, "w", encoding="utf-8") as file:
                file.write("not ours")
            make("uninstall", "DESTDIR=" + dest, "prefix=" + PREFIX)
            left = [os.path.join(parent, name)
                    for parent, _, files in os.walk(dest) for name in files]
            self.assertEqual(left, [foreign])


class PkgConfig(Installed):
    def pkg_config(self, *arguments):
        env = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=self.dest,
                   PKG_CONFIG_LIBDIR=self.path(PREFIX + "/lib/pkgconfig"))
        return output_of(["pkg-config", *arguments, "forebay"],
                         env=env).strip()

    def test_its_cflags_compile_a_plugin_far_from_the_source(self):
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "mine.c")
            with open(source, "w", encoding="utf-8") as file:
                file.write("#include <forebay/plugin.h>\n"
                           "FB_PLUGINS(0);\n")
            output_of(CC + ["-shared", "-fPIC", "-fvisibility=hidden",
                            "-Wall", "-Wextra", "-Werror", "-Wl,-z,defs",
                            "-o", os.path.join(folder, "mine.so"), source]
                      + shlex.split(self.pkg_config("--cflags")), cwd=folder)

    def test_it_names_the_folder_that_the_program_searches(self):
        folder = self.pkg_config("--variable=pluginsdir")
        self.assertEqual(folder.removeprefix(self.dest),
                         PREFIX + "/lib/forebay/plugins")
        with open(self.path(PREFIX + "/bin/forebay"), "rb") as file:
            self.assertIn(PREFIX.encode() + b"/lib/forebay/plugins\0",
                          file.read())


class Units(Installed):
    def units_for(self, program):
        """The installed units in a folder of their own, starting a program
        that exists: systemd-analyze looks whether it does."""
        folder = tempfile.mkdtemp(prefix="forebay-units-")
        self.addCleanup(shutil.rmtree, folder)
        for name in ("forebay@.service", "forebay@.timer",
                     "forebay-serve.service"):
            text = self.read(UNITS + "/" + name)
            text = text.replace(PREFIX + "/bin/forebay", program)
            with open(os.path.join(folder, name), "w",
                      encoding="utf-8") as file:
                file.write(text)
        return folder

    def verify(self, folder):
        """What systemd has to say about our units. An unknown key is only
        a warning to it, with exit status 0; to us it is a hardening that
        silently does not happen."""
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no",
             os.path.join(folder, "forebay@.service"),
             os.path.join(folder, "forebay@.timer"),
             os.path.join(folder, "forebay-serve.service")],
            capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines()
                if "forebay" in line]
        return done.returncode, said

    def test_systemd_accepts_every_line(self):
        folder = self.units_for(os.path.join(BUILD, "forebay"))
        self.assertEqual(self.verify(folder), (0, []))

    def test_systemd_would_name_a_mistake(self):
        folder = self.units_for(os.path.join(BUILD, "forebay"))
        with open(os.path.join(folder, "forebay@.service"), "a",
                  encoding="utf-8") as file:
            file.write("ProtectSytem=strict\n")
        self.assertIn("ProtectSytem", "".join(self.verify(folder)[1]))

    def test_the_service_starts_the_installed_program(self):
        self.assertIn(
            "\nExecStart=%s/bin/forebay run "
            "/etc/forebay/pipelines/%%i.yaml\n" % PREFIX,
            self.read(UNITS + "/forebay@.service"))
        folder = self.units_for("/nonexistent/forebay")
        status, said = self.verify(folder)
        self.assertEqual(status, 1)
        self.assertIn("/nonexistent/forebay is not executable",
                      "".join(said))

    def test_the_exposure_is_at_most_one_and_a_half_of_ten(self):
        output_of(["systemd-analyze", "security", "--offline=true",
                   "--no-pager", "--threshold=15",
                   self.path(UNITS + "/forebay@.service"),
                   self.path(UNITS + "/forebay-serve.service")])

    def test_the_users_of_the_services_are_declared(self):
        for unit in ("forebay@.service", "forebay-serve.service"):
            user = re.search(r"^User=(\S+)$",
                             self.read(UNITS + "/" + unit), re.M)[1]
            self.assertRegex(
                self.read(PREFIX + "/lib/sysusers.d/forebay.conf"),
                r"(?m)^u +%s +" % re.escape(user))

    def test_the_web_pages_see_the_state_and_own_nothing_of_it(self):
        run = self.read(UNITS + "/forebay@.service")
        serve = self.read(UNITS + "/forebay-serve.service")
        self.assertIn("\nStateDirectoryMode=0750\n", run)
        self.assertIn("\nSupplementaryGroups=forebay\n", serve)
        self.assertNotRegex(serve, r"(?m)^(StateDirectory|ReadWritePaths)=")
        self.assertIn("\nExecStart=%s/bin/forebay serve $PIPELINES\n" % PREFIX,
                      serve)


class Timer(Installed):
    def ticks(self, start, count):
        """The first ticks after a moment, in UTC, over all expressions."""
        found = []
        text = self.read(UNITS + "/forebay@.timer")
        for expression in re.findall(r"(?m)^OnCalendar=(.+)$", text):
            shown = output_of(
                ["systemd-analyze", "calendar", "--base-time=" + start,
                 "--iterations=%d" % count, expression],
                env=dict(os.environ, TZ="UTC", LC_ALL="C"))
            found += re.findall(
                r"(?:Next elapse|Iter\. #\d+): \w+ ([-\d]+ [:\d]+) UTC",
                shown)
        return sorted(found)

    def test_a_week_ticks_every_five_minutes_of_business_in_tokyo(self):
        expected = ["2026-11-%d %02d:%02d:00" % (day, hour, minute)
                    for day in range(23, 28)
                    for hour in range(0, 9)
                    for minute in range(0, 60, 5)]
        expected += ["2026-11-%d 09:00:00" % day for day in range(23, 28)]
        # From Saturday: the weekend itself must add nothing.
        got = [tick for tick in self.ticks("2026-11-21 00:00:00 UTC", 600)
               if tick < "2026-11-30"]
        self.assertEqual(got, sorted(expected))

    def test_a_missed_tick_is_not_made_up_for(self):
        self.assertIn("\nPersistent=false\n",
                      self.read(UNITS + "/forebay@.timer"))


class Cron(Installed):
    def test_the_line_is_commented_and_starts_the_installed_program(self):
        lines = self.read(
            PREFIX + "/share/doc/forebay/forebay.cron").splitlines()
        self.assertEqual([ln for ln in lines if not ln.startswith("#")], [])
        entries = [ln for ln in lines if "/bin/forebay" in ln]
        self.assertEqual(len(entries), 1)
        self.assertRegex(
            entries[0], r"^# \*/5 9-18 \* \* 1-5 +forebay +%s/bin/forebay run "
            % PREFIX)


if __name__ == "__main__":
    unittest.main()
