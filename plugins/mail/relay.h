/*
 * relay.h: the mail server that takes our letters: where it is, whether the
 * way there is encrypted, and what its answers mean.
 */
#ifndef MAIL_RELAY_H
#define MAIL_RELAY_H

#include "forebay/plugin.h"
#include "shared/transfer.h"

enum relay_tls { RELAY_REQUIRED = 1, RELAY_OPPORTUNISTIC, RELAY_NONE };

struct relay_settings {
    const char *server;
    const char *user;
    const char *password;
    int tls; /* enum relay_tls */
    struct transfer_settings transfer;
};

#define RELAY_ANSWER_MAX 200 /* bytes of a refusal that are shown */

struct relay {
    struct transfer transfer;
    const char *shown;                  /* the server, for messages */
    char refusal[RELAY_ANSWER_MAX + 1]; /* last answer that begins with 4, 5 */
};

/* Only the options; names the one that is wrong. */
int relay_check(const struct relay_settings *settings, struct fb_step *step,
                struct fb_error *err) FB_MUST_CHECK;

/* Settings must be checked.  Makes no connection yet. */
int relay_open(struct relay *relay, const struct relay_settings *settings,
               struct fb_step *step, struct fb_error *err) FB_MUST_CHECK;
void relay_close(struct relay *relay);

/*
 * Send what is set up on relay->transfer.curl.  Answers of 4xx, and no answer,
 * are FB_E_UNAVAILABLE; of 5xx FB_E_FAILED; a refused login FB_E_PERMISSION.
 */
int relay_run(struct relay *relay, const char *verb,
              struct fb_error *err) FB_MUST_CHECK;

#endif
