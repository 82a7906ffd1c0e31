"""An S3 in memory, on 127.0.0.1, for tests: strict where it matters and able
to fail on purpose. It is not an emulator for other uses: it knows path-style
requests of one account, and what the plugin asks for.

Strict: every request must carry a valid SigV4 signature over every x-amz-*
header, the right x-amz-content-sha256, a date that is right, and checksums
that fit; an upload without its checksum, or completed with a wrong size, is
refused. What is not implemented is answered with 501, and remembered in
`surprises`, which a test expects to be empty.

Faults: `fault(n, "before")` cuts the connection of the n-th request from now
(1 is the next) before it has an effect, "after" when it has taken effect but
before its answer is sent; `fault(n, code)` answers 503 with that code.
"""

import base64
import datetime
import email.utils
import hashlib
import hmac
import http.server
import re
import socket
import struct
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

KEY = "AKIAFAKEFAKEFAKEFAKE"
SECRET = "canary/fake/secret/0123456789abcdefghijk"
REGION = "us-east-1"
NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
PART_MIN = 5 << 20


# --- checksums -------------------------------------------------------------

def make_table(polynomial):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (polynomial if byte & 1 else 0)
        table.append(byte)
    return table


CRC32C = make_table(0x82F63B78)
CRC64NVME = make_table(0x9A6C9329AC4BC9B5)
known = {}  # the same bytes come again and again, and python is slow


def crc(table, mask, data):
    value = mask
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ mask


def checksum(name, data):
    key = (name, hashlib.sha256(data).digest())
    if key not in known:
        known[key] = compute(name, data)
    return known[key]


def compute(name, data):
    if name == "crc32c":
        packed = struct.pack(">I", crc(CRC32C, 0xFFFFFFFF, data))
    elif name == "crc64nvme":
        packed = struct.pack(">Q", crc(CRC64NVME, (1 << 64) - 1, data))
    elif name == "sha256":
        packed = hashlib.sha256(data).digest()
    else:
        raise Refused(501, "NotImplemented", "checksum " + name)
    return base64.b64encode(packed).decode("ascii")


# --- what is stored --------------------------------------------------------

class Stored:
    """One content of one key."""

    def __init__(self, data, headers, etag, sums, now):
        self.data = data
        self.headers = headers  # those that HEAD gives back
        self.etag = etag
        self.sums = sums  # name -> value
        self.modified = now
        self.version = None


class Upload:
    def __init__(self, key, headers, algorithm, now):
        self.key = key
        self.headers = headers
        self.algorithm = algorithm
        self.initiated = now
        self.parts = {}  # number -> (etag, data, checksum)


class Refused(Exception):
    def __init__(self, status, code, message="", condition=""):
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.condition = condition


class Store:
    """A bucket, and the requests about it."""

    def __init__(self, bucket="bucket", versioned=False):
        self.bucket = bucket
        self.versioned = versioned
        self.lock = threading.RLock()
        self.objects = {}
        self.versions = {}  # (key, version) -> Stored
        self.uploads = {}
        self.requests = []  # (method, target)
        self.surprises = []
        self.faults = {}
        self.page_size = 1000
        self.serial = 0
        self.before = None  # a function called with each request
        self.hold = None  # the same with its headers; may wait for others

    def fault(self, number, kind):
        with self.lock:
            self.faults[len(self.requests) + number] = kind

    def put(self, key, data, now=None):
        """As an uploader would."""
        if isinstance(data, str):
            data = data.encode("utf-8")
        etag = '"%s"' % hashlib.md5(data).hexdigest()
        stored = Stored(data, {}, etag, {}, now or time.time())
        with self.lock:
            self.keep(key, stored)
        return stored

    def keep(self, key, stored):
        if self.versioned:
            self.serial += 1
            stored.version = "v%d" % self.serial
            self.versions[key, stored.version] = stored
        self.objects[key] = stored

    def data(self, key):
        with self.lock:
            return self.objects[key].data

    def keys(self):
        with self.lock:
            return sorted(self.objects)

    def seen(self, method, pattern=""):
        """How many requests were of that kind."""
        with self.lock:
            return sum(1 for m, target in self.requests
                       if m == method and re.search(pattern, target))


# --- signatures ------------------------------------------------------------

def sign(key, text):
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).digest()


def canonical_query(query):
    pairs = [item.partition("=")[::2] for item in query.split("&") if item]
    return "&".join("%s=%s" % pair for pair in sorted(pairs))


def check_signature(method, path, query, headers, body):
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=(\S+?), ?SignedHeaders=(\S+?), ?"
        r"Signature=([0-9a-f]{64})", headers.get("authorization", ""))
    if not match:
        raise Refused(403, "AccessDenied", "no signature")
    scope, names, signature = match.groups()
    key, day, region, service, end = scope.split("/")
    date = headers.get("x-amz-date", "")
    if key != KEY:
        raise Refused(403, "InvalidAccessKeyId")
    if (region, service, end) != (REGION, "s3", "aws4_request"):
        raise Refused(400, "AuthorizationHeaderMalformed", scope)
    then = datetime.datetime.strptime(date + "+0000", "%Y%m%dT%H%M%SZ%z")
    if abs(then.timestamp() - time.time()) > 900 or date[:8] != day:
        raise Refused(403, "RequestTimeTooSkewed")
    signed = names.split(";")
    for name in headers:
        if (name.startswith("x-amz-") or name == "host") \
                and name not in signed:
            raise Refused(403, "AccessDenied", "not signed: " + name)
    payload = headers.get("x-amz-content-sha256", "")
    if payload != hashlib.sha256(body).hexdigest():
        raise Refused(400, "XAmzContentSHA256Mismatch")
    canonical = "\n".join(
        [method, path, canonical_query(query)]
        + ["%s:%s" % (n, " ".join(headers.get(n, "").split()))
           for n in signed]
        + ["", names, payload])
    text = "\n".join(["AWS4-HMAC-SHA256", date,
                      "/".join([day, region, service, end]),
                      hashlib.sha256(canonical.encode()).hexdigest()])
    secret = ("AWS4" + SECRET).encode("utf-8")
    for part in (day, region, service, end):
        secret = sign(secret, part)
    if not hmac.compare_digest(sign(secret, text).hex(), signature):
        raise Refused(403, "SignatureDoesNotMatch")


# --- one request -----------------------------------------------------------

KEPT = re.compile(r"x-amz-meta-.*|content-type|x-amz-storage-class|"
                  r"x-amz-server-side-encryption.*")
COMMON = re.compile(
    r"host|authorization|user-agent|accept|content-length|expect|"
    r"amz-sdk-.*|x-amz-date|x-amz-content-sha256|connection|"
    r"x-amz-expected-bucket-owner|accept-encoding")


class Call:
    """A request, and how the store answers it."""

    def __init__(self, store, method, target, headers, body):
        self.store = store
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body
        self.args = dict(urllib.parse.parse_qsl(self.query,
                                                keep_blank_values=True))
        self.used = set()
        rest = urllib.parse.unquote(self.path).lstrip("/")
        self.bucket, _, self.key = rest.partition("/")

    def header(self, name, default=None):
        self.used.add(name)
        return self.headers.get(name, default)

    def matching(self, pattern):
        found = {n: v for n, v in self.headers.items() if pattern.fullmatch(n)}
        self.used.update(found)
        return found

    def answer(self):
        check_signature(self.method, self.path, self.query, self.headers,
                        self.body)
        if self.bucket != self.store.bucket:
            raise Refused(404, "NoSuchBucket")
        if self.header("x-amz-expected-bucket-owner",
                       "123456789012") != "123456789012":
            raise Refused(403, "AccessDenied")
        name = "%s_%s" % (self.method, "object" if self.key else "bucket")
        for arg in ("uploads", "partNumber", "uploadId"):
            if arg in self.args:
                name += "_" + arg
                break
        if "x-amz-copy-source" in self.headers:
            name += "_copy"
        handler = getattr(self, name, None)
        if handler is None:
            raise Refused(501, "NotImplemented", name)
        result = handler()
        unknown = {n for n in self.headers
                   if n not in self.used and not COMMON.fullmatch(n)}
        if unknown:
            self.store.surprises.append((name, sorted(unknown)))
        return result

    # reading

    def find(self):
        version = self.args.get("versionId")
        if version is not None:
            found = self.store.versions.get((self.key, version))
        else:
            found = self.store.objects.get(self.key)
        if found is None:
            raise Refused(404, "NoSuchKey")
        wanted = self.header("if-match")
        if wanted is not None and wanted != found.etag:
            raise Refused(412, "PreconditionFailed", condition="If-Match")
        return found

    def describe(self, found):
        headers = dict(found.headers)
        headers["ETag"] = found.etag
        headers["Last-Modified"] = email.utils.formatdate(
            int(found.modified), usegmt=True)
        if found.version:
            headers["x-amz-version-id"] = found.version
        return headers

    def HEAD_object(self):
        found = self.find()
        headers = self.describe(found)
        if self.header("x-amz-checksum-mode") == "ENABLED":
            for name, value in found.sums.items():
                headers["x-amz-checksum-" + name] = value
                headers["x-amz-checksum-type"] = "FULL_OBJECT"
        headers["Content-Length"] = str(len(found.data))
        return 200, headers, b""

    def GET_object(self):
        found = self.find()
        headers, data = self.describe(found), found.data
        wanted = self.header("range")
        if wanted is None:
            return 200, headers, data
        first, last = map(int, re.fullmatch(r"bytes=(\d+)-(\d+)",
                                            wanted).groups())
        if first >= len(data):
            raise Refused(416, "InvalidRange")
        part = data[first:last + 1]
        headers["Content-Range"] = "bytes %d-%d/%d" % (
            first, first + len(part) - 1, len(data))
        return 206, headers, part

    def GET_bucket(self):
        if self.args.get("list-type") != "2":
            raise Refused(501, "NotImplemented")
        prefix = self.args.get("prefix", "")
        delimiter = self.args.get("delimiter", "")
        after = self.args.get("continuation-token", "")
        after = base64.b64decode(after).decode("utf-8") if after else ""
        limit = min(int(self.args.get("max-keys", "1000")),
                    self.store.page_size)
        rows, folders, more = [], [], ""
        last = after
        for key in sorted(self.store.objects, key=lambda k: k.encode()):
            if not key.startswith(prefix) or key.encode() <= after.encode():
                continue
            rest = key[len(prefix):]
            folder = None
            if delimiter and delimiter in rest:
                folder = prefix + rest.partition(delimiter)[0] + delimiter
                if folder in folders or after.startswith(folder):
                    last = key
                    continue
            if len(rows) + len(folders) == limit:
                more = last
                break
            last = key
            if folder:
                folders.append(folder)
            else:
                rows.append(key)
        return 200, {}, self.listing(rows, folders, more)

    def listing(self, rows, folders, more):
        encode = str
        out = ["<ListBucketResult %s><Name>%s</Name>" % (
            NS, self.store.bucket)]
        if self.args.get("encoding-type") == "url":
            out.append("<EncodingType>url</EncodingType>")
            encode = urllib.parse.quote_plus
        out.append("<IsTruncated>%s</IsTruncated>" % (
            "true" if more else "false"))
        if more:
            out.append("<NextContinuationToken>%s</NextContinuationToken>"
                       % base64.b64encode(more.encode()).decode())
        for key in rows:
            found = self.store.objects[key]
            out.append(
                "<Contents><Key>%s</Key><LastModified>%s</LastModified>"
                "<ETag>%s</ETag><Size>%d</Size></Contents>" % (
                    escape(encode(key)), iso(found.modified),
                    escape(found.etag, {'"': "&quot;"}), len(found.data)))
        for folder in folders:
            out.append("<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>"
                       % escape(encode(folder)))
        out.append("</ListBucketResult>")
        return document(out)

    # writing

    def check_new(self):
        if self.header("if-none-match") == "*" \
                and self.key in self.store.objects:
            raise Refused(412, "PreconditionFailed",
                          condition="If-None-Match")

    def check_sums(self, data):
        """The checksum headers of a body, each of which must fit."""
        sums = {}
        for name, value in self.matching(re.compile(
                r"x-amz-checksum-(crc32c|crc64nvme|sha256)")).items():
            name = name[len("x-amz-checksum-"):]
            if checksum(name, data) != value:
                raise Refused(400, "BadDigest", name)
            sums[name] = value
        return sums

    def PUT_object(self):
        self.check_new()
        self.header("x-amz-tagging")
        sums = self.check_sums(self.body)
        etag = '"%s"' % hashlib.md5(self.body).hexdigest()
        stored = Stored(self.body, self.matching(KEPT), etag,
                        sums or {"crc64nvme": checksum("crc64nvme",
                                                       self.body)},
                        time.time())
        self.store.keep(self.key, stored)
        return 200, self.written(stored), b""

    def written(self, stored):
        headers = {"ETag": stored.etag}
        if stored.version:
            headers["x-amz-version-id"] = stored.version
        return headers

    def PUT_object_copy(self):
        self.check_new()
        source = urllib.parse.unquote(self.header("x-amz-copy-source"))
        bucket, _, key = source.lstrip("/").partition("/")
        found = self.store.objects.get(key)
        if bucket != self.store.bucket or found is None:
            raise Refused(404, "NoSuchKey")
        wanted = self.header("x-amz-copy-source-if-match")
        if wanted is not None and wanted != found.etag:
            raise Refused(412, "PreconditionFailed",
                          condition="x-amz-copy-source-If-Match")
        stored = Stored(found.data, dict(found.headers), found.etag,
                        dict(found.sums), time.time())
        self.store.keep(self.key, stored)
        return 200, self.written(stored), document(
            ["<CopyObjectResult %s><ETag>%s</ETag></CopyObjectResult>" % (
                NS, escape(stored.etag))])

    def DELETE_object(self):
        wanted = self.header("if-match")
        found = self.store.objects.get(self.key)
        if wanted is not None:
            if found is None:
                raise Refused(404, "NoSuchKey")
            if found.etag != wanted:
                raise Refused(412, "PreconditionFailed", condition="If-Match")
        self.store.objects.pop(self.key, None)
        return 204, {}, b""

    # multipart

    def POST_object_uploads(self):
        self.header("x-amz-tagging")
        algorithm = self.header("x-amz-checksum-algorithm")
        kind = self.header("x-amz-checksum-type")
        if algorithm is not None and kind != "FULL_OBJECT":
            raise Refused(501, "NotImplemented", "composite checksums")
        self.store.serial += 1
        upload_id = "up/%d+=" % self.store.serial
        self.store.uploads[upload_id] = Upload(
            self.key, self.matching(KEPT), (algorithm or "").lower(),
            time.time())
        return 200, {}, document([
            "<InitiateMultipartUploadResult %s><Bucket>%s</Bucket><Key>%s"
            "</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>" % (
                NS, self.bucket, escape(self.key), upload_id)])

    def upload(self):
        upload = self.store.uploads.get(self.args["uploadId"])
        if upload is None or upload.key != self.key:
            raise Refused(404, "NoSuchUpload")
        return upload

    def PUT_object_partNumber(self):
        upload = self.upload()
        number = int(self.args["partNumber"])
        sums = self.check_sums(self.body)
        if set(sums) != ({upload.algorithm} if upload.algorithm else set()):
            raise Refused(400, "InvalidRequest",
                          "Checksum Type mismatch occurred")
        etag = '"%s"' % hashlib.md5(self.body).hexdigest()
        upload.parts[number] = (etag, self.body, sums.get(upload.algorithm))
        return 200, {"ETag": etag}, b""

    def parts_of(self, upload):
        space = "{http://s3.amazonaws.com/doc/2006-03-01/}"
        parts, before = [], 0
        for part in ET.fromstring(self.body).findall(space + "Part"):
            number = int(part.findtext(space + "PartNumber"))
            etag, data, sums = upload.parts.get(number, (None, b"", None))
            if number != before + 1:
                raise Refused(400, "InvalidPartOrder")
            if part.findtext(space + "ETag") != etag:
                raise Refused(400, "InvalidPart")
            named = part.findtext(
                space + "Checksum" + upload.algorithm.upper())
            if named is not None and named != sums:
                raise Refused(400, "InvalidPart", "checksum")
            parts.append(data)
            before = number
        if not parts:
            raise Refused(400, "MalformedXML")
        if any(len(data) < PART_MIN for data in parts[:-1]):
            raise Refused(400, "EntityTooSmall")
        return parts

    def POST_object_uploadId(self):
        upload = self.upload()
        self.header("content-type")
        parts = self.parts_of(upload)
        data = b"".join(parts)
        size = self.header("x-amz-mp-object-size")
        if size is not None and int(size) != len(data):
            raise Refused(400, "InvalidRequest", "size")
        sums = self.check_sums(data)
        if upload.algorithm and (
                self.header("x-amz-checksum-type") != "FULL_OBJECT"
                or set(sums) != {upload.algorithm}):
            raise Refused(400, "BadDigest", "type")
        self.check_new()
        digest = hashlib.md5(b"".join(
            hashlib.md5(part).digest() for part in parts)).hexdigest()
        stored = Stored(data, upload.headers,
                        '"%s-%d"' % (digest, len(parts)), sums, time.time())
        del self.store.uploads[self.args["uploadId"]]
        self.store.keep(self.key, stored)
        return 200, self.written(stored), document([
            "<CompleteMultipartUploadResult %s><ETag>%s</ETag>"
            "</CompleteMultipartUploadResult>" % (NS, escape(stored.etag))])

    def DELETE_object_uploadId(self):
        self.upload()
        del self.store.uploads[self.args["uploadId"]]
        return 204, {}, b""

    def GET_bucket_uploads(self):
        out = ["<ListMultipartUploadsResult %s>" % NS,
               "<EncodingType>url</EncodingType>",
               "<IsTruncated>false</IsTruncated>"]
        for upload_id, upload in self.store.uploads.items():
            if upload.key.startswith(self.args.get("prefix", "")):
                out.append(
                    "<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>"
                    "%s</Initiated></Upload>" % (
                        urllib.parse.quote_plus(upload.key), upload_id,
                        iso(upload.initiated)))
        return 200, {}, document(out + ["</ListMultipartUploadsResult>"])


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def document(lines):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            + "".join(lines)).encode("utf-8")


# --- the server ------------------------------------------------------------

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "FakeS3"

    def log_message(self, *args):
        pass

    def cut(self):
        """Reset rather than close: the client must not wait."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def refuse(self, why):
        text = ""
        if self.command != "HEAD":
            text = ("<Error><Code>%s</Code><Message>%s</Message>"
                    "<Condition>%s</Condition><RequestId>FAKE%d</RequestId>"
                    "</Error>" % (why.code, escape(why.message),
                                  why.condition,
                                  len(self.server.store.requests)))
        self.give(why.status, {"Content-Type": "application/xml"},
                  document([text]) if text else b"")

    def give(self, status, headers, body):
        self.send_response(status)
        self.send_header("x-amz-request-id", "FAKE")
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def work(self, store, body):
        headers = {}
        for name, value in self.headers.items():
            headers[name.lower()] = value
        call = Call(store, self.command, self.path, headers, body)
        try:
            return call.answer()
        except Refused as why:
            if why.status == 501:
                store.surprises.append((self.command, self.path, why.message))
            return why

    def handle_request(self):
        store = self.server.store
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if store.hold is not None:
            store.hold(self.command, self.path, self.headers)
        with store.lock:
            store.requests.append((self.command, self.path))
            fault = store.faults.pop(len(store.requests), None)
            if store.before is not None:
                store.before(self.command, self.path)
            if fault == "before":
                result = None
            elif fault not in (None, "after"):
                result = Refused(503, fault)
            else:
                result = self.work(store, body)
        if fault in ("before", "after"):
            self.cut()
        elif isinstance(result, Refused):
            self.refuse(result)
        else:
            self.give(*result)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, store):
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = store
        self.thread = threading.Thread(target=self.serve_forever,
                                       kwargs={"poll_interval": 0.02})
        self.thread.start()

    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]

    def handle_error(self, request, client_address):
        pass  # connections that break are what many tests are about

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def environment(self):
        """What a program needs to reach it."""
        return {
            "AWS_ENDPOINT_URL_S3": self.url(),
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
