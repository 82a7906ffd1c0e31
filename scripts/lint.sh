#!/bin/sh
# Reads every C file it is given with clang-format, clang-tidy and cppcheck,
# all three to the end, and fails when any of them found something. It
# changes nothing: `make format` does.
#
#   HOST_CFLAGS=... JOBS=2 scripts/lint.sh FILE...
set -u

JOBS=${JOBS:-2}
# shellcheck disable=SC2089 # the quotes are the compiler's, not the shell's
flags="-std=gnu17 -Ihost -Ihost/include -Itests -Iplugins ${HOST_CFLAGS:-}
    -D_FORTIFY_SOURCE=0 -DFB_VERSION=\"lint\" -DFB_PLUGIN_DIR=\"/lint\""
status=0

[ $# -gt 0 ] || { echo "lint: no files were named" >&2; exit 2; }

echo "  clang-format"
clang-format --dry-run -Werror "$@" || status=1

# A header is read through the sources that include it (HeaderFilterRegex).
echo "  clang-tidy"
# shellcheck disable=SC2086,SC2090 # a list of flags
printf '%s\n' "$@" | grep '\.c$' |
    xargs -P "$JOBS" -I FILE clang-tidy --quiet FILE -- $flags \
        2>/dev/null || status=1

echo "  cppcheck"
# The two suppressed ones: functions that tests or other rooms will call, and
# a header of the system that cppcheck was not shown.
cppcheck --quiet --std=c17 --language=c -j "$JOBS" --error-exitcode=1 \
    --enable=warning,performance,portability --inline-suppr \
    --suppress=unusedFunction --suppress=missingIncludeSystem \
    --template='{file}:{line}:{column}: {severity}: {message} [{id}]' \
    -Ihost -Ihost/include -Itests -Iplugins \
    -DFB_VERSION='"lint"' -DFB_PLUGIN_DIR='"/lint"' "$@" || status=1

exit $status
