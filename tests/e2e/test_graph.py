"""`forebay graph`: every step and every edge, in both languages."""

import glob
import os
import re
import unittest

import forebay
from forebay import TOP

PIPELINE = """\
pipeline: drawn
trigger: {uri: "${STORE}/raw/*.csv"}
tables: {shop.orders: {location: "${STORE}/t"}}
sources: {upload: {uri: "${trigger.uri}"}}
transforms:
  small: {type: filter, where: "x < 'y'"}
  big:   {type: filter, where: "x > 'y'", inputs: upload}
sinks:
  each:    {uri: "${STORE}/${step.input}.csv", inputs: [small, big]}
  refused: {uri: "${STORE}/a\\"b<c>&d#e`f.csv", inputs: upload.rejected}
notifiers: {ops: {uri: "https://hooks.example.com/s3cr3t"}}
"""


class Graph(forebay.Case):
    def graph(self, text=PIPELINE, *flags, **more):
        return self.forebay("graph", self.write("p.yaml", text), *flags,
                            **more)

    def test_mermaid_has_every_step_and_edge(self):
        lines = self.graph().out.replace(self.store, "STORE").splitlines()
        self.assertEqual(lines[0], "flowchart LR")
        self.assertEqual(sorted(lines[1:]), sorted([
            '  t0[["shop.orders<br/>STORE/t/"]]',
            '  s0[/"upload<br/>file: STORE/raw/*.csv"/]',
            '  s1["small<br/>filter"]',
            '  s2["big<br/>filter"]',
            '  s3[("each[small]<br/>file: STORE/small.csv")]',
            '  s4[("each[big]<br/>file: STORE/big.csv")]',
            '  s5[("refused<br/>file: STORE/a#quot;b#lt;c#gt;#amp;d#35;e#96;f'
            '.csv")]',
            '  s6>"ops<br/>webhook"]',
            '  trigger(["trigger<br/>STORE/raw/*.csv"])',
            "  trigger -. starts .-> s0", "  s0 --> s1", "  s0 --> s2",
            "  s1 --> s3", "  s2 --> s4", "  s0 -. rejected .-> s5"]))

    def test_dot_has_the_same(self):
        def edges(out):
            return sorted(re.findall(r"^  (\w+) -.*?> (\w+)", out, re.M))
        mermaid = self.graph().out
        dot = self.graph(PIPELINE, "--format", "dot").out
        self.assertEqual(edges(dot), edges(mermaid))
        self.assertEqual(len(edges(dot)), 6)
        self.assertEqual(len(re.findall(r"^  \w+ \[shape=", dot, re.M)), 9)
        self.assertIn('  s0 -> s5 [style=dashed, label="rejected"];\n', dot)
        self.assertIn('a\\"b<c>&d#e`f.csv"];', dot)
        self.assertTrue(dot.startswith('digraph "drawn" {\n'))
        self.assertTrue(dot.endswith("}\n"))

    def test_a_query_is_drawn_behind_the_tables(self):
        out = self.forebay("graph", os.path.join(
            TOP, "pipelines", "orders-enrichment.yaml")).out
        self.assertEqual(len(re.findall(r"^  t0 -\. may query \.-> s\d+$", out,
                                        re.M)), 5)
        self.assertIn('  trigger(["after<br/>orders-filter"])\n', out)

    def test_a_table_is_drawn_behind_the_sink_that_registers_it(self):
        text = PIPELINE.replace("{shop.orders:", "{shop.x: {location: x},\n"
                                "  shop.orders:").replace("notifiers:", (
                                    "  catalogue: {type: glue, inputs: small,"
                                    " table: shop.orders}\nnotifiers:"))
        out = self.graph(text).out
        self.assertIn('  s6[("catalogue<br/>glue")]\n', out)
        self.assertIn("  s6 -. registers .-> t1\n", out)
        self.assertEqual(out.count("registers"), 1)
        dot = self.graph(text, "--format", "dot").out
        self.assertIn('  s6 -> t1 [style=dashed, label="registers"];\n', dot)

    def test_secrets_are_not_drawn(self):
        self.write("key", "s3cr3t")
        os.chmod(self.path("key"), 0o600)
        key = "${file:%s}" % self.path("key")
        text = PIPELINE.replace("${STORE}/t", key + "/t").replace(
            "${STORE}/${step.input}", key + "/${step.input}").replace(
                '"${trigger.uri}"', '"%s/x.csv"' % key)
        for flags in ((), ("--format", "dot")):
            out = self.graph(text, *flags).out
            for shown in ("****/t", "****/small.csv", "****/x.csv"):
                self.assertIn(shown, out)
            self.assertNotIn("s3cr3t", out)

    def test_a_pipeline_with_mistakes_is_not_drawn(self):
        run = self.graph(PIPELINE.replace("filter", "fliter", 1), status=78)
        self.assertEqual(run.out, "")
        self.assertIn("did you mean 'filter'?", run.err)

    def test_every_shipped_pipeline_is_drawn(self):
        for path in glob.glob(os.path.join(TOP, "pipelines", "*.yaml")):
            self.assertIn("-->", self.forebay("graph", path).out)


if __name__ == "__main__":
    unittest.main()
