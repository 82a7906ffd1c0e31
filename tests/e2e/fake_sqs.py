"""One queue of SQS in memory, on 127.0.0.1, for tests. Strict: every request
must be signed, speak the JSON protocol and name this queue. Messages hide
when they are received and come back when their time is over; only the latest
receipt of a message deletes it, an older one is answered with 200 and does
nothing, as the real thing does.

Time does not have to pass: `skip(seconds)` moves the queue's clock. Faults
are those of fake_s3.py: `fault(n, "before")`, `"after"`, or a code.
"""

import datetime
import hashlib
import hmac
import http.server
import json
import re
import socket
import struct
import threading
import time
import urllib.parse

from fake_s3 import KEY, REGION, SECRET, sign

ACCOUNT = "123456789012"


# --- what S3 and its messengers send ---------------------------------------

def record(key, bucket="bucket", name="ObjectCreated:Put", sequencer="01"):
    return {"eventVersion": "2.1", "eventSource": "aws:s3",
            "awsRegion": REGION, "eventName": name,
            "s3": {"bucket": {"name": bucket},
                   "object": {"key": urllib.parse.quote_plus(key, safe="/"),
                              "size": 1, "eTag": "0", "sequencer": sequencer}}}


def created(*keys, **more):
    return json.dumps({"Records": [record(key, **more) for key in keys]})


def by_sns(text):
    return json.dumps({"Type": "Notification", "MessageId": "x",
                       "TopicArn": "arn:aws:sns:us-east-1:1:t",
                       "Message": text})


def by_eventbridge(key, bucket="bucket"):
    return json.dumps({"version": "0", "source": "aws.s3",
                       "detail-type": "Object Created",
                       "detail": {"bucket": {"name": bucket},
                                  "object": {"key": key, "size": 1,
                                             "etag": "0",
                                             "sequencer": "01"}}})


TEST_EVENT = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent",
                         "Bucket": "bucket"})


# --- the queue -------------------------------------------------------------

class Message:
    def __init__(self, number, body, now):
        self.id = "message-%d" % number
        self.body = body
        self.sent = now
        self.visible = now
        self.received = 0

    def receipt(self):
        return "%s/%d" % (self.id, self.received)


class Refused(Exception):
    def __init__(self, status, code, message=""):
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


class Queue:
    def __init__(self, name="uploads", max_receives=None):
        self.name = name
        self.url = "https://sqs.%s.amazonaws.com/%s/%s" % (
            REGION, ACCOUNT, name)
        self.max_receives = max_receives  # then a message goes to `dead`
        self.lock = threading.RLock()
        self.messages = []
        self.dead = []
        self.sent = 0
        self.ahead = 0.0
        self.requests = []  # operations
        self.faults = {}
        self.forbidden = set()  # operations
        self.surprises = []

    def now(self):
        return time.time() + self.ahead

    def skip(self, seconds):
        self.ahead += seconds

    def send(self, body, age=0):
        with self.lock:
            self.sent += 1
            self.messages.append(Message(self.sent, body, self.now() - age))

    def bodies(self):
        with self.lock:
            return [message.body for message in self.messages]

    def fault(self, number, kind):
        with self.lock:
            self.faults[len(self.requests) + number] = kind

    # --- operations ---

    def GetQueueUrl(self, body):
        if body.pop("QueueOwnerAWSAccountId", ACCOUNT) != ACCOUNT \
                or body.pop("QueueName") != self.name:
            raise Refused(400, "QueueDoesNotExist")
        return {"QueueUrl": self.url}

    def GetQueueAttributes(self, body):
        body.pop("AttributeNames")
        policy = {} if self.max_receives is None else {
            "RedrivePolicy": json.dumps({"maxReceiveCount":
                                         self.max_receives})}
        return {"Attributes": dict(policy, VisibilityTimeout="30")}

    def bury(self, message):
        if self.max_receives is None or \
                message.received < self.max_receives:
            return False
        self.messages.remove(message)
        self.dead.append(message)
        return True

    def ReceiveMessage(self, body):
        count = body.pop("MaxNumberOfMessages")
        hidden = body.pop("VisibilityTimeout")
        wait = body.pop("WaitTimeSeconds")
        asked = body.pop("MessageSystemAttributeNames")
        assert 1 <= count <= 10 and 0 <= wait <= 20 and hidden > 0
        given = []
        for message in list(self.messages):
            if message.visible > self.now() or len(given) == count \
                    or self.bury(message):
                continue
            message.received += 1
            message.visible = self.now() + hidden
            known = {"SentTimestamp": str(int(message.sent * 1000)),
                     "ApproximateReceiveCount": str(message.received)}
            text = message.body.encode("utf-8")
            given.append({"MessageId": message.id,
                          "ReceiptHandle": message.receipt(),
                          "MD5OfBody": hashlib.md5(text).hexdigest(),
                          "Body": message.body,
                          "Attributes": {n: known[n] for n in asked}})
        return {"Messages": given} if given else {}

    def find(self, receipt):
        for message in self.messages:
            if message.id == receipt.partition("/")[0]:
                return message if message.receipt() == receipt else None
        return None

    def DeleteMessage(self, body):
        message = self.find(body.pop("ReceiptHandle"))
        if message is not None:
            self.messages.remove(message)

    def ChangeMessageVisibility(self, body):
        message = self.find(body.pop("ReceiptHandle"))
        hidden = body.pop("VisibilityTimeout")
        if message is None or message.visible <= self.now():
            raise Refused(400, "MessageNotInflight")
        message.visible = self.now() + hidden

    def answer(self, operation, body):
        if operation in self.forbidden:
            raise Refused(403, "AccessDeniedException", "not authorized")
        if operation != "GetQueueUrl" and body.pop("QueueUrl") != self.url:
            raise Refused(400, "QueueDoesNotExist")
        result = getattr(self, operation)(body)
        if body:
            self.surprises.append((operation, sorted(body)))
        return result


# --- the wire --------------------------------------------------------------

def check_signature(headers, body):
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=(\S+?), ?SignedHeaders=(\S+?), ?"
        r"Signature=([0-9a-f]{64})", headers.get("authorization", ""))
    if not match:
        raise Refused(403, "MissingAuthenticationToken")
    scope, names, signature = match.groups()
    key, day, region, service, end = scope.split("/")
    date = headers.get("x-amz-date", "")
    then = datetime.datetime.strptime(date + "+0000", "%Y%m%dT%H%M%SZ%z")
    if (key, region, service, end) != (KEY, REGION, "sqs", "aws4_request") \
            or abs(then.timestamp() - time.time()) > 300:
        raise Refused(403, "InvalidSignatureException", scope)
    signed = names.split(";")
    for name in headers:
        if (name.startswith("x-amz-") or name in ("host", "content-type")) \
                and name not in signed:
            raise Refused(403, "InvalidSignatureException", name)
    canonical = "\n".join(
        ["POST", "/", ""]
        + ["%s:%s" % (n, " ".join(headers.get(n, "").split()))
           for n in signed]
        + ["", names, hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", date,
                      "/".join([day, region, service, end]),
                      hashlib.sha256(canonical.encode()).hexdigest()])
    secret = ("AWS4" + SECRET).encode("utf-8")
    for part in (day, region, service, end):
        secret = sign(secret, part)
    if not hmac.compare_digest(sign(secret, text).hex(), signature):
        raise Refused(403, "InvalidSignatureException")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "FakeSQS"

    def log_message(self, *args):
        pass

    def cut(self):
        """Reset rather than close: the client must not wait."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def give(self, status, document):
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("x-amzn-RequestId", "FAKE")
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def work(self, queue, operation, headers, body):
        check_signature(headers, body)
        if self.path != "/" or headers.get("content-type") != \
                "application/x-amz-json-1.0":
            raise Refused(400, "UnknownOperationException")
        return queue.answer(operation, json.loads(body))

    def do_POST(self):
        queue = self.server.queue
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {n.lower(): v for n, v in self.headers.items()}
        operation = headers.get("x-amz-target", "").partition(".")[2]
        result = why = None
        with queue.lock:
            queue.requests.append(operation)
            fault = queue.faults.pop(len(queue.requests), None)
            try:
                if fault not in (None, "before", "after"):
                    raise Refused(503, fault)
                if fault != "before":
                    result = self.work(queue, operation, headers, body)
            except Refused as refusal:
                why = refusal
        if fault in ("before", "after"):
            self.cut()
        elif why is not None:
            self.give(why.status, {"__type": "com.amazonaws.sqs#" + why.code,
                                   "message": why.message})
        else:
            self.give(200, result)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, queue):
        super().__init__(("127.0.0.1", 0), Handler)
        self.queue = queue
        self.thread = threading.Thread(target=self.serve_forever,
                                       kwargs={"poll_interval": 0.02})
        self.thread.start()

    def handle_error(self, request, client_address):
        pass  # connections that break are what some tests are about

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def environment(self):
        """What a program needs to reach it, beside what fake_s3 says."""
        return {"AWS_ENDPOINT_URL_SQS":
                "http://127.0.0.1:%d" % self.server_address[1]}
