"""The data of the benchmark: orders, made by a seeded generator.

    data.py KIND ROWS FILE       write so many rows of a kind
    data.py large BYTES FILE     rows of "orders", again and again

Kinds: orders (UTF-8; every tenth row has a quoted cell), cp932 (the same with
Japanese customers, in code page 932), refusals (one row in a hundred breaks a
rule of schemas/orders.yaml), quoted (every cell is), wide (200 columns).

The same kind and number give the same bytes on every machine and python: only
random() and getrandbits() are asked, whose sequence python promises. It is run
as a process of its own, so that the memory it takes is not bench.py's.
"""

import csv
import datetime
import io
import os
import random
import struct
import sys

HEADER = ("OrderID", "Customer", "Amount", "Status", "OrderDate")
TAILS = 4096  # different rows, but for their number
WIDTH = 200
WIDE_STATUS, WIDE_DATE = 149, 150  # columns, from 0
NUMBER = "#"  # where a row has its number; in nothing else

FIRST = ("Alice", "Bob", "Charlie", "Dave", "Erika", "Farid", "Süleyman",
         "Grace", "Heidi", "Ivan", "Judy", "Mallory", "Zoë", "Jörg")
LAST = ("Adams", "Baker", "Castellanos", "Demir", "Eriksson", "Featherstone",
        "García Márquez", "Hopper", "Ishikawa", "Jørgensen", "Kowalczyk",
        "Lindqvist", "van der Meer", "Nakamura")
# 表, ソ, 能 and 十 end in the byte of a backslash in code page 932, and ポ in
# that of a vertical bar: what splits bytes without knowing them breaks here.
FAMILY = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "表", "能登", "十河",
          "長谷川", "ソニア商会", "株式会社ポプラ", "ﾔﾏﾀﾞ商店")
GIVEN = ("太郎", "花子", "一郎", "さくら", "ケン", "美咲", "健一", "あおい",
         "東京支店", "大阪本社")
# Seven of ten stay, or are younger than the filter's thirty days.
STATUSES = ("confirmed", "shipped", "delivered", "pending", "cancelled",
            "confirmed", "shipped", "Pending ", "Cancelled", "delivered")
BAD = (  # a broken rule each: pattern, required, number, minimum, date
    ("OrderID", "X" + NUMBER), ("OrderID", ""), ("Amount", "n/a"),
    ("Amount", "-3.50"), ("Amount", ""), ("OrderDate", "2025-02-30"),
    ("OrderDate", "10.02.2025"), ("Customer", "x" * 101), ("Status", ""))


class Source:
    """Choices out of what python promises never to change."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def below(self, limit):
        return int(self.rng.random() * limit)

    def of(self, options):
        return options[self.below(len(options))]

    def numbers(self, count):
        """So many of 0 to TAILS - 1, quickly."""
        bits = self.rng.getrandbits(16 * count).to_bytes(2 * count, "little")
        return [n % TAILS for n in struct.unpack("<%dH" % count, bits)]


def line_of(cells, quoting=csv.QUOTE_MINIMAL):
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\n").writerow(cells)
    return text.getvalue()


def customer(source, kind, number):
    """Every tenth needs quotes, and of these every twentieth more quotes."""
    japanese = kind == "cp932"
    first = source.of(GIVEN if japanese else FIRST)
    last = source.of(FAMILY if japanese else LAST)
    if number % 200 == 0:
        return '%s "%s" %s' % (last, first, "様" if japanese else "Esq.")
    if number % 10 == 0:
        return "%s, %s" % (last, first)
    return ("%s　%s" if japanese else "%s %s") % (
        (last, first) if japanese else (first, last))


def order(source, kind, number):
    day = datetime.date(2025, 1, 1) + datetime.timedelta(source.below(129))
    row = {"OrderID": "O" + NUMBER,
           "Customer": customer(source, kind, number),
           "Amount": "%.2f" % (5 + 89990 * source.rng.random()),
           "Status": source.of(STATUSES), "OrderDate": str(day)}
    if kind == "refusals" and number % 100 == 7:
        name, value = BAD[number // 100 % len(BAD)]
        row[name] = value
    return [row[name] for name in HEADER]


def wide_order(source, number):
    """Numbers, codes and a few words, as tables of many columns are."""
    row = []
    for column in range(WIDTH):
        shape = column % 4
        if shape == 0:
            row.append("%d" % source.below(1000000))
        elif shape == 1:
            row.append("%.2f" % (1000 * source.rng.random()))
        elif shape == 2:
            row.append(source.of(LAST))
        else:
            row.append("")
    plain = order(source, "orders", number)
    row[0], row[1] = plain[0], plain[1]
    row[WIDE_STATUS], row[WIDE_DATE] = plain[3], plain[4]
    return row


def wide_header():
    names = ["c%03d" % column for column in range(WIDTH)]
    names[0], names[1] = "OrderID", "Customer"
    names[WIDE_STATUS], names[WIDE_DATE] = "Status", "OrderDate"
    return names


def rows_of(kind):
    """The header and the TAILS different rows, as text."""
    source = Source("forebay " + kind)
    quoting = csv.QUOTE_ALL if kind == "quoted" else csv.QUOTE_MINIMAL
    if kind == "wide":
        return line_of(wide_header()), [
            line_of(wide_order(source, n)) for n in range(TAILS)]
    return line_of(HEADER, quoting), [
        line_of(order(source, kind, n), quoting) for n in range(TAILS)]


def write(kind, rows, file):
    charset = "cp932" if kind == "cp932" else "utf-8"
    header, tails = rows_of(kind)
    source = Source("forebay order of " + kind)
    file.write(header.encode(charset))
    for begin in range(0, rows, 10000):
        picked = source.numbers(min(10000, rows - begin))
        file.write("".join([
            tails[pick].replace(NUMBER, "%09d" % (begin + at), 1)
            for at, pick in enumerate(picked)]).encode(charset))


def write_large(size, file):
    text = io.BytesIO()
    write("orders", 300000, text)
    header, _, rows = text.getvalue().partition(b"\n")
    file.write(header + b"\n")
    while file.tell() < size:
        file.write(rows)


KINDS = ("orders", "cp932", "refusals", "quoted", "wide")


def main(kind, count, path):
    if kind not in KINDS + ("large",):
        sys.exit("data: there is no '%s'" % kind)
    with open(path + ".new", "wb") as file:
        if kind == "large":
            write_large(int(count), file)
        else:
            write(kind, int(count), file)
    os.rename(path + ".new", path)


if __name__ == "__main__":
    main(*sys.argv[1:])
