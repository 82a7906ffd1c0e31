/*
 * aws/source.c: what several sources of credentials say and check alike.
 */
#include "aws/source.h"

int
aws_source_broken(struct fb_error *err, const char *what, const char *format,
                  ...)
{
    char why[600];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return fb_fail(err, FB_E_CONFIG, "cannot use %s: %s", what, why);
}

bool
aws_source_is_name(const char *text, size_t min, size_t max,
                   const char *besides)
{
    size_t size = strlen(text);

    for (const char *p = text; *p != '\0'; p++)
        if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
            !(*p >= '0' && *p <= '9') && strchr(besides, *p) == NULL)
            return false;
    return size >= min && size <= max;
}
