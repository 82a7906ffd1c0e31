"""Statements for DuckDB's library, through ctypes: it needs no package of
python's, and no program of DuckDB's.

    duckdb_query.py LIBRARY STATEMENT...

Threads and memory are left to DuckDB: it takes all cores.
"""

import ctypes
import sys


class Result(ctypes.Structure):
    """duckdb_result; only its address and its size matter here."""
    _fields_ = [("opaque", ctypes.c_uint64 * 6)]


def main(library, *statements):
    lib = ctypes.CDLL(library)
    lib.duckdb_result_error.restype = ctypes.c_char_p
    database, connection = ctypes.c_void_p(), ctypes.c_void_p()
    if lib.duckdb_open(None, ctypes.byref(database)) != 0 or \
            lib.duckdb_connect(database, ctypes.byref(connection)) != 0:
        sys.exit("duckdb_query: cannot open DuckDB")
    for statement in statements:
        result = Result()
        if lib.duckdb_query(connection, statement.encode(),
                            ctypes.byref(result)) != 0:
            sys.exit("duckdb_query: %s" % lib.duckdb_result_error(
                ctypes.byref(result)).decode())
        lib.duckdb_destroy_result(ctypes.byref(result))
    lib.duckdb_disconnect(ctypes.byref(connection))
    lib.duckdb_close(ctypes.byref(database))


if __name__ == "__main__":
    main(*sys.argv[1:])
