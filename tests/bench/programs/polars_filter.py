"""The orders filter with Polars for python: lazy and streaming, every column
as text, all threads, the order of rows kept.

    polars_filter.py IN OUT
"""

import sys

import polars as pl


def main(source, target):
    dropped = pl.col("Status").str.strip_chars().str.to_lowercase().is_in(
        ["pending", "cancelled"])
    young = pl.col("OrderDate") > "2025-04-10"
    pl.scan_csv(source, infer_schema=False).filter(
        ~dropped | young).sink_csv(target, maintain_order=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
