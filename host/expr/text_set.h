/*
 * expr/text_set.h: a few constant texts, and which texts are among them: what
 * IN and = look things up in.  Built while binding, then unchanging.
 */
#ifndef EXPR_TEXT_SET_H
#define EXPR_TEXT_SET_H

#include "expr/node.h"
#include "util/arena.h"

/* What is done to a text before it is looked up. */
enum text_fold {
    FOLD_NONE = 0,
    FOLD_LOWER,
    FOLD_UPPER,
};

struct text_set;

/* The texts are not copied. */
const struct text_set *text_set_new(struct arena *arena,
                                    const union datum *texts, uint32_t count,
                                    enum text_fold fold);
enum text_fold text_set_fold(const struct text_set *set);

/* Whether this very text is in the set; nothing is folded. */
bool text_set_has(const struct text_set *set, const struct span *text);

/*
 * found[k].b for the rows [from, count), each text folded first.  Returns the
 * first row whose text cannot be folded byte by byte, because it is not
 * ASCII; `count` when there is none.  `found` may be where x stands.
 */
uint32_t text_set_find(const struct text_set *set, const struct vec *x,
                       uint32_t from, uint32_t count, union datum *found);

#endif
