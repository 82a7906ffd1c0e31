"""What a CSV says, whatever its quoting: a digest of its cells, read by
python's csv, in the order of the file.

    rows_digest.py FILE
"""

import csv
import hashlib
import sys


def main(path):
    digest = hashlib.sha256()
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            digest.update(b"".join(b"%d:%s," % (len(cell), cell) for cell in
                                   [cell.encode() for cell in row]) + b"\n")
    print(digest.hexdigest())


if __name__ == "__main__":
    main(sys.argv[1])
