"""A running `forebay serve` for tests and for the measuring of it, and plain
HTTP over sockets: whole answers as bytes, nothing hidden by a client library.
It holds no test itself.
"""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import time


class Server:
    """`forebay serve` on a free port; stop() ends it."""

    def __init__(self, program, arguments, env=None, cwd=None, stderr=None):
        self.log = stderr
        self.process = subprocess.Popen(
            [program, "serve", *arguments], stdout=subprocess.PIPE,
            stderr=stderr or subprocess.PIPE, stdin=subprocess.DEVNULL,
            env=env, cwd=cwd)
        line = self.first_line()
        found = re.match(r"serving (https?)://(\S+):(\d+)/ \((.*)\)", line)
        if found is None:
            self.process.kill()
            raise AssertionError("no server: %r, %r" % (
                line, self.process.communicate()))
        self.scheme, self.host, self.who = found[1], found[2], found[4]
        self.port = int(found[3])

    def first_line(self):
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        return self.process.stdout.readline().decode() if ready else ""

    def connect(self, timeout=60):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def send(self, text, timeout=60):
        """Sends bytes; what comes back until the other side is done."""
        with self.connect(timeout) as s:
            s.sendall(text if isinstance(text, bytes) else text.encode())
            return read_answer(s)

    def get(self, target, method="GET", **headers):
        lines = ["%s %s HTTP/1.1" % (method, target)]
        headers.setdefault("Host", "127.0.0.1:%d" % self.port)
        headers.setdefault("Connection", "close")
        lines += ["%s: %s" % (name.replace("_", "-"), value)
                  for name, value in headers.items() if value is not None]
        return self.send("\r\n".join(lines) + "\r\n\r\n")

    def memory(self):
        """Bytes that are resident."""
        with open("/proc/%d/status" % self.process.pid,
                  encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) * 1024

    def is_sanitized(self):
        """Built with a sanitizer, whose allocator is another."""
        with open("/proc/%d/maps" % self.process.pid, encoding="utf-8",
                  errors="replace") as file:
            return re.search(r"lib[at]san", file.read()) is not None

    @contextlib.contextmanager
    def stopped(self):
        """Nothing is done meanwhile; what is sent waits for it."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def stop(self, number=signal.SIGTERM, timeout=60):
        """The exit status, and what was said on stderr (when it was not
        redirected)."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            _, said = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return self.process.returncode, (said or b"").decode()


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if raw else None
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()

    @property
    def text(self):
        return self.body.decode("utf-8")


def read_answer(s):
    """Until the other side closes."""
    raw = b""
    while True:
        try:
            more = s.recv(65536)
        except ConnectionResetError:
            break
        if not more:
            break
        raw += more
    return Answer(raw)


def wait_closed(s, seconds):
    """How long until the other side closed; None: it did not."""
    begin = time.monotonic()
    s.settimeout(seconds)
    try:
        while s.recv(65536):
            pass
    except ConnectionError:
        pass
    except (TimeoutError, OSError):
        return None
    return time.monotonic() - begin
