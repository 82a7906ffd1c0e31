"""A store that speaks as much S3 as s3.py's candidates need, in memory,
and as cheaply as python can: it verifies nothing, so that what is measured is
the client. It is no emulator, and no test uses it.

    store.py FILE KEY        prints its port; ends when its input does

The file lies in the one bucket, "bench", under the key.
"""

import http.server
import re
import sys
import threading
import urllib.parse

BUCKET = "/bench/"
ETAG = '"bench-%d"'  # nobody may take it for the MD5 of the content

objects, uploads = {}, {}
lock = threading.Lock()


def plain(body):
    """A body without the framing of aws-chunked."""
    parts, at = [], 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end].split(b";")[0], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[end + 2:end + 2 + size])
        at = end + 2 + size + 2


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Silence: the default writes to standard error."""

    def give(self, status, body=b"", size=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(
            len(body) if size is None else size))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def read_body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                parts.append(self.rfile.read(size))
                self.rfile.readline()
                if size == 0:
                    body = b"".join(parts)
                    break
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length",
                                                        0)))
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            return plain(body)
        return body

    def parse(self):
        path, _, query = self.path.partition("?")
        self.key = urllib.parse.unquote(path)[len(BUCKET):]
        self.query = dict(urllib.parse.parse_qsl(query, True))

    def xml(self, name, text):
        self.give(200, ("<%s>%s</%s>" % (name, text, name)).encode(),
                  Content_Type="application/xml")

    def list(self):
        if "uploads" in self.query:
            self.xml("ListMultipartUploadsResult",
                     "<IsTruncated>false</IsTruncated>")
            return
        prefix = self.query.get("prefix", "")
        self.xml("ListBucketResult", "<IsTruncated>false</IsTruncated>" +
                 "".join("<Contents><Key>%s</Key><Size>%d</Size><ETag>%s"
                         "</ETag><LastModified>2025-01-01T00:00:00.000Z"
                         "</LastModified></Contents>" % (
                             key, len(data), ETAG % len(data))
                         for key, data in sorted(objects.items())
                         if key.startswith(prefix)))

    def do_GET(self):
        self.parse()
        if not self.key:
            self.list()
            return
        data = objects.get(self.key)
        if data is None:
            self.give(404)
            return
        about = {"ETag": ETAG % len(data), "Content_Type": "text/csv",
                 "Accept_Ranges": "bytes",
                 "Last_Modified": "Wed, 01 Jan 2025 00:00:00 GMT"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)",
                              self.headers.get("Range", ""))
        if wanted is None:
            self.give(200, memoryview(data), **about)
            return
        first = int(wanted.group(1))
        end = min(int(wanted.group(2) or len(data)) + 1, len(data))
        self.give(206, memoryview(data)[first:end],
                  Content_Range="bytes %d-%d/%d" % (first, end - 1,
                                                    len(data)), **about)

    do_HEAD = do_GET

    def do_PUT(self):
        self.parse()
        body = self.read_body()
        if "uploadId" in self.query:
            uploads[self.query["uploadId"]][
                int(self.query["partNumber"])] = body
        elif self.key:
            objects[self.key] = body
        self.give(200, ETag=ETAG % len(body))

    def do_POST(self):
        self.parse()
        self.read_body()
        if "uploads" in self.query:
            with lock:
                name = "upload%d" % len(uploads)
                uploads[name] = {}
            self.xml("InitiateMultipartUploadResult",
                     "<UploadId>%s</UploadId>" % name)
            return
        parts = uploads[self.query["uploadId"]]
        data = b"".join(parts.pop(number) for number in sorted(parts))
        objects[self.key] = data
        self.xml("CompleteMultipartUploadResult",
                 "<ETag>%s</ETag>" % (ETAG % len(data)))

    def do_DELETE(self):
        self.parse()
        objects.pop(self.key, None)
        self.give(204)


def main(path, key):
    with open(path, "rb") as file:
        objects[key] = file.read()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
