/*
 * The main() of every Check program: it runs the one suite its test file
 * makes. It is not a list of the tests; the Makefile finds the files.
 */
#include "unit/main.h"

#include <stdlib.h>

/* CK_VERBOSITY, CK_RUN_CASE and CK_FORK in the environment choose otherwise. */
int
main(void)
{
    SRunner *runner = srunner_create(make_suite());
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
