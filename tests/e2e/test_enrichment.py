"""The shipped enrichment: five questions about the orders that passed.

Python works the answers out a second time, from the very files that the
queries read, with exact decimals; both must be equal to the last digit.
"""

import collections
import csv
import datetime
import decimal
import io
import math
import os
import random
import shutil
import unittest

import forebay
from engines import duckdb
from forebay import TOP

FILTER = os.path.join(TOP, "pipelines", "orders-filter.yaml")
ENRICH = os.path.join(TOP, "pipelines", "orders-enrichment.yaml")
SAMPLE = os.path.join(TOP, "pipelines", "samples", "orders.csv")
AS_OF = "2025-05-10"

CUSTOMERS = ["Alice", "Bob", "O'Brien, Pat", 'Say "Hi"', "表 太郎", "Zoë",
             "alice", " Ann ", "Émile", "X" * 40]
STATUSES = ["shipped", " Shipped", "CONFIRMED", "delivered ", "pending",
            "cancelled", "返品"]


def two_digits(value):
    return str(value.quantize(decimal.Decimal("0.01")))


def rounded(value):
    """ROUND(x, 2) of a double that is not negative, as printed."""
    text = repr(math.floor(value * 100 + 0.5) / 100)
    return text[:-2] if text.endswith(".0") else text


def orders_below(folder):
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8-sig",
                  newline="") as file:
            yield from csv.DictReader(file)


def answers(orders):
    """{query: [rows]} as the pipeline should answer."""
    total = collections.defaultdict(decimal.Decimal)
    count = collections.Counter()
    months = collections.defaultdict(lambda: [0, decimal.Decimal(0)])
    statuses = collections.defaultdict(lambda: [0, decimal.Decimal(0)])
    february = []
    for order in orders:
        amount = decimal.Decimal(order["Amount"])
        total[order["Customer"]] += amount
        count[order["Customer"]] += 1
        for groups, key in ((months, order["OrderDate"][:7]),
                            (statuses, order["Status"].strip(" ").lower())):
            groups[key][0] += 1
            groups[key][1] += amount
        date = datetime.date.fromisoformat(order["OrderDate"])
        if (date.year, date.month) == (2025, 2):
            february.append((-amount, order["OrderID"], order))
    customers = sorted(total, key=str.encode)
    return {
        "total_sales_by_customer": [["customer", "total_amount"]] + [
            [who, two_digits(total[who])] for who in customers],
        "monthly_orders_and_revenue":
            [["order_month", "order_count", "revenue"]] + [
                [month, str(n), two_digits(amount)]
                for month, (n, amount) in sorted(months.items())],
        "order_status": [["order_status", "order_count", "total_amount"]] + [
            [status, str(n), two_digits(amount)] for status, (n, amount)
            in sorted(statuses.items(), key=lambda item: item[0].encode())],
        "average_order_value":
            [["customer", "order_count", "average_amount"]] + [
                [who, str(count[who]),
                 rounded(float(total[who]) / count[who])]
                for who in customers],
        "top_orders_february_2025":
            [["orderid", "customer", "amount", "status", "orderdate"]] + [
                [number, order["Customer"], two_digits(-less),
                 order["Status"], order["OrderDate"]]
                for less, number, order
                in sorted(february, key=lambda row: row[:2])[:10]],
    }


def made_orders(count, seed):
    """A file of orders as shops write them, ties and odd names among them."""
    pick = random.Random(seed)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=pick.choice(("\n", "\r\n")))
    writer.writerow(["OrderID", "Customer", "Amount", "Status", "OrderDate"])
    for number in range(1, count + 1):
        date = datetime.date(2025, 1, 1) + datetime.timedelta(
            pick.randrange(120))
        amount = pick.choice(("100", "0.05", "%d.%02d" % (
            pick.randrange(2000), pick.randrange(100))))
        writer.writerow(["O%05d" % number, pick.choice(CUSTOMERS), amount,
                         pick.choice(STATUSES), date.isoformat()])
    return out.getvalue()


@duckdb()
class Enrichment(forebay.Case):
    def upload(self, content, name="orders.csv"):
        self.write("store/raw/" + name, content)

    def enrich(self):
        self.work(FILTER, "--as-of", AS_OF)
        return self.one(ENRICH, "--as-of", AS_OF)

    def rows_of(self, query):
        text = self.read("store/enriched/%s.csv" % query).decode("utf-8")
        return list(csv.reader(io.StringIO(text)))

    def assert_right(self):
        wanted = answers(orders_below(self.path("store/processed")))
        for query, rows in wanted.items():
            with self.subTest(query):
                self.assertEqual(self.rows_of(query), rows)
        tables = [name for name in self.files("store/enriched")
                  if name.endswith(".csv")]
        self.assertEqual(tables, sorted(query + ".csv" for query in wanted))

    def test_the_sample_orders(self):
        with open(SAMPLE, "rb") as file:
            self.upload(file.read())
        self.enrich()
        self.assert_right()
        self.assert_no_leftovers()

    def test_orders_of_many_shapes(self):
        for seed in range(3):
            with self.subTest(seed):
                self.upload(made_orders(4000, seed), "orders%d.csv" % seed)
                self.enrich()
                self.assert_right()

    def test_real_orders(self):
        corpora = forebay.corpora()
        if corpora is None:
            self.skipTest("no folder of real files")
        shutil.copytree(os.path.join(corpora, "orders-itcs6190"),
                        self.path("store/raw"))
        os.unlink(self.path("store/raw/SOURCE.txt"))
        self.enrich()
        self.assert_right()

    def test_an_order_of_nobody_gives_headers_alone(self):
        self.upload("OrderID,Customer,Amount,Status,OrderDate\n")
        self.enrich()
        self.assert_right()
        self.assertEqual(self.read("store/enriched/order_status.csv"),
                         b"order_status,order_count,total_amount\n")

    def test_runs_once_for_each_success_of_the_filter(self):
        self.upload(made_orders(50, 9))
        self.enrich()
        again = self.work(ENRICH, "--as-of", AS_OF)
        self.assertEqual(again.runs(), [])
        self.upload(made_orders(60, 10), "more.csv")
        self.enrich()
        self.assert_right()


if __name__ == "__main__":
    unittest.main()
