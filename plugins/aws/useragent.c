/*
 * aws/useragent.c: see useragent.h.
 */
#include "aws/useragent.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#ifndef FB_VERSION
#define FB_VERSION "0"
#endif

/* What a value may not hold becomes '-'. */
static void
clean(char *out, size_t room, const char *text)
{
    static const char others[] = "!$%&'*+-.^_`|~,";
    size_t size = 0;

    for (; *text != '\0' && size + 1 < room; text++) {
        char c = *text;
        bool good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                    (c >= 'a' && c <= 'z') || strchr(others, c) != NULL;

        out[size++] = good ? c : '-';
    }
    out[size] = '\0';
}

void
aws_user_agent(char text[AWS_USER_AGENT_MAX], const char *app_id)
{
    struct utsname system;
    char release[32] = "", machine[32] = "", app[52] = "";

    if (uname(&system) == 0) {
        clean(release, sizeof(release), system.release);
        clean(machine, sizeof(machine), system.machine);
    }
    if (app_id != NULL)
        clean(app, sizeof(app), app_id);
    snprintf(text, AWS_USER_AGENT_MAX,
             "forebay/%s ua/2.1 os/linux#%s md/arch#%s lang/c#17 "
             "cfg/retry-mode#standard%s%s",
             FB_VERSION, release, machine, *app == '\0' ? "" : " app/", app);
}
