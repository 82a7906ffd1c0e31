"""Whether there is an engine to query with. It holds no test itself.

Set-up puts DuckDB's library beside the plugins of the build tree; without it
the tests that need one fail, unless FOREBAY_NO_DUCKDB is set.
"""

import os
import unittest

from forebay import BUILD

LIBRARY = os.path.join(BUILD, "plugins", "lib", "libduckdb.so")


def duckdb():
    """A decorator of test cases that query with DuckDB."""
    missing = (not os.path.exists(LIBRARY)
               and "FOREBAY_NO_DUCKDB" in os.environ)
    return unittest.skipIf(missing, "FOREBAY_NO_DUCKDB is set")
