/*
 * assets.h: the style and the script of the page (page.css, page.js), and
 * the policy that lets a browser run these and nothing else.
 */
#ifndef DASHBOARD_ASSETS_H
#define DASHBOARD_ASSETS_H

#include <stddef.h>

#include "forebay/plugin.h"

struct asset {
    const char *text;
    size_t len;
};

struct asset asset_style(void);
struct asset asset_script(void);

#define ASSET_HASH_SIZE 64

/* A source of a content security policy: 'sha256-...'
 * (https://www.w3.org/TR/CSP3/#grammardef-hash-source). */
int asset_hash(struct asset asset, char hash[ASSET_HASH_SIZE],
               struct fb_error *err) FB_MUST_CHECK;

#endif
