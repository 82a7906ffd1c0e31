/*
 * shared/document.c: see document.h.
 */
#include "shared/document.h"

#include <stdlib.h>

static const char *const lists[] = {"steps", "inputs", "outputs", "rejects"};
enum { LISTS = sizeof(lists) / sizeof(lists[0]) };

static size_t
longest_list(const json_t *root)
{
    size_t longest = 0;

    for (size_t i = 0; i < LISTS; i++) {
        size_t size = json_array_size(json_object_get(root, lists[i]));
        longest = size > longest ? size : longest;
    }
    return longest;
}

/* Keep the first entries of each list. */
static void
shorten(json_t *root, json_t *cut, size_t keep)
{
    for (size_t i = 0; i < LISTS; i++) {
        json_t *list = json_object_get(root, lists[i]);
        size_t size = json_array_size(list);

        if (size <= keep)
            continue;
        if (json_object_get(cut, lists[i]) == NULL)
            json_object_set_new(cut, lists[i], json_integer((json_int_t)size));
        while (json_array_size(list) > keep)
            json_array_remove(list, json_array_size(list) - 1);
    }
}

static bool
fits(const json_t *root, size_t max)
{
    return json_dumpb(root, NULL, 0, JSON_COMPACT) <= max;
}

const char *
document_text(struct fb_step *step, const json_t *root)
{
    size_t size = json_dumpb(root, NULL, 0, JSON_COMPACT);
    char *text = fb_alloc(step, size + 1);

    (void)json_dumpb(root, text, size, JSON_COMPACT);
    return text;
}

int
document_make(struct fb_step *step, const struct fb_report *report, size_t max,
              const char **json, struct fb_error *err)
{
    json_error_t why;
    json_t *root, *cut;
    size_t keep;
    int status = 0;

    *json = report->json;
    if (strlen(report->json) <= max)
        return 0;
    root = json_loads(report->json, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(root)) {
        json_decref(root);
        return fb_fail(err, FB_E_BUG, "cannot read the report: %s", why.text);
    }
    cut = json_object();
    json_object_set_new(root, "cut", cut);
    for (keep = longest_list(root) / 2; !fits(root, max); keep /= 2) {
        shorten(root, cut, keep);
        if (keep == 0)
            break;
    }
    if (fits(root, max))
        *json = document_text(step, root);
    else
        status = fb_fail(err, FB_E_LIMIT,
                         "cannot send the report: it has more than %zu bytes "
                         "without its lists",
                         max);
    json_decref(root);
    return status;
}
