#include "registry/optiontext.h"

#include <inttypes.h>

#include "registry/descriptor.h"
#include "util/mem.h"

struct unit {
    const char *name;
    int64_t factor;
};

/* In the largest unit that leaves no fraction. */
static const char *
in_units(struct arena *arena, int64_t number, const struct unit *units,
         size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (number != 0 && number % units[i].factor == 0)
            return arena_printf(arena, "%" PRId64 "%s",
                                number / units[i].factor, units[i].name);
    return arena_printf(arena, "%" PRId64, number);
}

static const char *
number_text(struct arena *arena, enum fb_type type, int64_t number)
{
    static const struct unit sizes[] = {{"TiB", INT64_C(1) << 40},
                                        {"GiB", INT64_C(1) << 30},
                                        {"MiB", INT64_C(1) << 20},
                                        {"KiB", INT64_C(1) << 10}};
    static const struct unit durations[] = {
        {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
    };

    if (type == FB_T_SIZE)
        return in_units(arena, number, sizes, ARRAY_SIZE(sizes));
    if (type == FB_T_DURATION)
        return in_units(arena, number, durations, ARRAY_SIZE(durations));
    return arena_printf(arena, "%" PRId64, number);
}

static const char *
choices_text(struct arena *arena, const char *const *choices, bool list,
             const char *quote)
{
    const char *text = list ? "list of" : "one of";

    for (size_t i = 0; choices != NULL && choices[i] != NULL; i++)
        text = arena_printf(arena, "%s%s %s%s%s", text, i == 0 ? "" : ",",
                            quote, choices[i], quote);
    return text;
}

const char *
option_takes(struct arena *arena, const struct fb_option *option,
             const char *quote)
{
    const char *type = descriptor_type_name(option->type);
    const char *min = number_text(arena, option->type, option->min);
    const char *max = number_text(arena, option->type, option->max);

    if ((option->flags & FB_SECRETS) != 0)
        return arena_printf(arena, "%s of secrets", type);
    if (option->choices != NULL)
        return choices_text(arena, option->choices, option->type == FB_T_LIST,
                            quote);
    if (option->min == 0 && option->max == 0)
        return type;
    if (option->max == INT64_MAX)
        return arena_printf(arena, "%s of at least %s", type, min);
    if (option->min == INT64_MIN)
        return arena_printf(arena, "%s of at most %s", type, max);
    return arena_printf(arena, "%s from %s to %s", type, min, max);
}
