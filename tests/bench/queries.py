"""The shipped queries as a workload: the table and the five queries of
pipelines/orders-enrichment.yaml, by forebay and by DuckDB alone.
"""

import os
import re

import peers
from measure import Candidate
from setting import TOP

PIPELINE = os.path.join(TOP, "pipelines", "orders-enrichment.yaml")
QUERY = re.compile(r"^  (\w+):\n    type:.*\n(?:    title:.*\n)?"
                   r"    query: \|\n((?:      .*\n)+)", re.M)


def shipped():
    """The pipeline's text, and {name: query}."""
    with open(PIPELINE, encoding="utf-8") as file:
        text = file.read()
    return text, {name: re.sub("(?m)^      ", "", query)
                  for name, query in QUERY.findall(text)}


def alone(text):
    """The pipeline without its trigger, over the files of raw/, and without
    what shows the results."""
    text = re.sub(r"(?m)^trigger:.*\n", "", text)
    text = text.replace("/processed/", "/raw/").replace(
        "../schemas", os.path.join(TOP, "schemas"))
    return re.sub(r"(?m)^  dashboard:\n(    .*\n)*|^  dashboard:.*\n", "",
                  text)


def forebay():
    text, queries = shipped()

    def start(setting, source):
        store = setting.fresh("store")
        os.mkdir(os.path.join(store, "raw"))
        os.link(source, os.path.join(store, "raw", "orders.csv"))
        path = os.path.join(setting.fresh("queries"), "queries.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(alone(text))
        return peers.command(setting, path), {"STORE": store}, {
            name: os.path.join(store, "enriched", name + ".csv")
            for name in queries}

    return Candidate("forebay", start, same=tuple(queries), ours=True)


def duckdb(setting, name, make, **more):
    """Its own reader, with types and without sniffing, as a table or view."""
    _, queries = shipped()
    columns = {"orderid": "VARCHAR", "customer": "VARCHAR",
               "amount": "DOUBLE", "status": "VARCHAR", "orderdate": "DATE"}
    statements = [
        "SET preserve_insertion_order = false", "CREATE SCHEMA orders_db",
        "CREATE MACRO date_format(x, f) AS strftime(x, f)",
        "CREATE %s orders_db.processed AS SELECT * FROM read_csv('{in}', "
        "header = true, delim = ',', quote = '\"', auto_detect = false, "
        "columns = %s)" % (make, columns)]
    for query, text in queries.items():
        statements.append("COPY (%s) TO '{dir}/%s.csv' (FORMAT csv, HEADER)"
                          % (text, query))
    outputs = {query: query + ".csv" for query in queries}
    outputs["kept"] = "unused.csv"
    # DuckDB writes 506.0 for what leaves here as 506.
    same = tuple(q for q in queries if q != "average_order_value")
    return peers.duckdb(setting, *statements, name=name, same=same,
                        counted=("average_order_value",), outputs=outputs,
                        **more)
