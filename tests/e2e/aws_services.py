"""An AWS for tests: the emulator moto in a process of its own, the strict
front before it, and what tests put there and look up. Programs under test
talk to the front; the helpers here go straight to the emulator, so they are
not counted and no fault hits them. It holds no test itself.

A test module has `setUpModule = aws_services.start`; one emulator serves all
of its tests, each with buckets, topics and queues of its own.
"""

import base64
import http.client
import itertools
import json
import os
import secrets
import subprocess
import unittest
import urllib.parse
import xml.etree.ElementTree as ET

import aws_front
import forebay
import moto_python
import sigv4

REGION = "us-east-1"
KEY = "AKIATESTTESTTESTTEST"
SECRET = "canary/long/term/secret/" + secrets.token_hex(8)
S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"
SNS = "{http://sns.amazonaws.com/doc/2010-03-31/}"

# Ends when its input does, so it never outlives the tests. "fill BUCKET
# PREFIX COUNT" makes objects much faster than requests could.
SERVER = """
import sys
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
for line in sys.stdin:
    _, bucket, prefix, count = line.split()
    backend = s3_backends["123456789012"]["aws"]
    for number in range(int(count)):
        backend.put_object(bucket, "%s%05d.csv" % (prefix, number), b"",
                           disable_notification=True)
    print("filled", flush=True)
"""

current = None  # the Services of this module
numbers = itertools.count(1)


def start():
    """For setUpModule. That there is no emulator is a failure."""
    global current
    current = Services()
    unittest.addModuleCleanup(current.stop)


class Moto:
    def __init__(self):
        python = moto_python.find()
        if python is None:
            raise RuntimeError(
                "no python3 has moto[server] %s\nhint: 'scripts/setup.sh "
                "check' installs it" % moto_python.pinned())
        self.process = subprocess.Popen(
            [python, "-c", SERVER], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=moto_python.environment())
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("%s does not start moto" % python)
        self.port = int(line)

    def fill(self, bucket, prefix, count):
        print("fill", bucket, prefix, count, file=self.process.stdin,
              flush=True)
        assert self.process.stdout.readline() == "filled\n"

    def stop(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Services:
    def __init__(self):
        self.moto = Moto()
        self.front = aws_front.Front(self.moto.port, REGION)
        self.front.keys[KEY] = aws_front.Key(SECRET)

    def stop(self):
        self.front.stop()
        self.moto.stop()

    def call(self, service, method, target, body=b"", headers=None,
             expect=(200, 204)):
        """The answer's body, from the emulator itself."""
        host = "127.0.0.1:%d" % self.moto.port
        headers = dict(headers or {}, host=host)
        sigv4.sign(method, target, headers, body, service, REGION, KEY,
                   SECRET)
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request(method, target, body or None, headers)
        answer = connection.getresponse()
        found = answer.read()
        connection.close()
        if answer.status not in expect:
            raise AssertionError("%s %s %s: %d %s" % (
                service, method, target, answer.status, found))
        return found

    # --- S3 ---

    def put(self, bucket, key, data):
        self.call("s3", "PUT", "/%s/%s" % (bucket, sigv4.encode(key, "/")),
                  data)

    def get(self, bucket, key):
        return self.call("s3", "GET",
                         "/%s/%s" % (bucket, sigv4.encode(key, "/")))

    def list(self, bucket, query, element, name):
        root = ET.fromstring(self.call("s3", "GET", "/%s?%s" % (
            bucket, query)))
        return [urllib.parse.unquote_plus(found.findtext(S3 + name))
                for found in root.findall(S3 + element)]

    def keys(self, bucket):
        """The first thousand."""
        return sorted(self.list(bucket, "list-type=2&encoding-type=url",
                                "Contents", "Key"))

    def contents(self, bucket):
        return {key: self.get(bucket, key) for key in self.keys(bucket)}

    def versions(self, bucket):
        """Every generation that was ever visible."""
        return sorted(self.list(bucket, "versions=&encoding-type=url",
                                "Version", "Key"))

    def uploads(self, bucket):
        return self.list(bucket, "uploads=", "Upload", "Key")

    def make_bucket(self, versioned=False):
        bucket = "bucket-%d" % next(numbers)
        self.call("s3", "PUT", "/" + bucket)
        if versioned:
            self.call("s3", "PUT", "/%s?versioning=" % bucket,
                      b"<VersioningConfiguration><Status>Enabled</Status>"
                      b"</VersioningConfiguration>")
        return bucket

    def announce(self, bucket, queue):
        """Have S3 tell the queue what is put into the bucket."""
        self.call("s3", "PUT", "/%s?notification=" % bucket, (
            "<NotificationConfiguration><QueueConfiguration><Id>q</Id>"
            "<Queue>%s</Queue><Event>s3:ObjectCreated:*</Event>"
            "</QueueConfiguration></NotificationConfiguration>" %
            queue.arn).encode())

    # --- SQS and SNS ---

    def sqs(self, action, **arguments):
        return json.loads(self.call(
            "sqs", "POST", "/", json.dumps(arguments).encode(),
            {"x-amz-target": "AmazonSQS." + action,
             "content-type": "application/x-amz-json-1.0"}) or b"{}")

    def make_queue(self, **attributes):
        return Queue(self, "queue-%d" % next(numbers), attributes)

    def sns(self, action, **arguments):
        return ET.fromstring(self.call(
            "sns", "POST", "/", urllib.parse.urlencode(
                dict(arguments, Action=action, Version="2010-03-31"))
            .encode(), {"content-type": "application/x-www-form-urlencoded"}))

    def make_topic(self):
        """The ARN of a topic."""
        return self.sns("CreateTopic", Name="topic-%d" % next(numbers)).find(
            ".//" + SNS + "TopicArn").text

    def subscribe(self, topic, queue):
        self.sns("Subscribe", TopicArn=topic, Protocol="sqs",
                 Endpoint=queue.arn)


class Queue:
    def __init__(self, services, name, attributes):
        self.services = services
        self.name = name
        self.url = services.sqs("CreateQueue", QueueName=name,
                                Attributes=attributes)["QueueUrl"]
        self.arn = "arn:aws:sqs:%s:123456789012:%s" % (REGION, name)

    def send(self, body):
        self.services.sqs("SendMessage", QueueUrl=self.url, MessageBody=body)

    def receive(self):
        """The bodies of all messages that are there, which it deletes."""
        bodies = []
        while True:
            messages = self.services.sqs(
                "ReceiveMessage", QueueUrl=self.url,
                MaxNumberOfMessages=10).get("Messages", [])
            if not messages:
                return bodies
            for message in messages:
                bodies.append(message["Body"])
                self.services.sqs("DeleteMessage", QueueUrl=self.url,
                                  ReceiptHandle=message["ReceiptHandle"])

    def count(self):
        """How many messages there are, visible or not."""
        found = self.services.sqs(
            "GetQueueAttributes", QueueUrl=self.url,
            AttributeNames=["All"])["Attributes"]
        return sum(int(found[name]) for name in (
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible"))


class Case(forebay.Case):
    """A case whose store is a bucket of its own, behind the front."""

    versioned = False

    def setUp(self):
        super().setUp()
        self.services = current
        self.front = current.front
        self.front.forget()
        self.bucket = current.make_bucket(self.versioned)
        self.strict = True  # nothing may be refused
        self.secrets = {SECRET}
        self.streams = []  # what programs said

    def tearDown(self):
        if self.strict:
            self.assertEqual(self.front.refused, [])
        self.assert_no_secrets()

    def environment(self, env=None):
        made = {"AWS_ENDPOINT_URL": self.front.url, "AWS_REGION": REGION,
                "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_EC2_METADATA_DISABLED": "true",
                "STORE": "s3://" + self.bucket}
        made.update(env or {})
        return super().environment(made)

    def forebay(self, *arguments, **more):
        run = super().forebay(*arguments, **more)
        self.streams += [run.out.encode(), run.err.encode()]
        return run

    def put(self, key, data):
        self.services.put(self.bucket, key, data)

    def get(self, key):
        return self.services.get(self.bucket, key)

    def keys(self):
        return self.services.keys(self.bucket)

    def written(self):
        """All that programs wrote: streams, files and objects. What stands
        in raw/ and in/ uploaders put there; files that a test made to hold
        secrets have names that begin with "secret"."""
        yield from self.streams
        for parent, _, names in os.walk(self.dir):
            for name in names:
                path = os.path.join(parent, name)
                if os.path.isfile(path) and not name.startswith("secret"):
                    with open(path, "rb") as file:
                        yield file.read()
        for key in self.keys():
            if not key.startswith(("raw/", "in/")):
                yield self.get(key)

    def assert_no_secrets(self):
        """The canary, after every test whatever it was about: no secret is
        written, as it is or encoded, nor any signature."""
        wanted = [b"Signature=", b"AWS4-HMAC-SHA256"]
        for secret in self.secrets:
            wanted += [secret.encode(), sigv4.encode(secret).encode(),
                       base64.b64encode(secret.encode())]
        found = {text for data in self.written() for text in wanted
                 if text in data}
        self.assertEqual(found, set())
        # The keys that sign are not even sent.
        for request in self.front.requests:
            sent = (request.target + str(request.headers)).encode()
            for key in self.front.keys.values():
                self.assertFalse(key.secret.encode() in sent
                                 or key.secret.encode() in request.body,
                                 request)
