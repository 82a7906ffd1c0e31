/*
 * serve/library.h: the libraries that only `forebay serve` needs, loaded when
 * it starts.  Linked to the program, libmicrohttpd and what it brings along
 * (GnuTLS and nine more) would cost every run two milliseconds.
 */
#ifndef SERVE_LIBRARY_H
#define SERVE_LIBRARY_H

#include <crypt.h>
#include <microhttpd.h>

#include "forebay/plugin.h"

/* The functions of libmicrohttpd that are used: MHD_start_daemon and so on. */
#define LIBRARY_MHD(X_)                                    \
    X_(start_daemon)                                       \
    X_(stop_daemon)                                        \
    X_(is_feature_supported)                               \
    X_(get_connection_info)                                \
    X_(lookup_connection_value)                            \
    X_(suspend_connection)                                 \
    X_(resume_connection)                                  \
    X_(create_response_from_buffer)                        \
    X_(create_response_from_buffer_with_free_callback_cls) \
    X_(add_response_header)                                \
    X_(queue_response)                                     \
    X_(destroy_response)

struct library_mhd {
    void *handle;
#define LIBRARY_FIELD(name_) __typeof__(&MHD_##name_) name_;
    LIBRARY_MHD(LIBRARY_FIELD)
#undef LIBRARY_FIELD
};

/* FB_E_CONFIG, with a hint how to get it, when it is not there.  Stays loaded
 * until the process ends. */
int library_load_mhd(struct library_mhd *mhd,
                     struct fb_error *err) FB_MUST_CHECK;

/* The functions of libcrypt that are used. */
struct library_crypt {
    void *handle;
    __typeof__(&crypt_r) crypt_r;
    __typeof__(&crypt_gensalt_rn) crypt_gensalt_rn;
};

int library_load_crypt(struct library_crypt *crypt,
                       struct fb_error *err) FB_MUST_CHECK;

#endif
