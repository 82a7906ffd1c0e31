"""`forebay serve` under many who look at once: no request may fail, and
memory must not grow with their number of requests.
"""

import asyncio
import os
import re
import sys
import tempfile
import time

from measure import measure
from setting import MIB, SHIPPED, TOP, Failed
from workloads import small_files

sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))

from serving import Server  # noqa: E402  pylint: disable=wrong-import-position

CLIENTS = 200
# An output that ends in .html, whatever it holds, is a dashboard.
PIPELINE = """\
pipeline: pages
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}", on_reject: drop}}
sinks: {page: {uri: "${STORE}/pages/${trigger.stem}.html"}}
"""


class Crowd:
    """Clients that ask again as soon as they have their answer."""

    def __init__(self, port, targets, until):
        self.port = port
        self.targets = targets
        self.until = until
        self.answers = 0
        self.bytes = 0
        self.errors = []
        self.slowest = 0.0

    async def ask(self, reader, writer, target):
        begin = time.monotonic()
        writer.write(("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                      % target).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                      if line.lower().startswith(b"content-length:"))
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200 ") or not body:
            raise Failed("%s: %s" % (target, head.split(b"\r\n")[0].decode()))
        self.answers += 1
        self.bytes += len(head) + len(body)
        self.slowest = max(self.slowest, time.monotonic() - begin)

    async def client(self, number):
        """One in four comes anew for every request."""
        keeps = number % 4 != 0
        writer = None
        try:
            while time.monotonic() < self.until:
                if writer is None:
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", self.port, limit=MIB)
                await self.ask(reader, writer,
                               self.targets[number % len(self.targets)])
                number += 1
                if not keeps:
                    writer.close()
                    writer = None
            if writer is not None:
                writer.close()
        except (OSError, asyncio.IncompleteReadError, Failed) as why:
            self.errors.append(repr(why))

    async def all(self):
        await asyncio.gather(*(self.client(i) for i in range(CLIENTS)))


def crowd(port, targets, seconds):
    made = Crowd(port, targets, time.monotonic() + seconds)
    asyncio.run(made.all())
    return made


def look(server, history, seconds):
    targets = ["/", "/runs", "/metrics", "/healthz", "/style.css",
               "/runs?outcome=done&days=7", *history]
    crowd(server.port, targets, seconds / 6)  # what is kept is there now
    before = server.memory()
    made = crowd(server.port, targets, seconds)
    after = server.memory()
    if made.errors:
        raise Failed("%d of %d clients failed: %s" % (
            len(made.errors), CLIENTS, made.errors[0]))
    return {"requests a second": made.answers / seconds,
            "errors": len(made.errors),
            "slowest ms": 1000 * made.slowest,
            "MiB before": before / MIB, "MiB after": after / MIB,
            "growth MiB": max(0, after - before) / MIB}


def serve(setting, seconds=None):
    """seconds: how long; for tests."""
    seconds = seconds or (5 if setting.quick else 30)
    store, _ = small_files(setting, 150)
    pipeline = os.path.join(setting.work, "pages.yaml")
    with open(pipeline, "w", encoding="utf-8") as file:
        file.write(PIPELINE)
    env = dict(os.environ, STORE=store, NOTIFY="log:")
    state = setting.fresh("state")
    os.chmod(state, 0o755)  # whatever the umask is
    for name in (SHIPPED, pipeline):
        measure(setting, [setting.program, "run", name, "--ignore-window",
                          "--state", state], env)
    with tempfile.TemporaryFile() as log:
        server = Server(setting.program, ["--state", state, "--listen",
                                          "127.0.0.1:0", SHIPPED, pipeline],
                        env=env, cwd=TOP, stderr=log)
        try:
            figures = look(server, dashboards(server), seconds)
        finally:
            status, _ = server.stop()
    if status != 0:
        raise Failed("forebay serve ended with %d" % status)
    return {"title": "serve: %d clients at once for %d s" % (CLIENTS, seconds),
            "figures": figures}


def dashboards(server):
    """The pages that the list of pipelines leads to, and the newest run."""
    found = re.findall(r'href="(/(?:dashboards|runs)/[^"]+)"',
                       server.get("/").text)
    if not any(target.startswith("/dashboards/") for target in found):
        raise Failed("no dashboard is listed")
    return found
