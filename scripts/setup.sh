#!/bin/sh
# Installs the Debian packages that a part of the project needs, when they
# are missing, and says which. It builds nothing and removes nothing.
#
#   scripts/setup.sh PART...    parts: build demo check lint fuzz bench
#
# "demo" also fetches DuckDB's library into $DEPS (build/deps), the engine of
# queries; what of it cannot be had is said, and shown without.
# "check" fetches it too, for it is also the oracle of the expression tests,
# and moto, the emulator of AWS, into $DEPS/venv when no python3 has the
# version that tests/requirements.txt pins.
# "bench" also fetches peers to measure beside: DuckDB's library and Polars.
# What of them cannot be had is said, and measured without.
set -eu

DEPS=${DEPS:-build/deps}

# The newest that each architecture has; the SQL they are asked is old.
DUCKDB_VERSION_x64=1.5.6-r.1
DUCKDB_SHA512_x64=21772b64913a904a8cd19e30c1d5671811d7fdface4b7dd53cd0300d743f43e16cf386f4e7c41ef78721ac208870d2651bc6375072145387817824315b998dd5
DUCKDB_VERSION_arm64=1.5.5-r.5
DUCKDB_SHA512_arm64=09a7c7d8022f5eda700f29c6dca07fe2e10e1d11a516807b6ae091308c07dc128d2286ec00d5792d2a43277b5fc9108522c2ba7bc013d5eb1e5959eed83bf773

POLARS_VERSION=0.26.1
POLARS_SHA512=9ce59136bc0f0257b528fdb0f9f8fdbf550351959b3d4dfbbae2261779a7b50c8b814bc9e814e3efe81d477b26287c2d9b4b76c58e5f6c55284698f71686d9a9
POLARS_SHA512_x64=d2ca56e329eceb65f0f83efb40f0a10684f589bee352aac94647da348086d58f1627799a549e318dfdca4f7bbef7336299bfec25c3c67564abda0132a409c9b6

packages_for() {
    case $1 in
    build)
        echo gcc libc6-dev pkg-config libyaml-dev libcsv-dev \
            libsqlite3-dev libjansson-dev libpcre2-dev libutf8proc-dev \
            zlib1g-dev libzstd-dev tzdata libmicrohttpd-dev libcrypt-dev \
            libcurl4-openssl-dev libssl-dev libexpat1-dev
        ;;
    demo)
        packages_for build
        if [ ! -e "$DEPS/libduckdb.so" ] && ! command -v npm >/dev/null; then
            echo nodejs npm ca-certificates
        fi
        ;;
    check)
        packages_for build
        echo check python3 g++ systemd
        echo chromium fonts-roboto-unhinted fonts-ipafont-gothic
        if [ ! -e "$DEPS/libduckdb.so" ] && ! command -v npm >/dev/null; then
            echo nodejs npm ca-certificates
        fi
        find_moto || echo python3-venv ca-certificates
        ;;
    lint)
        packages_for build
        echo check clang-format clang-tidy cppcheck
        ;;
    fuzz)
        packages_for build
        echo clang libclang-rt-dev llvm
        ;;
    bench)
        packages_for build
        echo python3 mawk miller
        if ! command -v npm >/dev/null; then
            echo nodejs npm ca-certificates
        fi
        ;;
    *)
        echo "setup: unknown part '$1'" >&2
        echo "hint: the parts are build, demo, check, lint, fuzz, bench" >&2
        exit 2
        ;;
    esac
}

is_installed() {
    dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null |
        grep -qx installed
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "setup: cannot install packages: not root, and no sudo" >&2
        echo "hint: as root, run: apt-get install$missing" >&2
        exit 1
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

# A fresh machine has no package lists, and an old one may have stale ones.
install_packages() {
    for package; do
        if ! apt-cache show "$package" >/dev/null 2>&1; then
            apt update
            break
        fi
    done
    apt install --no-install-recommends "$@" && return
    apt update
    apt install --no-install-recommends "$@"
}

find_moto() {
    FOREBAY_DEPS=$DEPS python3 tests/e2e/moto_python.py >/dev/null 2>&1
}

# With pip's own settings: where packages come from is for the machine to say.
fetch_moto() {
    echo "setup: installing what tests/requirements.txt names" \
        "into $DEPS/venv"
    rm -rf "$DEPS/venv"
    mkdir -p "$DEPS"
    if /usr/bin/python3 -m venv "$DEPS/venv" &&
        "$DEPS/venv/bin/pip" install --quiet -r tests/requirements.txt &&
        find_moto; then
        return
    fi
    echo "setup: cannot install the emulator of AWS, which the tests need" >&2
    echo "hint: any python3 on PATH will do that has what" \
        "tests/requirements.txt names" >&2
    exit 1
}

# fetch_npm NAME@VERSION SHA512: the package into a new folder, $work, and
# only when it is, byte for byte, the one that is pinned.
fetch_npm() {
    echo "setup: fetching $1"
    mkdir -p "$DEPS"
    work=$(mktemp -d "$DEPS/npm.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    if ! npm pack --loglevel=error --pack-destination "$work" "$1" \
        >/dev/null; then
        echo "setup: cannot fetch '$1'" >&2
        return 1
    fi
    envelope=$(find "$work" -name '*.tgz')
    if ! echo "$2  $envelope" | sha512sum --check --status; then
        echo "setup: '$1' is not the package that was pinned:" \
            "its sha512 differs" >&2
        return 1
    fi
    tar -xzf "$envelope" -C "$work" --no-same-owner
}

# The npm package is only the envelope: one shared library is taken out.
fetch_duckdb() {
    case $(uname -m) in
    x86_64)
        arch=x64 version=$DUCKDB_VERSION_x64 want=$DUCKDB_SHA512_x64
        ;;
    aarch64)
        arch=arm64 version=$DUCKDB_VERSION_arm64 want=$DUCKDB_SHA512_arm64
        ;;
    *)
        echo "setup: no DuckDB library for '$(uname -m)':" \
            "what compares with it is skipped" >&2
        return
        ;;
    esac
    if ! fetch_npm "@duckdb/node-bindings-linux-$arch@$version" "$want"; then
        echo "hint: put DuckDB's libduckdb.so into $DEPS by hand, or run" \
            "'make run-check' without it" >&2
        return 1
    fi
    mv "$work/package/LICENSE" "$DEPS/libduckdb.LICENSE"
    mv "$work/package/libduckdb.so" "$DEPS/libduckdb.so"
    rm -rf "$work"
}

# Polars for node: its script, and the library that the script loads.
fetch_polars() {
    if [ "$(uname -m)" != x86_64 ]; then
        echo "setup: no Polars for '$(uname -m)'" >&2
        return
    fi
    modules=$DEPS/polars/node_modules
    mkdir -p "$modules"
    fetch_npm "nodejs-polars-linux-x64-gnu@$POLARS_VERSION" \
        "$POLARS_SHA512_x64" || return 1
    rm -rf "$modules/nodejs-polars-linux-x64-gnu"
    mv "$work/package" "$modules/nodejs-polars-linux-x64-gnu"
    rm -rf "$work"
    fetch_npm "nodejs-polars@$POLARS_VERSION" "$POLARS_SHA512" || return 1
    mv "$work/package" "$modules/nodejs-polars"
    rm -rf "$work"
}

fetch_peers() {
    if [ ! -e "$DEPS/libduckdb.so" ]; then
        fetch_duckdb || echo "setup: going on without DuckDB" >&2
    fi
    if [ ! -e "$DEPS/polars/node_modules/nodejs-polars" ]; then
        fetch_polars || echo "setup: going on without Polars" >&2
    fi
}

[ $# -gt 0 ] || set -- build

wanted=$(for part; do packages_for "$part"; done)

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: this is not Debian or Ubuntu; nothing was installed" >&2
    echo "hint: the needed packages, by their names in Debian 12:" >&2
    echo "$wanted" | tr ' ' '\n' | sort -u | sed 's/^/  /' >&2
    echo "hint: with them in place, run 'make' or 'make run-check'" >&2
    exit 1
fi

missing=
for package in $(echo "$wanted" | tr ' ' '\n' | sort -u); do
    is_installed "$package" || missing="$missing $package"
done
if [ -n "$missing" ]; then
    echo "setup: installing$missing"
    # shellcheck disable=SC2086 # a list of names, without spaces in them
    install_packages $missing
fi

for part; do
    if [ "$part" = check ] && [ ! -e "$DEPS/libduckdb.so" ]; then
        fetch_duckdb
    fi
    if [ "$part" = demo ] && [ ! -e "$DEPS/libduckdb.so" ]; then
        fetch_duckdb || echo "setup: going on without DuckDB" >&2
    fi
    if [ "$part" = check ] && ! find_moto; then
        fetch_moto
    fi
    if [ "$part" = bench ]; then
        fetch_peers
    fi
done
