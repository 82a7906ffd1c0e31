/*
 * registry/descriptor.h: sizes reconciled, fields checked.
 */
#include "registry/descriptor.h"

#include "unit/main.h"
#include "util/mem.h"

struct instance {
    const char *text;
    int64_t number;
    int choice;
    bool flag;
    struct fb_list list;
};

static const char *const colours[] = {"red", "green", NULL};

static struct arena *arena;
static struct fb_plugin given; /* a valid one, for a test to break */
static struct fb_option options[4];
static const struct fb_plugin *copy;
static struct fb_error err;

static int
process(void *self, struct fb_step *step, struct fb_batch *batch,
        struct fb_error *error)
{
    (void)self, (void)step, (void)batch, (void)error;
    return 0;
}

static int
discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
         struct fb_error *error)
{
    (void)self, (void)step, (void)found, (void)arg, (void)error;
    return 0;
}

static int
notify(void *self, struct fb_step *step, const struct fb_report *report,
       struct fb_error *error)
{
    (void)self, (void)step, (void)report, (void)error;
    return 0;
}

static int
write_batch(void *self, struct fb_step *step, struct fb_batch *batch,
            struct fb_error *error)
{
    (void)self, (void)step, (void)batch, (void)error;
    return 0;
}

static void
setup(void)
{
    arena = arena_new();
    options[0] = (struct fb_option){
        .name = "text", FB_STRING(struct instance, text), .help = "Text."};
    options[1] = (struct fb_option){.name = "number",
                                    FB_INT(struct instance, number),
                                    .def = "1",
                                    .min = 1,
                                    .max = 9,
                                    .help = "A number."};
    options[2] = (struct fb_option){.name = "choice",
                                    FB_ENUM(struct instance, choice),
                                    .choices = colours,
                                    .help = "A colour."};
    options[3] = (struct fb_option){.name = NULL};
    given = (struct fb_plugin){
        FB_PLUGIN_HEAD,     .kind = FB_TRANSFORM,
        .name = "probe",    .summary = "Probes.",
        .options = options, .instance_size = sizeof(struct instance),
        .process = process};
    copy = NULL;
}

static void
teardown(void)
{
    arena_free(arena);
}

static void
accepts(const struct fb_plugin *plugin)
{
    ck_assert_msg(descriptor_copy(arena, plugin, &copy, &err) == 0, "%s",
                  err.message);
}

static void
refuses(const char *reason)
{
    ck_assert_int_eq(descriptor_copy(arena, &given, &copy, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_ptr_null(copy);
    ck_assert_msg(strstr(err.message, reason) != NULL, "'%s' not in '%s'",
                  reason, err.message);
}

/* --- sizes --- */

START_TEST(copies_a_valid_descriptor_with_its_options)
{
    accepts(&given);
    ck_assert_str_eq(copy->name, "probe");
    ck_assert(copy->process == process);
    ck_assert_ptr_ne(copy->options, options);
    ck_assert_str_eq(copy->options[1].name, "number");
    ck_assert_int_eq(copy->options[1].max, 9);
    ck_assert_ptr_null(copy->options[3].name);
}
END_TEST

/* The bytes behind what an old plugin has are not its own. */
START_TEST(zeroes_the_fields_that_an_older_plugin_lacks)
{
    given.size = offsetof(struct fb_plugin, flush);
    memset((unsigned char *)&given + given.size, 0xEE,
           sizeof(given) - given.size);
    accepts(&given);
    ck_assert(copy->process == process);
    ck_assert(copy->flush == NULL);
    ck_assert(copy->notify == NULL);
    ck_assert_uint_eq(copy->size, sizeof(struct fb_plugin));
}
END_TEST

START_TEST(drops_the_fields_that_a_newer_plugin_adds)
{
    struct {
        struct fb_plugin plugin;
        void *added[3];
    } newer = {.plugin = given, .added = {arena, arena, arena}};

    newer.plugin.size = sizeof(newer);
    accepts(&newer.plugin);
    ck_assert(copy->process == process);
    ck_assert_uint_eq(copy->size, sizeof(struct fb_plugin));
}
END_TEST

START_TEST(walks_options_in_steps_of_the_plugins_size)
{
    struct {
        struct fb_option option;
        const char *added;
    } newer[3] = {{options[0], "x"}, {options[1], "y"}, {options[3], NULL}};

    given.options = &newer[0].option;
    given.option_size = sizeof(newer[0]);
    accepts(&given);
    ck_assert_str_eq(copy->options[0].name, "text");
    ck_assert_str_eq(copy->options[1].name, "number");
    ck_assert_str_eq(copy->options[1].help, "A number.");
    ck_assert_ptr_null(copy->options[2].name);
    ck_assert_uint_eq(copy->option_size, sizeof(struct fb_option));
}
END_TEST

START_TEST(refuses_another_abi_and_names_both)
{
    given.abi = FB_ABI + 1;
    refuses("the plugin has ABI 2, this program has ABI 1");
}
END_TEST

START_TEST(refuses_sizes_that_cannot_be)
{
    static const uint32_t sizes[] = {0, 8, 4097, UINT32_MAX, 257};

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        given.size = sizes[i];
        refuses("which cannot be");
    }
}
END_TEST

START_TEST(refuses_option_sizes_that_cannot_be)
{
    static const uint32_t sizes[] = {0, 8, 1025, UINT32_MAX, 73};

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        given.option_size = sizes[i];
        refuses("which cannot be");
    }
}
END_TEST

START_TEST(refuses_options_that_do_not_end)
{
    struct fb_option *many =
        arena_array(arena, DESCRIPTOR_OPTIONS_MAX + 1, sizeof(*many));

    for (size_t i = 0; i <= DESCRIPTOR_OPTIONS_MAX; i++)
        many[i] = options[0];
    given.options = many;
    refuses("its options do not end");
}
END_TEST

START_TEST(refuses_an_instance_that_is_absurd)
{
    given.instance_size = SIZE_MAX;
    refuses("bytes an instance");
}
END_TEST

/* --- what it says of itself --- */

START_TEST(refuses_names_that_no_pipeline_should_hold)
{
    static const char *const names[] = {NULL,  "",     "Upper", "a b",
                                        "a/b", "a\nb", "a.b",   "\xff"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        given.name = names[i];
        refuses("is not of a-z, 0-9, _ and -");
    }
}
END_TEST

START_TEST(refuses_a_summary_that_is_not_one_line)
{
    static const char *const texts[] = {NULL, "", "two\nlines", "\x1b[31m",
                                        "\xff"};

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        given.summary = texts[i];
        refuses("has no summary of one line");
    }
}
END_TEST

START_TEST(refuses_a_kind_that_it_does_not_know)
{
    static const unsigned unknown[] = {0, 5, 1000};

    for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
        memcpy(&given.kind, &unknown[i], sizeof(given.kind));
        refuses("which this program does not know");
    }
}
END_TEST

START_TEST(refuses_what_is_no_scheme)
{
    static const char *const bad[] = {"",      "S3",     "3s",   "*",
                                      "*:sns", "arn:",   ":arn", "arn::sns",
                                      "a b",   "arn:s*", "s3://"};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        const char *const schemes[] = {"file", bad[i], NULL};

        given.schemes = schemes;
        refuses("is no uri scheme");
    }
}
END_TEST

START_TEST(accepts_the_schemes_that_there_are)
{
    static const char *const schemes[] = {"file",    "s3",    "arn:*:sns",
                                          "git+ssh", "x.y-z", NULL};

    given.schemes = schemes;
    accepts(&given);
}
END_TEST

START_TEST(refuses_a_scheme_given_twice)
{
    static const char *const schemes[] = {"file", "s3", "file", NULL};

    given.schemes = schemes;
    refuses("the scheme 'file' is given twice");
}
END_TEST

/* --- callbacks --- */

START_TEST(names_the_callback_that_a_source_lacks)
{
    given.kind = FB_SOURCE;
    refuses("plugin 'probe' is a source without read_bytes or read");
}
END_TEST

START_TEST(takes_a_source_that_only_lists_what_others_keep)
{
    given.kind = FB_SOURCE;
    given.flags = FB_LISTS_OTHERS;
    refuses("plugin 'probe' is a source without discover");
    given.discover = discover;
    accepts(&given);
}
END_TEST

START_TEST(names_the_callback_that_a_transform_lacks)
{
    given.process = NULL;
    refuses("plugin 'probe' is a transform without process");
}
END_TEST

START_TEST(names_the_callbacks_that_a_sink_lacks)
{
    given.kind = FB_SINK;
    refuses("plugin 'probe' is a sink without write_bytes or write");
    given.write = write_batch;
    refuses("plugin 'probe' is a sink without finish");
}
END_TEST

START_TEST(only_a_sink_finishes_last)
{
    given.flags = FB_LAST;
    refuses("plugin 'probe' says FB_LAST, which is for sinks");
}
END_TEST

START_TEST(names_the_callback_that_a_notifier_lacks)
{
    given.kind = FB_NOTIFIER;
    refuses("plugin 'probe' is a notifier without notify");
    given.notify = notify;
    accepts(&given);
}
END_TEST

/* --- options --- */

START_TEST(refuses_an_option_outside_the_instance)
{
    options[1].offset = sizeof(struct instance) - 4;
    refuses("option 'number' lies at byte");
    options[1].offset = SIZE_MAX;
    refuses("option 'number' lies at byte");
    given.instance_size = 0;
    refuses("option 'text' lies at byte 0 of an instance of 0");
}
END_TEST

START_TEST(refuses_an_option_where_its_type_cannot_lie)
{
    options[1].offset = offsetof(struct instance, number) + 4;
    refuses("where no integer can");
}
END_TEST

START_TEST(refuses_two_options_on_one_field)
{
    options[2].offset = options[1].offset;
    refuses("option 'choice' lies on the field of 'number'");
}
END_TEST

START_TEST(refuses_two_options_of_one_name)
{
    options[2].name = "text";
    refuses("option 'text' is given twice");
}
END_TEST

START_TEST(refuses_option_names_that_no_pipeline_should_hold)
{
    static const char *const names[] = {"", "a b", "a-b", "a.b", "\n"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        options[0].name = names[i];
        refuses("not of letters, digits and _");
    }
}
END_TEST

START_TEST(refuses_a_type_that_it_does_not_know)
{
    static const unsigned unknown[] = {0, 13, 1000};

    for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
        memcpy(&options[0].type, &unknown[i], sizeof(options[0].type));
        refuses("option 'text' is of type");
    }
}
END_TEST

START_TEST(refuses_an_option_without_help)
{
    options[0].help = NULL;
    refuses("option 'text' has no help");
}
END_TEST

START_TEST(refuses_a_default_of_what_is_required)
{
    options[1].flags = FB_REQUIRED;
    refuses("option 'number' is required and has a default");
}
END_TEST

START_TEST(refuses_an_enum_without_choices)
{
    static const char *const none[] = {NULL};

    options[2].choices = NULL;
    refuses("option 'choice' has no choices");
    options[2].choices = none;
    refuses("option 'choice' has no choices");
}
END_TEST

START_TEST(refuses_a_choice_given_twice)
{
    static const char *const twice[] = {"a", "b", "a", NULL};

    options[2].choices = twice;
    refuses("has the choice 'a' twice");
}
END_TEST

START_TEST(refuses_choices_of_what_cannot_have_them)
{
    options[0].choices = colours;
    refuses("option 'text' has choices and is no enum or list");
}
END_TEST

START_TEST(accepts_choices_for_the_items_of_a_list)
{
    options[0] = (struct fb_option){.name = "list",
                                    FB_LIST(struct instance, list),
                                    .choices = colours,
                                    .help = "Colours."};
    accepts(&given);
}
END_TEST

START_TEST(accepts_secrets_in_a_list)
{
    options[0] = (struct fb_option){.name = "list",
                                    FB_LIST(struct instance, list),
                                    .flags = FB_SECRETS,
                                    .help = "Secrets."};
    accepts(&given);
}
END_TEST

START_TEST(refuses_secrets_where_there_are_no_values_to_mask)
{
    options[0].flags = FB_SECRETS;
    refuses("option 'text' says FB_SECRETS");
    options[0] = (struct fb_option){.name = "list",
                                    FB_LIST(struct instance, list),
                                    .flags = FB_SECRETS,
                                    .choices = colours,
                                    .help = "Colours."};
    refuses("option 'list' says FB_SECRETS");
}
END_TEST

START_TEST(refuses_a_range_that_nothing_is_in)
{
    options[1].min = 10;
    refuses("option 'number' has a range from 10 to 9");
}
END_TEST

START_TEST(refuses_a_range_of_what_is_no_number)
{
    options[0].max = 5;
    refuses("option 'text' has a range and is no number");
}
END_TEST

START_TEST(has_a_word_for_each_type)
{
    ck_assert_str_eq(descriptor_type_name(FB_T_STRING), "string");
    ck_assert_str_eq(descriptor_type_name(FB_T_SECRET), "secret");
    ck_assert_ptr_null(descriptor_type_name((enum fb_type)0));
    for (unsigned i = FB_T_STRING; i <= FB_T_SECRET; i++)
        ck_assert_ptr_nonnull(descriptor_type_name((enum fb_type)i));
}
END_TEST

static TCase *
sizes_case(void)
{
    TCase *tc = tcase_create("sizes");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, copies_a_valid_descriptor_with_its_options);
    tcase_add_test(tc, zeroes_the_fields_that_an_older_plugin_lacks);
    tcase_add_test(tc, drops_the_fields_that_a_newer_plugin_adds);
    tcase_add_test(tc, walks_options_in_steps_of_the_plugins_size);
    tcase_add_test(tc, refuses_another_abi_and_names_both);
    tcase_add_test(tc, refuses_sizes_that_cannot_be);
    tcase_add_test(tc, refuses_option_sizes_that_cannot_be);
    tcase_add_test(tc, refuses_options_that_do_not_end);
    tcase_add_test(tc, refuses_an_instance_that_is_absurd);
    return tc;
}

static TCase *
words_case(void)
{
    TCase *tc = tcase_create("words and callbacks");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, refuses_names_that_no_pipeline_should_hold);
    tcase_add_test(tc, refuses_a_summary_that_is_not_one_line);
    tcase_add_test(tc, refuses_a_kind_that_it_does_not_know);
    tcase_add_test(tc, refuses_what_is_no_scheme);
    tcase_add_test(tc, accepts_the_schemes_that_there_are);
    tcase_add_test(tc, refuses_a_scheme_given_twice);
    tcase_add_test(tc, names_the_callback_that_a_source_lacks);
    tcase_add_test(tc, takes_a_source_that_only_lists_what_others_keep);
    tcase_add_test(tc, names_the_callback_that_a_transform_lacks);
    tcase_add_test(tc, names_the_callbacks_that_a_sink_lacks);
    tcase_add_test(tc, only_a_sink_finishes_last);
    tcase_add_test(tc, names_the_callback_that_a_notifier_lacks);
    return tc;
}

static TCase *
options_case(void)
{
    TCase *tc = tcase_create("options");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, refuses_an_option_outside_the_instance);
    tcase_add_test(tc, refuses_an_option_where_its_type_cannot_lie);
    tcase_add_test(tc, refuses_two_options_on_one_field);
    tcase_add_test(tc, refuses_two_options_of_one_name);
    tcase_add_test(tc, refuses_option_names_that_no_pipeline_should_hold);
    tcase_add_test(tc, refuses_a_type_that_it_does_not_know);
    tcase_add_test(tc, refuses_an_option_without_help);
    tcase_add_test(tc, refuses_a_default_of_what_is_required);
    tcase_add_test(tc, refuses_an_enum_without_choices);
    tcase_add_test(tc, refuses_a_choice_given_twice);
    tcase_add_test(tc, refuses_choices_of_what_cannot_have_them);
    tcase_add_test(tc, accepts_choices_for_the_items_of_a_list);
    tcase_add_test(tc, accepts_secrets_in_a_list);
    tcase_add_test(tc, refuses_secrets_where_there_are_no_values_to_mask);
    tcase_add_test(tc, refuses_a_range_that_nothing_is_in);
    tcase_add_test(tc, refuses_a_range_of_what_is_no_number);
    tcase_add_test(tc, has_a_word_for_each_type);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("descriptor");

    suite_add_tcase(suite, sizes_case());
    suite_add_tcase(suite, words_case());
    suite_add_tcase(suite, options_case());
    return suite;
}
