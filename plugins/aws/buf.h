/*
 * aws/buf.h: a growable run of bytes with a maximum.  Failure is remembered,
 * so that a text can be put together without a check at every step: ask
 * aws_buf_ok once, at the end.  It is not for file contents: those stream.
 */
#ifndef AWS_BUF_H
#define AWS_BUF_H

#include "forebay/plugin.h"

struct aws_buf {
    unsigned char *bytes; /* owned; ends with a NUL that len does not count */
    size_t len;           /* bytes */
    size_t capacity;
    size_t max;  /* len never exceeds it */
    bool failed; /* something did not fit; what was added since is lost */
};

/* An empty buffer that will hold at most max bytes.  Cannot fail. */
void aws_buf_init(struct aws_buf *buf, size_t max);
/* Wipe and free; the buffer is empty again and keeps its maximum. */
void aws_buf_release(struct aws_buf *buf);
/* Forget (and wipe) what is in it, keep the memory. */
void aws_buf_clear(struct aws_buf *buf);

void aws_buf_add(struct aws_buf *buf, const void *bytes, size_t size);
void aws_buf_text(struct aws_buf *buf, const char *text);
void aws_buf_byte(struct aws_buf *buf, unsigned char byte);
void FB_PRINTF(2, 3)
    aws_buf_format(struct aws_buf *buf, const char *format, ...);
void aws_buf_vformat(struct aws_buf *buf, const char *format, va_list args);

/* Cut bytes that are one of these off its end. */
void aws_buf_trim(struct aws_buf *buf, const char *bytes);

static inline bool
aws_buf_ok(const struct aws_buf *buf)
{
    return !buf->failed;
}

/* What is in it as text; "" when nothing was ever added.  Never NULL; good
 * until the buffer changes. */
const char *aws_buf_string(const struct aws_buf *buf);

/* FB_E_LIMIT "cannot ...: larger than N bytes" when something did not fit. */
int aws_buf_check(const struct aws_buf *buf, const char *what,
                  struct fb_error *err) FB_MUST_CHECK;

/* Overwrite memory that held a secret; the compiler may not drop it. */
void aws_wipe(void *memory, size_t size);

/* malloc that ends the process with a message when there is no memory: for
 * small things of bounded size.  Memory is zeroed. */
void *aws_alloc(size_t size);
char *aws_strdup(const char *text); /* NULL gives NULL */
char *aws_strndup(const char *text, size_t size);
/* Wipe and free a text that may be NULL. */
void aws_free_secret(char *text);

#endif
