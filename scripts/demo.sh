#!/bin/sh
# Runs the shipped orders pipeline on the shipped sample, in a store of its
# own, and shows what came out. It needs a finished build and nothing else.
#
#   scripts/demo.sh [BUILD]
set -eu

BUILD=${1:-build}
demo=$BUILD/demo

# A fresh store each time: a second run on the old one has nothing due.
rm -rf "$demo"
mkdir -p "$demo/store/raw"
cp pipelines/samples/orders.csv "$demo/store/raw/"

set -- run pipelines/orders-filter.yaml --ignore-window --as-of 2025-05-10 \
    --state "$demo/state"
echo "\$ STORE=$demo/store $BUILD/forebay $*"
STORE=$demo/store "$BUILD/forebay" "$@"

out=$demo/store/processed/filtered_orders.csv
echo
echo "\$ head -n 6 $out"
head -n 6 "$out"

refused=$demo/store/refused/orders.csv
if [ -s "$refused" ]; then
    echo
    echo "\$ head -n 4 $refused"
    head -n 4 "$refused"
fi
