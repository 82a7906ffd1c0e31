/*
 * aws/chain.h: finds credentials where the user keeps them, and renews them
 * before they end.  The order and the rules are those of the SDKs:
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 *
 * The first source that is configured is the only one: when it is broken, the
 * error names it, and no other is asked; that would change who we are.
 */
#ifndef AWS_CHAIN_H
#define AWS_CHAIN_H

#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/world.h"
#include "forebay/plugin.h"

struct aws_chain; /* for several threads */

/* config must outlive the chain; world is copied. */
struct aws_chain *aws_chain_new(struct aws_config *config, const char *region,
                                const struct aws_world *world,
                                struct fb_step *step);
void aws_chain_free(struct aws_chain *chain);
void aws_chain_set_world(struct aws_chain *chain,
                         const struct aws_world *world);

/* A copy of the credentials that hold at now_ms (the service's time); they
 * are renewed when they soon end.  One thread does that, others wait only if
 * they cannot go on with the old ones. */
int aws_chain_get(struct aws_chain *chain, int64_t now_ms,
                  struct aws_credentials *credentials,
                  struct fb_error *err) FB_MUST_CHECK;

/* The service refuses those: get others, unless that happened already. */
void aws_chain_distrust(struct aws_chain *chain,
                        const struct aws_credentials *refused);

#endif
