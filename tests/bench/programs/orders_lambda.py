"""The orders filter as a Lambda function is commonly written: the whole body
in memory, decoded, a dictionary for each row, a date parsed for each row, the
result in a StringIO. The two calls to S3 are a file read and a file written.

    orders_lambda.py IN OUT
"""

import csv
import datetime
import io
import sys

AS_OF = datetime.datetime(2025, 5, 10)  # datetime.now() in a real one


def handler(event, read_object, write_object):
    body = read_object(event["key"])
    reader = csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""))
    cutoff = AS_OF - datetime.timedelta(days=30)
    output = io.StringIO()
    writer = csv.DictWriter(output, fieldnames=reader.fieldnames,
                            lineterminator="\n")
    writer.writeheader()
    kept = 0
    for row in reader:
        status = row["Status"].strip().lower()
        ordered = datetime.datetime.strptime(row["OrderDate"], "%Y-%m-%d")
        if status not in ("pending", "cancelled") or ordered > cutoff:
            writer.writerow(row)
            kept += 1
    write_object(output.getvalue().encode("utf-8"))
    return {"statusCode": 200, "kept": kept}


def main(source, target):
    def read_object(key):
        with open(key, "rb") as file:
            return file.read()

    def write_object(body):
        with open(target, "wb") as file:
            file.write(body)

    handler({"key": source}, read_object, write_object)


if __name__ == "__main__":
    main(*sys.argv[1:])
