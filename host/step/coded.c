/*
 * step/coded.c: a file between the plugin that moves bytes and the plugin
 * that knows what they mean.
 */
#define _GNU_SOURCE 1 /* mkdtemp */
#include "step/coded.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"

/* A folder with one file, and the codec's step on it. */
struct coded {
    struct arena *arena;
    struct step *bytes;
    const char *folder, *path;
    struct pipeline_step config; /* of the codec */
    struct step *codec;
    uint64_t size; /* of the file, once it is whole */
};

static int
cannot(const char *what, const char *path, struct fb_error *err)
{
    return fb_fail(err, FB_E_OUTPUT, "cannot %s '%s': %s", what, path,
                   strerror(errno));
}

static int
make_folder(struct coded *coded, const struct step_context *context,
            const char *format, struct fb_error *err)
{
    const char *above;
    char *folder;

    if (step_temp_folder(context, &above, err) != 0)
        return -1;
    folder = arena_printf(coded->arena, "%s/coded-XXXXXX", above);
    if (mkdtemp(folder) == NULL)
        return cannot("make", folder, err);
    coded->folder = folder;
    coded->path = arena_printf(coded->arena, "%s/object.%s", folder, format);
    return 0;
}

/* The codec's own step, on the file that has or will have this path. */
static void
make_codec(struct coded *coded, const struct pipeline_step *config,
           const struct step_context *context)
{
    coded->config = (struct pipeline_step){
        .id = config->id,
        .label = config->label,
        .title = config->title,
        .kind = config->kind,
        .place = config->place,
        .plugin = config->codec,
        .uri = coded->path,
        .instance =
            arena_zalloc(coded->arena, config->codec->instance_size + 1),
        .places = config->places,
    };
    memcpy(coded->config.instance, config->codec_instance,
           config->codec->instance_size);
    coded->codec = step_new(&coded->config, context);
}

static int
coded_begin(struct coded *coded, struct step *bytes,
            const struct pipeline_step *config,
            const struct step_context *context, struct fb_error *err)
{
    assert(config->codec != NULL);
    coded->arena = arena_new();
    coded->bytes = bytes;
    if (make_folder(coded, context, config->format.format, err) != 0)
        return -1;
    make_codec(coded, config, context);
    return 0;
}

static void
coded_end(struct coded *coded)
{
    step_free(coded->codec);
    if (coded->folder != NULL) {
        (void)unlink(coded->path);
        (void)rmdir(coded->folder);
    }
    arena_free(coded->arena);
}

static int
coded_open_codec(struct coded *coded, const struct columns *input,
                 struct fb_error *err)
{
    struct place place = {0};

    if (step_check(coded->codec, &place, err) != 0 ||
        step_bind(coded->codec, input, &place, err) != 0)
        return place_error(&place, err);
    return step_open(coded->codec, err);
}

/* --- reading -------------------------------------------------------------- */

struct coded_reader {
    struct coded coded;
};

static int
fetch(struct coded *coded, struct fb_error *err)
{
    AUTO_CLOSE int fd =
        open(coded->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    AUTO_FREE unsigned char *bytes = mem_alloc(READ_SIZE);
    size_t got;

    if (fd < 0)
        return cannot("make", coded->path, err);
    do {
        if (step_read_bytes(coded->bytes, bytes, READ_SIZE, &got, err) != 0)
            return -1;
        if (file_write(fd, bytes, got) != 0)
            return cannot("write", coded->path, err);
        coded->size += got;
    } while (got > 0);
    return 0;
}

int
coded_reader_open(struct step *bytes, const struct pipeline_step *config,
                  const struct step_context *context,
                  struct coded_reader **reader, struct fb_error *err)
{
    struct coded_reader *r = mem_zalloc(sizeof(*r));

    if (coded_begin(&r->coded, bytes, config, context, err) == 0 &&
        fetch(&r->coded, err) == 0 &&
        coded_open_codec(&r->coded, NULL, err) == 0) {
        *reader = r;
        return 0;
    }
    coded_reader_free(r);
    return -1;
}

void
coded_reader_free(struct coded_reader *reader)
{
    if (reader == NULL)
        return;
    coded_end(&reader->coded);
    free(reader);
}

const struct columns *
coded_reader_columns(const struct coded_reader *reader)
{
    return step_columns(reader->coded.codec);
}

int
coded_reader_next(struct coded_reader *reader, struct batch **batch,
                  struct fb_error *err)
{
    return step_read(reader->coded.codec, batch, err);
}

uint64_t
coded_reader_bytes(const struct coded_reader *reader)
{
    return reader->coded.size;
}

/* --- writing -------------------------------------------------------------- */

struct coded_writer {
    struct coded coded;
};

int
coded_writer_open(struct step *bytes, const struct pipeline_step *config,
                  const struct step_context *context,
                  const struct fb_input *inputs, uint32_t input_count,
                  const struct columns *columns, struct coded_writer **writer,
                  struct fb_error *err)
{
    struct coded_writer *w = mem_zalloc(sizeof(*w));

    if (coded_begin(&w->coded, bytes, config, context, err) == 0) {
        step_set_inputs(w->coded.codec, inputs, input_count);
        if (coded_open_codec(&w->coded, columns, err) == 0) {
            *writer = w;
            return 0;
        }
    }
    coded_writer_free(w);
    return -1;
}

void
coded_writer_free(struct coded_writer *writer)
{
    if (writer == NULL)
        return;
    coded_end(&writer->coded);
    free(writer);
}

int
coded_writer_write(struct coded_writer *writer, uint32_t input,
                   struct batch *batch, struct fb_error *err)
{
    step_set_input(writer->coded.codec, input);
    return step_write(writer->coded.codec, batch, err);
}

static int
send_file(struct coded *coded, struct fb_error *err)
{
    AUTO_CLOSE int fd = open(coded->path, O_RDONLY | O_CLOEXEC);
    AUTO_FREE unsigned char *bytes = mem_alloc(WRITE_SIZE);

    if (fd < 0)
        return cannot("read", coded->path, err);
    for (;;) {
        ssize_t got = read(fd, bytes, WRITE_SIZE);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cannot("read", coded->path, err);
        if (got == 0)
            return 0;
        if (step_write_bytes(coded->bytes, bytes, (size_t)got, err) != 0)
            return -1;
        coded->size += (uint64_t)got;
    }
}

int
coded_writer_finish(struct coded_writer *writer, struct fb_error *err)
{
    if (step_finish(writer->coded.codec, err) != 0)
        return -1;
    return send_file(&writer->coded, err);
}

uint64_t
coded_writer_bytes(const struct coded_writer *writer)
{
    return writer->coded.size;
}

int
coded_check(const struct pipeline_step *config,
            const struct step_context *context, const struct fb_input *inputs,
            uint32_t input_count, const struct columns *columns,
            struct place *place, struct fb_error *err)
{
    struct coded coded = {.arena = arena_new()};
    int status;

    make_codec(&coded, config, context);
    step_set_inputs(coded.codec, inputs, input_count);
    status = step_check(coded.codec, place, err);
    if (status == 0)
        status = step_bind(coded.codec, columns, place, err);
    coded_end(&coded);
    return status;
}
