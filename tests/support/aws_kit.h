/*
 * What the tests of plugins/aws share: an environment without a trace of the
 * machine's own settings, a client for a scripted server, and a world whose
 * pauses take no time.  Header only: it belongs to tests/plugin.
 */
#ifndef SUPPORT_AWS_KIT_H
#define SUPPORT_AWS_KIT_H

#include "support/http_script.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

/* Remove every AWS_ and proxy variable, and point the files to nowhere. */
static inline void
aws_kit_environment(void)
{
    static const char *const others[] = {"http_proxy", "https_proxy",
                                         "HTTP_PROXY", "HTTPS_PROXY",
                                         "all_proxy",  "ALL_PROXY"};
    char name[128];

    for (char **entry = environ; *entry != NULL;) {
        size_t size = strcspn(*entry, "=");

        if (strncmp(*entry, "AWS_", 4) != 0 || size >= sizeof(name)) {
            entry++;
            continue;
        }
        memcpy(name, *entry, size);
        name[size] = '\0';
        unsetenv(name);
        entry = environ;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        unsetenv(others[i]);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
}

/* The key pair that http_script verifies, in the environment. */
static inline void
aws_kit_keys(const char *token)
{
    setenv("AWS_ACCESS_KEY_ID", HTTP_SCRIPT_KEY, 1);
    setenv("AWS_SECRET_ACCESS_KEY", HTTP_SCRIPT_SECRET, 1);
    if (token != NULL)
        setenv("AWS_SESSION_TOKEN", token, 1);
}

#endif
