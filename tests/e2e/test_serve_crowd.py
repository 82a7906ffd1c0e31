"""`forebay serve` when many come at once: memory, waiting, being turned away.

What is counted are answers and pages of memory, never seconds.
"""

import re
import resource
import time

import forebay
from test_serve import PIPELINE, TOKEN, Serving

KIB = 1 << 10


class Line:
    """A connection that is kept for the next request."""

    def __init__(self, server, **headers):
        self.s = server.connect(timeout=8)  # idle ones are cut off after 10
        self.more = "".join("%s: %s\r\n" % item for item in headers.items())
        self.pending = b""

    def ask(self, target="/healthz"):
        self.s.sendall(("GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % (
            target, self.more)).encode())

    def take(self, until):
        while not until():
            more = self.s.recv(65536)
            if not more:
                raise AssertionError("closed after %r" % self.pending)
            self.pending += more

    def answer(self):
        """The status and head of the next answer; its body is passed over."""
        self.take(lambda: b"\r\n\r\n" in self.pending)
        head, _, self.pending = self.pending.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)\ncontent-length: (\d+)", head)[1])
        self.take(lambda: len(self.pending) >= length)
        self.pending = self.pending[length:]
        return int(head.split()[1]), head.decode().lower()

    def close(self):
        self.s.close()


class Crowd(Serving):
    def setUp(self):
        super().setUp()
        self.pipeline = self.write("shop.yaml", PIPELINE.replace(
            "out/${trigger.name}", "out/${trigger.stem}.html"))
        self.upload()
        self.work(self.pipeline)

    def descriptors(self, count):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft >= count:
            return
        if hard < count:
            self.skipTest("only %d files may be open" % hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE,
                        (soft, hard))

    def settled(self, question):
        """Whether it comes true soon: a server has to see who is gone."""
        until = time.monotonic() + 8
        while time.monotonic() < until:
            if question():
                return True
            time.sleep(0.05)
        return False

    def lines(self, count, **headers):
        made = [Line(self.server, **headers) for _ in range(count)]
        for line in made:
            self.addCleanup(line.close)
        return made


class Memory(Crowd):
    def crowd(self, count, rounds):
        """So many come, ask for every page, and go."""
        lines = self.lines(count)
        for number in range(rounds):
            for index, line in enumerate(lines):
                line.ask(self.targets[(number + index) % len(self.targets)])
            self.assertEqual({line.answer()[0] for line in lines}, {200})
        for line in lines:
            line.close()

    def test_it_does_not_grow_with_requests_or_connections(self):
        self.serve()
        if self.server.is_sanitized():
            self.skipTest("a sanitizer keeps what was freed")
        self.targets = ["/", "/runs", "/metrics", "/style.css", *re.findall(
            r'href="(/(?:runs|dashboards)/[^"]+)"', self.page("/"))]
        self.assertEqual(len(self.targets), 6)
        for _ in range(20):
            self.crowd(10, 6)
        time.sleep(1)  # those who left are forgotten
        before = self.server.memory()
        for _ in range(10):
            self.crowd(150, 6)
        # A heap for each thread, or one that connections lie in, takes
        # several MiB for these.
        self.settled(lambda: self.server.memory() - before < 512 * KIB)
        self.assertLess(self.server.memory() - before, 1024 * KIB)


class Waiting(Crowd):
    def test_any_number_of_requests_at_once_is_answered_at_once(self):
        """libmicrohttpd takes 128 events at a time, and must not wait for the
        129th. How many of them one thread gets is chance, so all numbers are
        tried; while it is stopped, what is sent comes in as one."""
        self.serve()
        lines = self.lines(300)
        for line in lines:
            line.ask()
            self.assertEqual(line.answer()[0], 200)
        for count in range(120, len(lines)):
            with self.server.stopped():
                for line in lines[:count]:
                    line.ask()
            for line in lines[:count]:
                self.assertEqual(line.answer()[0], 200)

    def test_more_than_there_are_places_for_wait_and_are_answered(self):
        self.descriptors(1300)
        self.serve()
        lines = self.lines(1100)
        for line in lines:
            line.ask()
        for line in lines:
            self.assertEqual(line.answer()[0], 200)
            line.close()


class Turned(Crowd):
    def test_one_address_gets_its_share_and_is_told_of_it(self):
        self.serve("--token-file", self.token_file(), listen="0.0.0.0:0")
        token = {"Authorization": "Bearer " + TOKEN}
        served = self.lines(64, **token)
        for line in served:
            line.ask()
            self.assertEqual(line.answer()[0], 200)
        extra, stranger = self.lines(1, **token)[0], self.lines(1)[0]
        extra.ask()
        status, head = extra.answer()
        self.assertEqual(status, 503)
        self.assertIn("\r\nretry-after: 5", head)
        self.assertIn("\r\nconnection: close", head)
        stranger.ask()
        status, head = stranger.answer()
        self.assertEqual(status, 401)
        self.assertIn("\r\nconnection: close", head)
        for line in served:  # who had a place keeps it
            line.ask()
            self.assertEqual(line.answer()[0], 200)
        served.pop().close()
        self.assertTrue(self.settled(
            lambda: self.server.get("/healthz", **token).status == 200))


if __name__ == "__main__":
    forebay.unittest.main()
