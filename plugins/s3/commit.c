#include "commit.h"

#include <assert.h>
#include <time.h>

#define ROUNDS_MAX 4
#define PAUSE_NS 200000000L /* longer each round */

enum found { NOTHING = 1, OURS, FOREIGN };

struct work {
    const struct target *target;
    const struct content *content;
    const struct commit_way *way;
    struct commit *commit;
};

static int
look(const struct work *work, enum found *found, struct fb_error *err)
{
    struct object object;

    if (object_head(work->target->store, work->target->key, &object, err) !=
        0) {
        if (err->code != FB_E_MISSING)
            return -1;
        store_forget(err);
        *found = NOTHING;
        return 0;
    }
    *found = FOREIGN;
    if (!target_is_ours(work->target, work->content, &object))
        return 0;
    *found = OURS;
    work->commit->found = true;
    snprintf(work->commit->etag, sizeof(work->commit->etag), "%s", object.etag);
    snprintf(work->commit->version, sizeof(work->commit->version), "%s",
             object.version);
    return 0;
}

static int
refuse_foreign(const struct work *work, struct fb_error *err)
{
    const char *uri = work->target->store->uri;

    return fb_fail(err, FB_E_OUTPUT,
                   "cannot write '%s': it exists, and 'if_exists' is 'fail'",
                   uri);
}

/*
 * An earlier attempt at this run may have come this far and not lived to
 * record it.  Who may write but not read does without this look.
 */
static int
look_first(const struct work *work, enum found *found, struct fb_error *err)
{
    *found = NOTHING;
    if (look(work, found, err) != 0) {
        if (err->code != FB_E_PERMISSION)
            return -1;
        store_forget(err);
    }
    if (*found == FOREIGN && work->target->must_be_new)
        return refuse_foreign(work, err);
    return 0;
}

/* Of the whole, when the store tells it: of Complete in the document too. */
static const char *
checksum_in(const struct work *work, const struct aws_response *response)
{
    enum aws_checksum_kind kind = work->target->checksum;
    const struct aws_xml_node *root;
    const char *type;
    char element[64];

    if (response->xml == NULL)
        return aws_response_header(response, aws_checksum_header(kind));
    root = aws_xml_root(response->xml);
    type = aws_xml_text(root, "ChecksumType");
    snprintf(element, sizeof(element), "Checksum%s", aws_checksum_name(kind));
    return type != NULL && strcmp(type, "FULL_OBJECT") == 0
               ? aws_xml_text(root, element)
               : NULL;
}

/* Of Complete it stands in the document, of Put in a header; a copy of it in
 * the wrong place is no answer. */
static int
take_answer(const struct work *work, const struct aws_response *response,
            struct fb_error *err)
{
    const char *etag = aws_response_header(response, "etag");
    const char *version = aws_response_header(response, "x-amz-version-id");

    if (response->xml != NULL)
        etag = aws_xml_text(aws_xml_root(response->xml), "ETag");
    if (object_etag(etag, work->commit->etag) != 0)
        return fb_fail(err, FB_E_UNAVAILABLE,
                       "cannot write '%s': the answer has no ETag",
                       work->target->store->uri);
    if (work->target->checksum != 0 &&
        object_has_other(checksum_in(work, response), work->target->checksum,
                         work->content->checksum))
        return fb_fail(err, FB_E_UNAVAILABLE,
                       "cannot write '%s': it did not arrive as it was sent: "
                       "the store tells another checksum",
                       work->target->store->uri);
    if (version != NULL && strlen(version) < sizeof(work->commit->version))
        snprintf(work->commit->version, sizeof(work->commit->version), "%s",
                 version);
    return 0;
}

/* Conflicts pass: others are at work on the same key.  Busy stores were given
 * more time already, by the client. */
static void
pause_before(int round)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS * round};

    nanosleep(&pause, NULL);
}

enum verdict {
    DONE = 1,
    AGAIN,
    FAILED,
};

/* What a refusal means when nothing of ours lies there. */
static enum verdict
judge_refusal(const struct work *work, enum found found, struct fb_error *err)
{
    const char *uri = work->target->store->uri;

    if (err->code == FB_E_CHANGED) {
        if (found == NOTHING)
            return AGAIN;
        (void)refuse_foreign(work, err);
        return FAILED;
    }
    if (err->code == FB_E_MISSING) {
        fb_fail(err, FB_E_UNAVAILABLE,
                "cannot write '%s': its upload is gone before it was finished",
                uri);
        return FAILED;
    }
    if (err->code == FB_E_BUSY)
        return work->way->repeatable ? AGAIN : FAILED;
    assert(err->code == FB_E_UNAVAILABLE || err->code == FB_E_CANCELLED);
    return err->code == FB_E_UNAVAILABLE ? AGAIN : FAILED;
}

static bool
is_unclear(const struct aws_response *response, const struct fb_error *err)
{
    if (err->code == FB_E_UNAVAILABLE || err->code == FB_E_CANCELLED)
        return response->maybe_done || response->status / 100 == 2;
    return err->code == FB_E_CHANGED || err->code == FB_E_MISSING ||
           err->code == FB_E_BUSY;
}

static enum verdict
resolve(const struct work *work, const struct aws_response *response,
        struct fb_error *err)
{
    struct fb_error why = {.code = FB_E_NONE};
    enum found found;

    if (!is_unclear(response, err)) {
        (void)target_refused(work->target, response, err);
        return FAILED;
    }
    if (look(work, &found, &why) != 0) {
        work->commit->unknown = true;
        fb_hint(err, "whether the object was written is not known: %s",
                why.message);
        return FAILED;
    }
    if (found == OURS)
        return DONE;
    /* What was sent may still land after this look. */
    work->commit->unknown = response->maybe_done;
    return judge_refusal(work, found, err);
}

static enum verdict
try_once(const struct work *work, struct fb_error *err)
{
    struct aws_response response = {0};
    enum verdict verdict = DONE;

    if (work->way->send(work->way->arg, work->content, &response, err) != 0 ||
        take_answer(work, &response, err) != 0)
        verdict = resolve(work, &response, err);
    aws_response_release(&response);
    return verdict;
}

int
commit_object(const struct target *target, const struct content *content,
              const struct commit_way *way, struct commit *commit,
              struct fb_error *err)
{
    const struct work work = {
        .target = target, .content = content, .way = way, .commit = commit};
    enum verdict verdict = AGAIN;
    enum found found;

    *commit = (struct commit){.unknown = false};
    if (look_first(&work, &found, err) != 0)
        return -1;
    if (found == OURS) {
        fb_log(target->store->step, FB_INFO,
               "'%s' was written by an earlier attempt at this run",
               target->store->uri);
        return 0;
    }
    for (int round = 0; round < ROUNDS_MAX && verdict == AGAIN; round++) {
        if (round > 0)
            pause_before(round);
        store_forget(err);
        verdict = try_once(&work, err);
    }
    if (verdict != DONE) {
        assert(err->code != FB_E_NONE);
        return -1;
    }
    store_forget(err);
    commit->unknown = false;
    return 0;
}
