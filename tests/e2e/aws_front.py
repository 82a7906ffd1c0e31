"""Stands before an emulator of AWS and is strict where the emulator is not:
it judges signatures, clocks, session tokens and checksums as AWS does, and
can fail on purpose. What passes it is for the emulator to answer.

Every request is in `requests`; what was refused is also in `refused`, which a
test expects to be empty unless it provokes it.

Faults: `fault(n, kind)` hits the n-th request from now (1 is the next).
"before" cuts its connection before it has an effect, "after" when it has had
its effect and before its answer is sent; a number is answered as a status.
"""

import base64
import email.utils
import hashlib
import hmac
import http.client
import http.server
import json
import re
import socket
import struct
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

import sigv4
from checksums import COMPUTE, checksum

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\S+?)/(\d{8})/([a-z0-9-]+)/([a-z0-9]+)/"
    r"aws4_request, ?SignedHeaders=(\S+?), ?Signature=([0-9a-f]{64})")
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length",
       "expect", "date", "server"}
CODES = {500: "InternalError", 503: "ServiceUnavailable"}
SPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class Refused(Exception):
    def __init__(self, status, code, message="", **more):
        super().__init__("%s %s" % (code, message))
        self.status = status
        self.code = code
        self.message = message
        self.more = more  # further elements of the answer


class Key:
    """Who may sign. With a token it is temporary: `expires` is the time."""

    def __init__(self, secret, token=None, expires=None):
        self.secret = secret
        self.token = token
        self.expires = expires


class Request:
    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body
        self.arguments = dict(urllib.parse.parse_qsl(
            self.query, keep_blank_values=True))
        self.service = self.region = self.key = None
        self.status = None  # as answered, or the kind of the fault

    def __repr__(self):
        return "%s %s %s -> %s" % (self.service, self.method, self.target,
                                   self.status)


class Front:
    """Listens on 127.0.0.1 from the start on, until stop()."""

    def __init__(self, port, region):
        self.upstream = port
        self.region = region
        self.keys = {}
        self.skew = 0  # seconds that this clock is ahead
        self.lock = threading.Lock()
        self.parts = {}  # of uploads: upload id -> {number: body}
        self.forget()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.front = self
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(
            target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def forget(self):
        with self.lock:
            self.requests = []
            self.refused = []
            self.faults = {}
            self.before = None  # called with each request, before judging

    def fault(self, number, kind):
        with self.lock:
            self.faults[len(self.requests) + number] = kind

    def seen(self, method="", pattern=""):
        """The requests of that kind."""
        with self.lock:
            return [r for r in self.requests
                    if method in ("", r.method)
                    and re.search(pattern, r.target)]

    def now(self):
        return time.time() + self.skew

    def take(self, request):
        """The fault for a request that came, if any."""
        with self.lock:
            self.requests.append(request)
            return self.faults.pop(len(self.requests), None)

    # --- judging ---

    def judge(self, request):
        match = AUTHORIZATION.fullmatch(
            request.headers.get("authorization", ""))
        if not match:
            raise Refused(403, "AccessDenied", "not signed")
        key, day, region, service, names, signature = match.groups()
        request.service, request.region, request.key = service, region, key
        identity = self.identify(request)
        self.judge_clock(request, day)
        self.judge_region(request)
        names = names.split(";")
        judge_names(request, names)
        payload = judge_payload(request)
        canonical = sigv4.canonical_request(
            request.method, request.target, request.headers, names, payload,
            service)
        expected = sigv4.signature(
            identity.secret, (day, region, service),
            request.headers["x-amz-date"], canonical)
        if not hmac.compare_digest(expected, signature):
            raise Refused(403, "SignatureDoesNotMatch", canonical)
        self.judge_checksums(request)

    def identify(self, request):
        identity = self.keys.get(request.key)
        if identity is None:
            raise Refused(403, "InvalidAccessKeyId"
                          if request.service == "s3"
                          else "InvalidClientTokenId", request.key)
        if request.headers.get("x-amz-security-token") != identity.token:
            raise Refused(400, "InvalidToken", "not the token of this key")
        if identity.expires is not None and self.now() > identity.expires:
            raise Refused(400, "ExpiredToken", "expired")
        return identity

    def judge_clock(self, request, day):
        date = request.headers.get("x-amz-date", "")
        if not re.fullmatch(r"\d{8}T\d{6}Z", date) or date[:8] != day:
            raise Refused(403, "SignatureDoesNotMatch", "date: " + date)
        then = email.utils.parsedate_to_datetime(
            time.strftime("%a, %d %b %Y %H:%M:%S GMT",
                          time.strptime(date, "%Y%m%dT%H%M%SZ"))).timestamp()
        away = abs(then - self.now())
        if request.service == "s3" and away > 900:
            raise Refused(403, "RequestTimeTooSkewed", date)
        if request.service != "s3" and away > 300:
            raise Refused(403, "SignatureDoesNotMatch",
                          "Signature expired: " + date)

    def judge_region(self, request):
        if request.region == self.region:
            return
        if request.service == "s3":
            raise Refused(400, "AuthorizationHeaderMalformed",
                          "the region '%s' is wrong; expecting '%s'" % (
                              request.region, self.region),
                          Region=self.region)
        raise Refused(403, "SignatureDoesNotMatch", "of another region")

    def judge_checksums(self, request):
        """Of what is stored, in parts or whole; each that is there fits."""
        if request.service != "s3":
            return
        upload = request.arguments.get("uploadId")
        body = request.body
        if request.method == "POST" and upload is not None:
            body = self.assemble(request, upload)
        elif request.method != "PUT":
            return
        elif upload is not None:
            number = int(request.arguments["partNumber"])
            with self.lock:
                self.parts.setdefault(upload, {})[number] = body
        count = 0
        for name, value in request.headers.items():
            kind = name.removeprefix("x-amz-checksum-")
            if kind != name and kind in COMPUTE:
                count += 1
                if checksum(kind, body) != value:
                    raise Refused(400, "BadDigest", name)
        if count != 1 and "x-amz-copy-source" not in request.headers:
            raise Refused(400, "InvalidRequest",
                          "%d checksums instead of one" % count)

    def assemble(self, request, upload):
        with self.lock:
            parts = self.parts.get(upload, {})
        try:
            body = b"".join(
                parts[int(part.findtext(SPACE + "PartNumber"))]
                for part in ET.fromstring(request.body).findall(
                    SPACE + "Part"))
        except KeyError as number:
            raise Refused(400, "InvalidPart", str(number)) from None
        size = request.headers.get("x-amz-mp-object-size")
        if size is not None and int(size) != len(body):
            raise Refused(400, "InvalidRequest", "size: " + size)
        return body


def judge_names(request, names):
    if names != sorted(names):
        raise Refused(400, "AuthorizationHeaderMalformed", "not sorted")
    for name in request.headers:
        if (name.startswith("x-amz-") or name == "host") \
                and name not in names:
            raise Refused(403, "AccessDenied", "not signed: " + name)
    for name in names:
        if name not in request.headers:
            raise Refused(403, "SignatureDoesNotMatch", "not sent: " + name)
    if "+" in request.query:
        raise Refused(400, "InvalidURI", "a space or a plus?")


def judge_payload(request):
    """What is signed for the body, which must be what the body is."""
    computed = hashlib.sha256(request.body).hexdigest()
    said = request.headers.get("x-amz-content-sha256")
    if said is None and request.service == "s3":
        raise Refused(400, "InvalidRequest", "no x-amz-content-sha256")
    if said not in (None, computed):
        raise Refused(400, "XAmzContentSHA256Mismatch", said)
    md5 = request.headers.get("content-md5")
    if md5 is not None and md5 != base64.b64encode(
            hashlib.md5(request.body).digest()).decode("ascii"):
        raise Refused(400, "BadDigest", "Content-MD5")
    return computed


# --- the server ------------------------------------------------------------

def document_of(request, why):
    """An error as the service would word it: media type and text."""
    if "x-amz-target" in request.headers:
        return "application/x-amz-json-1.0", json.dumps(
            {"__type": why.code, "message": why.message})
    elements = "".join("<%s>%s</%s>" % (name, escape(text), name)
                       for name, text in [("Code", why.code),
                                          ("Message", why.message),
                                          *why.more.items()])
    text = "<Error>%s<RequestId>FRONT</RequestId></Error>" % elements
    if request.service not in (None, "s3"):
        text = ("<ErrorResponse><Error><Type>Sender</Type>%s</Error>"
                "<RequestId>FRONT</RequestId></ErrorResponse>" % elements)
    return "text/xml", text


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A client that hangs up is no news: tests look at what came."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet

    def log_message(self, *_):
        """Silence: the default writes to standard error."""

    def handle_expect_100(self):
        """The client waits for this: it must not stay in the buffer."""
        done = super().handle_expect_100()
        self.wfile.flush()
        return done

    def cut(self):
        """Reset rather than close: the client must not wait."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def give(self, request, status, headers, body):
        request.status = status
        self.send_response_only(status)
        self.send_header("Date", email.utils.formatdate(
            self.server.front.now(), usegmt=True))
        for name, value in headers:
            self.send_header(name, value)
        if self.command != "HEAD" and status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def refuse(self, request, why):
        kind, text = document_of(request, why)
        self.give(request, why.status,
                  [("Content-Type", kind), ("x-amz-request-id", "FRONT")],
                  text.encode("utf-8"))

    def forward(self, request):
        """The emulator's answer: status, headers, body."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.server.front.upstream, timeout=60)
        connection.putrequest(request.method, request.target,
                              skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            if name not in HOP:
                connection.putheader(name, value)
        if request.body or request.method in ("PUT", "POST"):
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        headers = [(name, value) for name, value in answer.getheaders()
                   if name.lower() not in HOP
                   or (request.method == "HEAD"
                       and name.lower() == "content-length")]
        return answer.status, headers, body

    def answer(self):
        front = self.server.front
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(
            self.command, self.path,
            {name.lower(): value for name, value in self.headers.items()},
            body)
        fault = front.take(request)
        if front.before is not None:
            front.before(request)
        try:
            front.judge(request)
        except Refused as why:
            with front.lock:
                front.refused.append(why)
            self.refuse(request, why)
            return
        if fault in CODES:
            self.refuse(request, Refused(fault, CODES[fault]))
        elif fault is None:
            self.give(request, *self.forward(request))
        else:
            if fault == "after":
                self.forward(request)
            request.status = fault
            self.cut()

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer
