"""Servers on this machine that stand for the services a run tells: they
record what comes and answer what the test says. They know no service.
"""

import base64
import http.server
import os
import socketserver
import ssl
import threading

PEM = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                   "localhost.pem")


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    return context


class _Threading(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A client that hangs up is no news: tests look at what came."""


class Listener:
    """A server on a thread, from `with` to the end of it."""

    def __init__(self, handler, tls=False, host="127.0.0.1"):
        self.server = _Threading((host, 0), handler)
        self.server.owner = self
        if tls:
            self.server.socket = tls_context().wrap_socket(
                self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(
            target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Request:
    def __init__(self, method, path, headers, body):
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body


class Http(Listener):
    """Answers with self.answers, one (status, headers, body) each, and with
    the last of them for ever; self.requests is what came."""

    def __init__(self, *answers, tls=False, host="127.0.0.1"):
        super().__init__(_HttpHandler, tls, host)
        self.answers = list(answers) or [(200, {}, b"")]
        self.requests = []
        self.url = "%s://%s:%d" % ("https" if tls else "http", host,
                                   self.port)

    def next_answer(self):
        if len(self.answers) > 1:
            return self.answers.pop(0)
        return self.answers[0]


class _HttpHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        owner = self.server.owner
        size = int(self.headers.get("Content-Length", 0))
        request = Request(self.command, self.path, self.headers,
                          self.rfile.read(size))
        owner.requests.append(request)
        answer = owner.next_answer()
        if callable(answer):
            answer = answer(request)
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST

    def log_message(self, *_):
        """Silence: the default writes to standard error."""


class Letter:
    def __init__(self, sender):
        self.sender = sender
        self.to = []
        self.data = b""
        self.encrypted = False
        self.user = None


class Smtp(Listener):
    """Takes letters into self.letters. `refuse` gives commands an answer of
    their own: {"RCPT": "451 later"}; `login` is the (user, password) that is
    asked for; self.commands is every line that came, but for letters."""

    def __init__(self, tls=False, starttls=False, login=None, refuse=None):
        super().__init__(_SmtpHandler, tls)
        self.starttls = starttls
        self.login = login
        self.refuse = dict(refuse or {})
        self.letters = []
        self.commands = []
        self.url = "%s://127.0.0.1:%d" % ("smtps" if tls else "smtp",
                                          self.port)


class _SmtpHandler(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.owner = self.server.owner
        self.user = None
        self.encrypted = isinstance(self.request, ssl.SSLSocket)
        self.letter = None
        self.say("220 ready")
        while True:
            line = self.rfile.readline().decode().rstrip("\r\n")
            if not line:
                return
            self.owner.commands.append(line)
            verb = line.split(" ")[0].upper()
            if verb in self.owner.refuse:
                self.say(self.owner.refuse[verb])
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                getattr(self, "on_" + verb, self.on_unknown)(line)

    def finish(self):
        super().finish()
        if self.encrypted:
            self.request.close()

    def on_unknown(self, _):
        self.say("502 unknown")

    def on_EHLO(self, _):
        offers = ["localhost"]
        if self.owner.starttls and not self.encrypted:
            offers.append("STARTTLS")
        if self.owner.login:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            self.say("250-" + offer)
        self.say("250 " + offers[-1])

    def on_STARTTLS(self, _):
        self.say("220 go ahead")
        self.request = tls_context().wrap_socket(self.request,
                                                 server_side=True)
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb", 0)
        self.encrypted = True

    def on_AUTH(self, line):
        words = line.split(" ")
        if len(words) == 2:
            self.say("334 ")
            words.append(self.rfile.readline().decode().strip())
        _, user, password = base64.b64decode(words[2]).decode().split("\0")
        if (user, password) == self.owner.login:
            self.user = user
            self.say("235 welcome")
        else:
            self.say("535 5.7.8 bad password " + password)

    def on_MAIL(self, line):
        if self.owner.login and self.user is None:
            self.say("530 log in first")
            return
        self.letter = Letter(line)
        self.letter.encrypted = self.encrypted
        self.letter.user = self.user
        self.say("250 ok")

    def on_RCPT(self, line):
        self.letter.to.append(line.split("<")[1].split(">")[0])
        self.say("250 ok")

    def on_DATA(self, _):
        self.say("354 go on")
        lines = []
        while True:
            line = self.rfile.readline()
            if line in (b".\r\n", b""):
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.letter.data = b"".join(lines)
        if "." in self.owner.refuse:
            self.say(self.owner.refuse["."])
            return
        self.owner.letters.append(self.letter)
        self.say("250 taken")
