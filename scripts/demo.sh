#!/bin/sh
# Runs the shipped orders pipelines on the shipped sample, in a store of its
# own, and shows what came out. It needs a finished build; without DuckDB's
# library it filters, and asks no questions.
#
#   scripts/demo.sh [BUILD]
set -eu

BUILD=${1:-build}
demo=$BUILD/demo
pipelines="pipelines/orders-filter.yaml pipelines/orders-enrichment.yaml"
if [ ! -e "$BUILD/plugins/lib/libduckdb.so" ]; then
    pipelines=pipelines/orders-filter.yaml
fi

# The first lines of a file, as somebody would look at them.
show() {
    echo
    echo "\$ head -n $1 $2"
    head -n "$1" "$2"
}

# A fresh store each time: a second run on the old one has nothing due.
rm -rf "$demo"
mkdir -p "$demo/store/raw"
cp pipelines/samples/orders.csv "$demo/store/raw/"

# shellcheck disable=SC2086 # a list of names, without spaces in them
set -- run $pipelines --ignore-window --as-of 2025-05-10 --state "$demo/state"
echo "\$ STORE=$demo/store $BUILD/forebay $*"
STORE=$demo/store "$BUILD/forebay" "$@"

show 6 "$demo/store/processed/filtered_orders.csv"
if [ -s "$demo/store/refused/orders.csv" ]; then
    show 4 "$demo/store/refused/orders.csv"
fi
for result in "$demo"/store/enriched/*.csv; do
    [ ! -e "$result" ] || show 4 "$result"
done
echo
case $pipelines in
*enrichment*)
    echo "Open this page in a browser:"
    echo "  $demo/store/enriched/dashboard.html"
    ;;
*)
    echo "demo: orders-enrichment was left out: DuckDB's library is missing"
    ;;
esac
