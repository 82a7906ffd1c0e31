/*
 * Runs through codecs: rows that a plugin turns into a file, and a file that
 * a plugin turns into rows, moved by another plugin; and steps whose inputs
 * need not have the same columns.
 */
#include "unit/main.h"

#include <stdlib.h>
#include <unistd.h>

#include "config/document.h"
#include "run/execute.h"
#include "support/folder.h"
#include "util/error.h"
#include "util/mem.h"

/* --- a store in memory ------------------------------------------------------
 */

static struct kept {
    const char *uri, *text;
} store[8];
static char written[4096];   /* by the last sink that finished */
static char open_files[512]; /* the path that the codec last had */

struct memory {
    const char *text;
    size_t at;
    char out[4096];
};

static const char *const schemes[] = {"mem", NULL};

static int
memory_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct memory *memory = self;

    for (size_t i = 0; i < ARRAY_SIZE(store) && store[i].uri != NULL; i++)
        if (strcmp(store[i].uri, fb_uri(step)) == 0)
            memory->text = store[i].text;
    return memory->text != NULL ? 0 : fb_fail(err, FB_E_MISSING, "nothing");
}

static int
memory_read(void *self, struct fb_step *step, unsigned char *bytes, size_t size,
            size_t *got, struct fb_error *err)
{
    struct memory *memory = self;
    size_t left = strlen(memory->text) - memory->at;

    (void)step, (void)err;
    *got = left < size ? left : size;
    *got = *got < 3 ? *got : 3; /* a little at a time */
    memcpy(bytes, memory->text + memory->at, *got);
    memory->at += *got;
    return 0;
}

static int
memory_write(void *self, struct fb_step *step, const unsigned char *bytes,
             size_t size, struct fb_error *err)
{
    struct memory *memory = self;

    (void)step, (void)err;
    ck_assert_uint_lt(memory->at + size, sizeof(memory->out));
    memcpy(memory->out + memory->at, bytes, size);
    memory->at += size;
    return 0;
}

static int
memory_finish(void *self, struct fb_step *step, struct fb_error *err)
{
    struct memory *memory = self;

    (void)step, (void)err;
    memory->out[memory->at] = '\0';
    memcpy(written, memory->out, memory->at + 1);
    return 0;
}

static const struct fb_plugin memory_source = {
    FB_PLUGIN_HEAD,      .kind = FB_SOURCE,
    .name = "memory",    .summary = "Objects in memory.",
    .schemes = schemes,  .instance_size = sizeof(struct memory),
    .open = memory_open, .read_bytes = memory_read,
};
static const struct fb_plugin memory_sink = {
    FB_PLUGIN_HEAD,          .kind = FB_SINK,
    .name = "memory",        .summary = "Keeps what is written.",
    .schemes = schemes,      .instance_size = sizeof(struct memory),
    .finish = memory_finish, .write_bytes = memory_write,
};

/* --- a codec: "title:cell,cell;" a row
 * ---------------------------------------- */

struct codec {
    FILE *file;
    const char *mark;
};

static const struct fb_option codec_options[] = {
    {.name = "mark",
     FB_STRING(struct codec, mark),
     .def = ";",
     .help = "Behind each row."},
    {.name = NULL},
};
static const char *const formats[] = {"rows", NULL};

static int
codec_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct codec *codec = self;

    snprintf(open_files, sizeof(open_files), "%s", fb_uri(step));
    codec->file = fopen(fb_uri(step), "w");
    return codec->file != NULL ? 0 : fb_fail(err, FB_E_OUTPUT, "no file");
}

static int
codec_write(void *self, struct fb_step *step, struct fb_batch *batch,
            struct fb_error *err)
{
    struct codec *codec = self;
    const struct fb_input *input = fb_input_at(step, fb_input(step));

    for (uint32_t row = 0; row < fb_batch_rows(batch); row++) {
        if (!fb_bit(fb_batch_selection(batch), row))
            continue;
        fprintf(codec->file, "%s:", input->title);
        for (uint32_t c = 0; c < input->column_count; c++) {
            const struct fb_cell *cells;

            if (fb_batch_cells(batch, c, &cells, err) != 0)
                return -1;
            fprintf(codec->file, "%s%s=%.*s", c > 0 ? "," : "",
                    input->columns[c].name, (int)cells[row].len,
                    (const char *)cells[row].ptr);
        }
        fputs(codec->mark, codec->file);
    }
    return 0;
}

static int
codec_finish(void *self, struct fb_step *step, struct fb_error *err)
{
    struct codec *codec = self;

    (void)step, (void)err;
    fclose(codec->file);
    codec->file = NULL;
    return 0;
}

static void
codec_close(void *self, struct fb_step *step)
{
    struct codec *codec = self;

    (void)step;
    if (codec->file != NULL)
        fclose(codec->file);
}

static const struct fb_plugin codec_sink = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "rows",
    .summary = "Writes rows as it likes.",
    .flags = FB_MANY_INPUTS,
    .options = codec_options,
    .instance_size = sizeof(struct codec),
    .open = codec_open,
    .write = codec_write,
    .finish = codec_finish,
    .close = codec_close,
    .formats = formats,
};

/* Reads a file of bytes as rows of one column: a row a byte. */
struct letters {
    FILE *file;
};

static int
letters_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct letters *letters = self;

    snprintf(open_files, sizeof(open_files), "%s", fb_uri(step));
    letters->file = fopen(fb_uri(step), "r");
    ck_assert_ptr_nonnull(letters->file);
    return fb_output_column(step, "letter", FB_C_STRING, FB_NEW, NULL, err);
}

static int
letters_read(void *self, struct fb_step *step, struct fb_batch **batch,
             struct fb_error *err)
{
    static const struct fb_column column[] = {
        {.name = "x", .type = FB_C_STRING}};
    static const struct columns columns = {.count = 1, .items = column};
    struct letters *letters = self;
    struct arena *arena;
    struct fb_cell *cell;
    int c = fgetc(letters->file);
    char *text;

    (void)step, (void)err;
    *batch = NULL;
    if (c == EOF)
        return 0;
    arena = arena_new();
    cell = arena_zalloc(arena, sizeof(*cell));
    text = arena_alloc(arena, 1);
    *text = (char)c;
    *cell = (struct fb_cell){(unsigned char *)text, 1, 0};
    *batch = batch_public(batch_of_cells(&columns, 1,
                                         (const struct fb_cell *[]){cell},
                                         arena, 0, &step_services));
    return 0;
}

static void
letters_close(void *self, struct fb_step *step)
{
    struct letters *letters = self;

    (void)step;
    fclose(letters->file);
}

static const char *const letter_formats[] = {"letters", NULL};
static const struct fb_plugin letters_source = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "letters",
    .summary = "A row a byte.",
    .instance_size = sizeof(struct letters),
    .open = letters_open,
    .read = letters_read,
    .close = letters_close,
    .formats = letter_formats,
};

/* --- runs
 * ----------------------------------------------------------------------- */

static const volatile sig_atomic_t never = 0;

/* Run a pipeline; the error, or success. */
static struct fb_error
run(const char *text, uint32_t jobs)
{
    static const struct fb_plugin *const plugins[] = {
        &memory_source, &memory_sink, &codec_sink, &letters_source};
    const struct scope scope = {.settings = NULL};
    struct registry *registry = registry_of(plugins, ARRAY_SIZE(plugins));
    struct problems *problems = problems_new();
    struct document *document =
        document_of_text("p.yaml", text, strlen(text), problems);
    struct pipeline *pipeline =
        pipeline_build(document, &scope, registry, problems);
    struct result result = {.arena = arena_new(), .attempt = 1};
    struct folder folder;
    struct step_context context = {.pipeline = "p",
                                   .run_id = "1",

                                   .cancelled = &never};
    const struct execution execution = {
        .pipeline = pipeline, .context = &context, .jobs = jobs};

    ck_assert_msg(pipeline != NULL, "%s",
                  problems_count(problems) > 0
                      ? problems_at(problems, 0)->message
                      : "no pipeline");
    folder_make(&folder);
    context.temp_folder = folder.path;
    *written = '\0';
    (void)!execute(&execution, &result);
    ck_assert_int_eq(access(open_files, F_OK), -1); /* nothing is left */
    folder_remove(&folder);
    arena_free(result.arena);
    pipeline_free(pipeline);
    document_free(document);
    problems_free(problems);
    registry_free(registry);
    return result.error;
}

static void
expect(const char *text, const char *output)
{
    for (uint32_t jobs = 1; jobs <= 3; jobs++) {
        struct fb_error err = run(text, jobs);

        ck_assert_msg(err.code == FB_E_NONE, "%s", err.message);
        ck_assert_str_eq(written, output);
    }
}

START_TEST(writes_inputs_with_columns_of_their_own)
{
    store[0] = (struct kept){"mem:a", "id,name\n1,x\n2,y\n"};
    store[1] = (struct kept){"mem:b", "total\n7\n"};
    expect("pipeline: p\n"
           "sources:\n"
           "  a: {uri: \"mem:a\", on_reject: fail, title: First}\n"
           "  b: {uri: \"mem:b\", on_reject: fail}\n"
           "sinks: {z: {uri: \"mem:z\", type: rows, inputs: [a, b]}}\n",
           "First:id=1,name=x;First:id=2,name=y;b:total=7;");
}
END_TEST

START_TEST(gives_the_options_of_the_step_to_the_codec)
{
    store[0] = (struct kept){"mem:a", "id\n1\n"};
    expect("pipeline: p\n"
           "sources: {a: {uri: \"mem:a\", on_reject: fail}}\n"
           "sinks: {z: {uri: \"mem:z\", format: rows, mark: \"!\"}}\n",
           "a:id=1!");
}
END_TEST

START_TEST(gives_rejects_of_several_steps_as_inputs)
{
    store[0] = (struct kept){"mem:a", "id,name\n1\n2,y\n"};
    store[1] = (struct kept){"mem:b", "id,name\n3,4,5\n"};
    expect("pipeline: p\n"
           "sources: {a: {uri: \"mem:a\"}, b: {uri: \"mem:b\"}}\n"
           "sinks: {z: {uri: \"mem:z\", type: rows, inputs: [a.rejected, "
           "b.rejected, a, b]}}\n",
           "a.rejected:_line=2,_column=name,_code=missing-cell,_message=row "
           "has 1 of 2 cells; first missing is 'name',_record=1;"
           "a:id=2,name=y;"
           "b.rejected:_line=2,_column=,_code=extra-cell,_message=row has 3 "
           "cells for 2 columns,_record=3,4,5;");
}
END_TEST

START_TEST(reads_rows_that_a_codec_finds_in_the_bytes)
{
    store[0] = (struct kept){"mem:a", "abcdefg"};
    expect("pipeline: p\n"
           "sources: {a: {uri: \"mem:a\", format: letters}}\n"
           "sinks: {z: {uri: \"mem:z\"}}\n",
           "letter\na\nb\nc\nd\ne\nf\ng\n");
}
END_TEST

START_TEST(leaves_nothing_when_the_bytes_cannot_be_fetched)
{
    store[0] = (struct kept){"mem:a", "id\n1\n"};
    ck_assert_int_eq(run("pipeline: p\n"
                         "sources: {a: {uri: \"mem:nowhere\", format: "
                         "letters}}\n"
                         "sinks: {z: {uri: \"mem:z\", type: rows}}\n",
                         1)
                         .code,
                     FB_E_MISSING);
    ck_assert_str_eq(written, "");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("coded");
    TCase *runs = tcase_create("runs");

    tcase_add_test(runs, writes_inputs_with_columns_of_their_own);
    tcase_add_test(runs, gives_the_options_of_the_step_to_the_codec);
    tcase_add_test(runs, gives_rejects_of_several_steps_as_inputs);
    tcase_add_test(runs, reads_rows_that_a_codec_finds_in_the_bytes);
    tcase_add_test(runs, leaves_nothing_when_the_bytes_cannot_be_fetched);
    suite_add_tcase(suite, runs);
    return suite;
}
