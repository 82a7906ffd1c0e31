#include "notices.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

struct notice {
    char *uri, *sequencer, *generation;
    uint64_t size;   /* bytes */
    int64_t sent_ms; /* of its message */
    size_t letter;   /* its message, or one of its group */
    size_t order;    /* in which it came */
};

struct letter {
    char *receipt;
    const char *id; /* only while the message is taken */
    int64_t sent_ms;
    size_t parent; /* towards the message that stands for the group */
    bool empty;    /* names no object */
    char *token;   /* of the one that stands for its group */
};

/* --- growing --- */

static void *
grow(struct fb_step *step, void *items, size_t *capacity, size_t size)
{
    size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
    void *larger;

    assert(wanted <= SIZE_MAX / size);
    larger = fb_alloc(step, wanted * size);
    if (*capacity > 0)
        memcpy(larger, items, *capacity * size);
    *capacity = wanted;
    return larger;
}

static char *FB_PRINTF(2, 3)
    print(struct fb_step *step, const char *format, ...)
{
    va_list args, again;
    char *text;
    int length;

    va_start(args, format);
    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, args);
    assert(length >= 0);
    text = fb_alloc(step, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

/* --- taking --- */

/* Should there be no such object, this is what was announced: the same each
 * time the same announcement comes. */
static char *
generation_of(struct fb_step *step, const struct event *event,
              const char *message_id)
{
    if (*event->sequencer != '\0')
        return print(step, "announced-%s", event->sequencer);
    if (*event->etag != '\0')
        return print(step, "announced-%s-%" PRIu64, event->etag, event->size);
    return print(step, "announced-%s", message_id);
}

static void
add_notice(void *arg, const struct event *event)
{
    struct notices *n = arg;
    struct fb_step *step = n->step;
    size_t index = n->letter_count - 1;
    struct letter *letter = &n->letters[index];

    if (n->count == n->capacity)
        n->items = grow(step, n->items, &n->capacity, sizeof(*n->items));
    n->items[n->count] = (struct notice){
        .uri = print(step, "s3://%s/%s", event->bucket, event->key),
        .sequencer = print(step, "%s", event->sequencer),
        .generation = generation_of(step, event, letter->id),
        .size = event->size,
        .sent_ms = letter->sent_ms,
        .letter = index,
        .order = n->count,
    };
    n->count++;
    letter->empty = false;
}

int
notices_take(struct notices *n, const struct message *message,
             char why[EVENT_WHY_MAX])
{
    size_t before = n->count;

    if (n->letter_count == n->letter_capacity)
        n->letters =
            grow(n->step, n->letters, &n->letter_capacity, sizeof(*n->letters));
    n->letters[n->letter_count] =
        (struct letter){.receipt = print(n->step, "%s", message->receipt),
                        .id = message->id,
                        .sent_ms = message->sent_ms,
                        .parent = n->letter_count,
                        .empty = true};
    n->letter_count++;
    if (event_read(message->body, strlen(message->body), add_notice, n, why) ==
        0)
        return 0;
    n->count = before;
    n->letter_count--;
    return -1;
}

const char *
notices_empty(const struct notices *n, size_t *next)
{
    while (*next < n->letter_count) {
        const struct letter *letter = &n->letters[(*next)++];

        if (letter->empty)
            return letter->receipt;
    }
    return NULL;
}

/* --- grouping --- */

static size_t
group_of(struct notices *n, size_t letter)
{
    while (n->letters[letter].parent != letter) {
        size_t above = n->letters[letter].parent;

        n->letters[letter].parent = n->letters[above].parent;
        letter = above;
    }
    return letter;
}

/* The later message joins the earlier one's group. */
static void
join(struct notices *n, size_t a, size_t b)
{
    size_t x = group_of(n, a), y = group_of(n, b);

    if (x < y)
        n->letters[y].parent = x;
    else
        n->letters[x].parent = y;
}

static int
compare_names(const void *a, const void *b)
{
    const struct notice *x = a, *y = b;
    int order = strcmp(x->uri, y->uri);

    if (order != 0)
        return order;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int
compare_groups(const void *a, const void *b)
{
    const struct notice *x = a, *y = b;

    if (x->letter != y->letter)
        return x->letter < y->letter ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static bool
is_later(const struct notice *a, const struct notice *b)
{
    int order = event_order(a->sequencer, b->sequencer);

    return order != 0 ? order > 0 : a->sent_ms >= b->sent_ms;
}

/* Each object once, as its latest event has it. */
static void
merge(struct notices *n)
{
    size_t kept = 0;

    if (n->count > 0)
        qsort(n->items, n->count, sizeof(*n->items), compare_names);
    for (size_t i = 0; i < n->count; i++) {
        struct notice *last = &n->items[kept == 0 ? 0 : kept - 1];

        if (kept == 0 || strcmp(last->uri, n->items[i].uri) != 0) {
            n->items[kept++] = n->items[i];
            continue;
        }
        join(n, last->letter, n->items[i].letter);
        if (is_later(&n->items[i], last))
            *last = n->items[i];
    }
    n->count = kept;
}

/* Sort, so that those of a group follow each other. */
static void
group(struct notices *n)
{
    for (size_t i = 0; i < n->count; i++)
        n->items[i].letter = group_of(n, n->items[i].letter);
    if (n->count > 0)
        qsort(n->items, n->count, sizeof(*n->items), compare_groups);
}

/* --- tokens --- */

static char *
append(char *out, const char *text)
{
    size_t length = strlen(text);

    memcpy(out, text, length);
    out[length] = '\n';
    return out + length + 1;
}

static void
make_tokens(struct notices *n, const char *url)
{
    size_t *sizes = fb_alloc(n->step, (n->letter_count + 1) * sizeof(*sizes));
    char **ends = fb_alloc(n->step, (n->letter_count + 1) * sizeof(char *));

    for (size_t i = 0; i < n->letter_count; i++)
        sizes[group_of(n, i)] += strlen(n->letters[i].receipt) + 1;
    for (size_t i = 0; i < n->letter_count; i++) {
        size_t g = group_of(n, i);

        if (n->letters[g].token == NULL) {
            n->letters[g].token = fb_alloc(n->step, strlen(url) + 2 + sizes[g]);
            ends[g] = append(n->letters[g].token, url);
        }
        ends[g] = append(ends[g], n->letters[i].receipt);
    }
}

const char *
token_next(const char **at, size_t *length)
{
    const char *begin = *at;

    *length = strcspn(begin, "\n");
    if (begin[*length] == '\0')
        return NULL;
    *at = begin + *length + 1;
    return begin;
}

void
notices_give(struct notices *n, const char *url, fb_found_fn found, void *arg)
{
    merge(n);
    group(n);
    make_tokens(n, url);
    for (size_t i = 0; i < n->count; i++) {
        const struct notice *notice = &n->items[i];
        const struct fb_object object = {
            .uri = notice->uri,
            .generation = notice->generation,
            .size = notice->size,
            .modified_ms = notice->sent_ms,
            .token = n->letters[notice->letter].token,
        };

        if (found(arg, &object) != 0)
            return;
    }
}
