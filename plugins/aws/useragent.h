/*
 * aws/useragent.h: who calls, in the form of the AWS SDKs.
 */
#ifndef AWS_USERAGENT_H
#define AWS_USERAGENT_H

#define AWS_USER_AGENT_MAX 256

/* "forebay/0.1.0 ua/2.1 os/linux#6.8 ..."; app_id may be NULL. */
void aws_user_agent(char text[AWS_USER_AGENT_MAX], const char *app_id);

#endif
