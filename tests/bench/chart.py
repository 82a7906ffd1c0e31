"""The chart of docs/performance.svg: for each workload that has peers, the
time of each as a multiple of forebay's, on one logarithmic axis. Bars begin
at 1, which is forebay: to the right is slower, to the left is faster.

    chart.py RESULTS.json OUT.svg

It knows nothing of how figures are measured. Colours follow the reader's
light or dark scheme; the figures stand in the text alternative as well.
"""

import json
import math
import sys
from xml.sax.saxutils import escape

PANELS = ("filter", "cp932", "quoted", "wide", "validate")
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500,
         1000)

WIDTH = 760
LEFT, RIGHT = 200, 104  # room for names, and for the figures of the longest
TOP, BOTTOM = 74, 40
ROW, HEAD, GAP = 22, 30, 16  # heights: a line, a panel's title, between panels

STYLE = """
  .ground { fill: #ffffff }
  text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif;
         fill: #1f2328;
         stroke: #ffffff; stroke-width: 4px; paint-order: stroke }
  .title { font-size: 17px; font-weight: 600 }
  .panel, .base { font-weight: 600 }
  .quiet { fill: #59636e; font-size: 12px }
  .grid { stroke: #d8dee4 }
  .one { stroke: #59636e }
  .slower { fill: #7b8fa6 }
  .faster { fill: #b3541e }
  .ours { fill: #1a7f5a }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 }
    text { fill: #e6edf3; stroke: #0d1117 }
    .quiet { fill: #9198a1 }
    .grid { stroke: #2a313a }
    .one { stroke: #9198a1 }
    .slower { fill: #6e8cb0 }
    .faster { fill: #e08a4f }
    .ours { fill: #3fb68b }
  }
"""


def short(value):
    """Two or three digits: 0.64, 1.0, 4.7, 86."""
    return "%.0f" % value if value >= 19.95 else \
        "%.1f" % value if value >= 0.995 else "%.2f" % value


def seconds(value):
    return "%.1f s" % value if value >= 9.95 else "%.2f s" % value


class Axis:
    """Ratios to places; its ends are the ticks around all values."""

    def __init__(self, values, left, right):
        low, high = min(values), max(values)
        self.first = max([t for t in TICKS if t <= low] or [TICKS[0]])
        self.last = min([t for t in TICKS if t >= high] or [TICKS[-1]])
        if self.first == self.last:
            self.last = TICKS[TICKS.index(self.first) + 1]
        self.left, self.right = left, right

    def ticks(self):
        return [t for t in TICKS if self.first <= t <= self.last]

    def at(self, ratio):
        held = min(max(ratio, self.first), self.last)
        part = math.log(held / self.first) / math.log(self.last / self.first)
        return self.left + part * (self.right - self.left)


def panels_of(results):
    """(title, rows that were measured) for each panel that there is."""
    found = []
    for name in PANELS:
        record = results["workloads"].get(name, {})
        rows = [row for row in record.get("rows", ())
                if "missing" not in row]
        if len(rows) > 1:
            found.append((record["title"], sorted(
                rows, key=lambda row: row["ratio"]["wall"])))
    return found


def text(x, y, content, kind="", anchor="start"):
    return '<text x="%.1f" y="%.1f"%s%s>%s</text>' % (
        x, y, ' class="%s"' % kind if kind else "",
        ' text-anchor="%s"' % anchor if anchor != "start" else "",
        escape(content))


def bar(axis, y, row):
    ratio = row["ratio"]["wall"]
    one, here = axis.at(1), axis.at(ratio)
    base = row["name"] == "forebay"
    kind = "ours" if row["ours"] else "slower" if ratio >= 1 else "faster"
    label = "%sx · %s" % (short(ratio), seconds(row["wall"]))
    mark = '<circle class="ours" cx="%.1f" cy="%.1f" r="6"/>' % (one, y) \
        if base else \
        '<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="12" ' \
        'rx="2"/>' % (kind, min(one, here) - 1, y - 6, abs(here - one) + 2)
    return [
        text(LEFT - 12, y + 4, row["name"], "base" * base, "end"), mark,
        text(max(one, here) + 10, y + 4, label, "quiet")]


def alternative(panels):
    """All that the picture says, in words."""
    return " ".join("%s: %s." % (title, ", ".join(
        "%s %sx (%s)" % (row["name"], short(row["ratio"]["wall"]),
                         seconds(row["wall"])) for row in rows))
        for title, rows in panels)


def draw(results):
    """The SVG for what bench.py wrote."""
    panels = panels_of(results)
    axis = Axis([1.0] + [row["ratio"]["wall"] for _, rows in panels
                         for row in rows], LEFT, WIDTH - RIGHT)
    parts, y = [], TOP
    for title, rows in panels:
        parts.append(text(LEFT, y + 14, title, "panel"))
        y += HEAD
        for row in rows:
            parts += bar(axis, y + ROW / 2, row)
            y += ROW
        y += GAP
    height = y - GAP + BOTTOM
    grid = []
    for tick in axis.ticks():
        x = axis.at(tick)
        grid.append('<line class="%s" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>'
                    % ("one" if tick == 1 else "grid", x, x, TOP,
                       height - BOTTOM + 4))
        grid.append(text(x, height - BOTTOM + 20, "%gx" % tick, "quiet",
                         "middle"))
    about = results["machine"]
    return "\n".join([
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
        'width="%d" height="%d" role="img" aria-labelledby="title desc">' % (
            WIDTH, height, WIDTH, height),
        '<title id="title">Wall time of programs doing the same work, as '
        'multiples of forebay\'s</title>',
        '<desc id="desc">%s</desc>' % escape(alternative(panels)),
        "<style>%s</style>" % STYLE,
        '<rect class="ground" width="100%" height="100%"/>',
        text(24, 32, "Wall time, forebay = 1", "title"),
        text(24, 54, "%s, %d cores; medians; logarithmic: to the right is "
             "slower than forebay, to the left faster" % (
                 about["cpu"], about["cores"]), "quiet")]
        + grid + parts + ["</svg>", ""])


def main(results, target):
    with open(results, encoding="utf-8") as file:
        picture = draw(json.load(file))
    with open(target, "w", encoding="utf-8") as file:
        file.write(picture)


if __name__ == "__main__":
    main(*sys.argv[1:])
