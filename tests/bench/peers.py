"""What bench.py runs beside forebay, each in a process of its own.

    peers.py orders ROWS FILE            make orders like the shipped sample's
    peers.py csv IN OUT                  the orders filter with python's csv
    peers.py duckdb LIBRARY IN OUT       the same with DuckDB, through ctypes

A process of its own, so that its time and memory are its own, too. Nothing
here is part of the tests.
"""

import csv
import ctypes
import datetime
import random
import sys

AS_OF = "2025-05-10"
SINCE = "2025-04-10"  # AS_OF minus 30 days
DROPPED = ("pending", "cancelled")

NAMES = ("Alice", "Bob", "Charlie", "Dave", "Erika", "Farid", "Süleyman",
         "Grace", "Heidi", "Ivan", "Judy", "Mallory")
STATUSES = ("confirmed", "shipped", "delivered", "pending", "cancelled")


def make_orders(rows, path):
    """The same bytes for the same number of rows, on every machine."""
    rng = random.Random(2025)
    first = datetime.date(2025, 1, 1)
    tails = [",%s,%.2f,%s,%s\n" % (
        rng.choice(NAMES), rng.uniform(5, 900), rng.choice(STATUSES),
        first + datetime.timedelta(days=rng.randrange(129)))
        for _ in range(4096)]
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("OrderID,Customer,Amount,Status,OrderDate\n")
        for begin in range(0, rows, 10000):
            file.write("".join(
                "O%08d%s" % (i, tails[rng.getrandbits(12)])
                for i in range(begin, min(begin + 10000, rows))))


def filter_csv(source, target):
    with open(source, encoding="utf-8", newline="") as rows, \
            open(target, "w", encoding="utf-8", newline="") as kept:
        reader = csv.reader(rows)
        writer = csv.writer(kept, lineterminator="\n")
        header = next(reader)
        status, date = header.index("Status"), header.index("OrderDate")
        writer.writerow(header)
        for row in reader:
            if row[status].strip().lower() not in DROPPED \
                    or row[date] > SINCE:
                writer.writerow(row)


class DuckDBResult(ctypes.Structure):
    """duckdb_result; only its address and its size matter here."""
    _fields_ = [("opaque", ctypes.c_uint64 * 6)]


def filter_duckdb(library, source, target):
    lib = ctypes.CDLL(library)
    lib.duckdb_result_error.restype = ctypes.c_char_p
    database, connection = ctypes.c_void_p(), ctypes.c_void_p()
    result = DuckDBResult()
    if lib.duckdb_open(None, ctypes.byref(database)) != 0 or \
            lib.duckdb_connect(database, ctypes.byref(connection)) != 0:
        sys.exit("peers: cannot open DuckDB")
    query = (
        "COPY (SELECT * FROM read_csv('%s', header = true, delim = ',', "
        "quote = '\"', columns = {'OrderID': 'VARCHAR', "
        "'Customer': 'VARCHAR', 'Amount': 'VARCHAR', 'Status': 'VARCHAR', "
        "'OrderDate': 'DATE'}) "
        "WHERE lower(trim(Status)) NOT IN ('pending', 'cancelled') "
        "OR OrderDate > DATE '%s' - INTERVAL '30' DAY) "
        "TO '%s' (FORMAT csv, HEADER)" % (
            source.replace("'", "''"), AS_OF, target.replace("'", "''")))
    if lib.duckdb_query(connection, query.encode(),
                        ctypes.byref(result)) != 0:
        sys.exit("peers: DuckDB: %s" %
                 lib.duckdb_result_error(ctypes.byref(result)).decode())
    lib.duckdb_destroy_result(ctypes.byref(result))
    lib.duckdb_disconnect(ctypes.byref(connection))
    lib.duckdb_close(ctypes.byref(database))


def main(arguments):
    if arguments[0] == "orders":
        make_orders(int(arguments[1]), arguments[2])
    elif arguments[0] == "csv":
        filter_csv(*arguments[1:])
    elif arguments[0] == "duckdb":
        filter_duckdb(*arguments[1:])
    else:
        sys.exit("peers: there is no '%s'" % arguments[0])


if __name__ == "__main__":
    main(sys.argv[1:])
