"""The AWS plugins from end to end, against the emulator moto behind a front
that verifies every signature, checksum and clock: what the shipped pipelines
do on files they do in the cloud, whoever gives out the keys.
"""

import http.client
import http.server
import json
import os
import secrets
import threading
import time

import aws_front
import aws_services
import listeners
import sigv4
from checksums import checksum
from forebay import TOP

ORDERS = os.path.join(TOP, "pipelines", "orders-filter.yaml")
UPLOADS = os.path.join(TOP, "pipelines", "upload-cp932.yaml")
AS_OF = ["--as-of", "2025-05-10"]

COPY = """\
pipeline: copy
vars: {STORE: "s3://bucket"}
settings: {s3: {part_size: 5MiB, parallel: %(parallel)d}}
trigger: {uri: "${STORE}/%(trigger)s"}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out/${trigger.name}"}}
"""

setUpModule = aws_services.start


def sample(name):
    with open(os.path.join(TOP, "pipelines", "samples", name), "rb") as file:
        return file.read()


def rows(megabytes):
    """A CSV file of about that size, without two equal lines."""
    line = "%08d," + "x" * 1014 + "\n"
    return ("id,text\n" + "".join(
        line % i for i in range(megabytes << 10))).encode()


class Aws(aws_services.Case):
    def copy(self, trigger="raw/*.csv", parallel=3):
        return self.write("copy.yaml", COPY % {
            "trigger": trigger, "parallel": parallel})

    def told(self):
        """A topic, and the queue that hears what it is told."""
        topic, queue = self.services.make_topic(), self.services.make_queue()
        self.services.subscribe(topic, queue)
        return topic, queue


class Strict(Aws):
    """The front itself: what it is there for it does notice."""

    def answer(self, headers, body=b"x", spoil=None, query=""):
        """The status of a PUT; spoil: headers changed after signing."""
        self.strict = False
        host = self.front.url.removeprefix("http://")
        target = "/%s/x%s" % (self.bucket, query)
        headers = dict(headers, host=host)
        sigv4.sign("PUT", target, headers, body, "s3", aws_services.REGION,
                   aws_services.KEY, aws_services.SECRET)
        headers.update(spoil or {})
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request("PUT", target, body, headers)
        status = connection.getresponse().status
        connection.close()
        return status, [why.code for why in self.front.refused]

    GOOD = {"x-amz-checksum-crc64nvme": checksum("crc64nvme", b"x")}

    def test_what_is_right_passes(self):
        self.assertEqual(self.answer(self.GOOD), (200, []))

    def test_a_checksum_that_does_not_fit_is_refused(self):
        for name in ("crc32c", "crc64nvme", "sha256"):
            with self.subTest(name=name):
                self.front.forget()
                self.assertEqual(
                    self.answer({"x-amz-checksum-" + name:
                                 checksum(name, b"y")}),
                    (400, ["BadDigest"]))

    def test_so_is_a_content_md5(self):
        self.assertEqual(
            self.answer({**self.GOOD, "content-md5": "AAAAAAAAAAAAAAAAAAAAAA"
                         "=="}), (400, ["BadDigest"]))

    def test_so_is_an_upload_without_a_checksum(self):
        self.assertEqual(self.answer({}), (400, ["InvalidRequest"]))

    def test_so_is_a_header_that_was_changed_after_signing(self):
        changed = {"x-amz-meta-a": "2"}
        self.assertEqual(
            self.answer({**self.GOOD, "x-amz-meta-a": "1"}, spoil=changed),
            (403, ["SignatureDoesNotMatch"]))

    def test_so_is_one_that_was_added(self):
        self.assertEqual(
            self.answer(self.GOOD, spoil={"x-amz-meta-a": "2"}),
            (403, ["AccessDenied"]))

    def test_so_is_another_body_than_was_signed(self):
        other = {"x-amz-content-sha256": "0" * 64}
        self.assertEqual(self.answer(self.GOOD, spoil=other),
                         (400, ["XAmzContentSHA256Mismatch"]))

    def test_so_is_an_old_date(self):
        self.front.skew = 901
        self.addCleanup(setattr, self.front, "skew", 0)
        self.assertEqual(self.answer(self.GOOD),
                         (403, ["RequestTimeTooSkewed"]))

    def test_so_is_a_plus_in_a_query(self):
        self.assertEqual(self.answer(self.GOOD, query="?a=b+c"),
                         (400, ["InvalidURI"]))


class Shipped(Aws):
    """Both pipelines that come with the program."""

    def on_files(self, pipeline, files, *arguments):
        for name, data in files.items():
            self.write("store/" + name, data, age=60)
        self.one(pipeline, *arguments, env={"STORE": self.store},
                 status=None)
        return {name: self.read("store/" + name)
                for name in self.files("store")}

    def assert_same(self, pipeline, files, *arguments):
        expected = self.on_files(pipeline, files, *arguments)
        self.assertGreater(len(expected), len(files))
        for name, data in files.items():
            self.put(name, data)
        self.state = self.path("state-of-s3")
        self.one(pipeline, *arguments)
        self.assertEqual(self.services.contents(self.bucket), expected)

    def test_orders_are_the_same_bytes_as_on_files(self):
        self.assert_same(ORDERS, {"raw/orders.csv": sample("orders.csv")},
                         *AS_OF)

    def test_uploads_are_the_same_bytes_as_on_files(self):
        self.assert_same(UPLOADS, {"in/prices.csv": sample("prices.csv"),
                                   "in/prices.trg": b""})

    def test_uploads_go_back_in_their_charset_as_on_files(self):
        self.assert_same(UPLOADS, {"in/prices.csv": sample("prices.csv"),
                                   "in/prices.trg": b""},
                         "--set", "CHARSET=cp932")

    def test_a_second_run_does_nothing_and_says_so(self):
        self.put("raw/orders.csv", sample("orders.csv"))
        self.one(ORDERS, *AS_OF)
        run = self.work(ORDERS, *AS_OF)
        self.assertEqual(run.runs(), [])
        self.assertRegex(run.idle()[0], "nothing due .1 done before")

    def test_check_finds_everything_in_place_and_writes_nothing(self):
        topic, queue = self.told()
        self.put("raw/orders.csv", sample("orders.csv"))
        self.forebay("check", ORDERS, env={"NOTIFY": topic})
        self.assertEqual(self.keys(), ["raw/orders.csv"])
        self.assertEqual(queue.receive(), [])
        self.assertEqual(
            {r.method for r in self.front.requests if r.service == "s3"}
            - {"GET", "HEAD"}, set())


class Told(Aws):
    """What subscribers of the topic hear."""

    def hear(self, queue):
        message, = queue.receive()
        self.streams.append(message.encode())
        return json.loads(message)

    def test_success_with_the_four_numbers_and_what_to_filter_by(self):
        topic, queue = self.told()
        self.put("raw/orders.csv", sample("orders.csv"))
        report = self.one(ORDERS, *AS_OF, env={"NOTIFY": topic})
        heard = self.hear(queue)
        self.assertEqual(heard["TopicArn"], topic)
        self.assertRegex(heard["Subject"], "orders-filter.*orders.csv")
        self.assertLessEqual(len(heard["Subject"]), 100)
        rows_ = report["rows"]
        self.assertIn("%d read = %d written + %d filtered + %d rejected" % (
            rows_["read"], rows_["written"], rows_["filtered"],
            rows_["rejected"]), heard["Message"])
        self.assertGreater(min(rows_.values()), 0)
        self.assertIn("s3://%s/processed/filtered_orders.csv" % self.bucket,
                      heard["Message"])
        attributes = {name: found["Value"] for name, found
                      in heard["MessageAttributes"].items()}
        self.assertEqual(attributes["pipeline"], "orders-filter")
        self.assertEqual(attributes["outcome"], "success")
        self.assertEqual(attributes["run_id"], report["run"])

    def test_failure_with_its_reason(self):
        topic, queue = self.told()
        self.put("raw/orders.csv", b"OrderId,Custmer\n1,Ann\n")
        self.one(ORDERS, *AS_OF, env={"NOTIFY": topic}, status=65)
        heard = self.hear(queue)
        self.assertIn("Custmer", heard["Message"])
        self.assertEqual(heard["MessageAttributes"]["outcome"]["Value"],
                         "failure")

    def test_a_name_of_no_ascii_does_not_spoil_the_subject(self):
        topic, queue = self.told()
        self.put("raw/注文.csv", sample("orders.csv"))
        self.one(ORDERS, *AS_OF, env={"NOTIFY": topic})
        heard = self.hear(queue)
        self.assertTrue(heard["Subject"].isascii())
        self.assertIn("注文.csv", heard["Message"])

    def test_a_topic_that_is_not_there_is_told_and_tried_again(self):
        topic = "arn:aws:sns:us-east-1:123456789012:nobody"
        self.put("raw/orders.csv", sample("orders.csv"))
        run = self.work(ORDERS, *AS_OF, env={"NOTIFY": topic}, status=None)
        self.assertNotEqual(run.status, 0)
        self.assertIn("NotFound", run.err)
        self.services.sns("CreateTopic", Name="nobody")
        queue = self.services.make_queue()
        self.services.subscribe(topic, queue)
        self.work(ORDERS, *AS_OF, env={"NOTIFY": topic}, status=None)
        self.forebay("notify", "--state", self.state, status=None)
        self.assertIn("orders.csv", self.hear(queue)["Message"])


class Names(Aws):
    """Keys are data."""

    HARD = ["a b.csv", "a+b.csv", "100%.csv", "%41.csv", "表ソ能.csv",
            "\U0001f600.csv", "a&b<c>\"d'.csv", "é.csv", "=x.csv",
            "n" * 200 + ".csv"]

    def test_every_name_is_found_read_and_written(self):
        for name in self.HARD:
            self.put("raw/" + name, b"id\n%d\n" % len(name))
        run = self.work(self.copy())
        self.assertEqual(len(run.runs()), len(self.HARD), str(run))
        self.assertEqual(
            self.keys(), sorted(folder + name for name in self.HARD
                                for folder in ("out/", "raw/")))
        for name in self.HARD:
            self.assertEqual(self.get("out/" + name),
                             b"id\n%d\n" % len(name))

    def test_an_empty_segment_is_a_segment(self):
        self.put("raw//x.csv", b"id\n1\n")
        self.put("raw/y.csv", b"id\n2\n")
        self.one(self.copy("raw//*.csv"))
        self.assertEqual(self.keys(), ["out/x.csv", "raw//x.csv",
                                       "raw/y.csv"])

    def test_ten_thousand_and_one_keys_are_all_found(self):
        self.services.moto.fill(self.bucket, "raw/", 10001)
        run = self.forebay("run", self.copy(), "--dry-run", "--state",
                           self.state, "--ignore-window")
        found = [line for line in run.out.splitlines()
                 if "s3://%s/raw/" % self.bucket in line]
        self.assertEqual(len(found), 10001)
        self.assertEqual(len(self.front.seen("GET", "list-type=2")), 11)


class Large(Aws):
    """Objects of several parts."""

    def setUp(self):
        super().setUp()
        self.data = rows(16)
        self.put("raw/big.csv", self.data)

    def test_they_are_read_in_ranges_and_written_in_parts(self):
        report = self.one(self.copy())
        self.assertEqual(self.get("out/big.csv"), self.data)
        self.assertEqual(len(self.front.seen("PUT", "partNumber")), 4)
        self.assertEqual(len(self.front.seen("GET", "raw/big.csv")), 4)
        self.assertEqual(report["bytes"]["written"], len(self.data))
        self.assertEqual(self.services.uploads(self.bucket), [])

    def test_a_failed_run_leaves_nothing_behind(self):
        self.put("raw/big.csv", self.data + b'"unfinished\n')
        self.one(self.copy(), status=65)
        self.assertEqual(self.keys(), ["raw/big.csv"])
        self.assertEqual(self.services.uploads(self.bucket), [])


class Keys(Aws):
    """Temporary keys, and who gives them out."""

    def make_keys(self, number, life=None):
        """A set that the front knows, as credential_process prints it."""
        key = "ASIATEST%012d" % number
        secret = "canary/temporary/secret/" + secrets.token_hex(8)
        token = "canary/session/token/" + secrets.token_hex(200)
        self.front.keys[key] = aws_front.Key(secret, token)
        self.addCleanup(self.front.keys.pop, key)
        self.secrets |= {secret, token}
        made = {"Version": 1, "AccessKeyId": key, "SecretAccessKey": secret,
                "SessionToken": token}
        if life is not None:
            made["Expiration"] = time.strftime(
                "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + life))
        return made

    def used(self):
        """The keys that signed, in order, each once."""
        return list(dict.fromkeys(r.key for r in self.front.requests))


class OfAProcess(Keys):
    """A program that prints keys: here, what a file holds."""

    def stock(self, made):
        self.write("secret-stock", json.dumps(made))

    def environment(self, env=None):
        config = self.write(
            "config", "[default]\ncredential_process = cat '%s'\n" %
            self.path("secret-stock"))
        return super().environment({
            "AWS_CONFIG_FILE": config, "AWS_ACCESS_KEY_ID": None,
            "AWS_SECRET_ACCESS_KEY": None, **(env or {})})

    def test_keys_of_a_process_sign(self):
        self.put("raw/x.csv", b"id\n1\n")
        made = self.make_keys(1, life=3600)
        self.stock(made)
        self.one(self.copy())
        self.assertEqual(self.used(), [made["AccessKeyId"]])

    def replace_at_the_second_part(self, first, second, hook):
        """A run for which there are other keys from then on."""
        data = rows(11)
        self.put("raw/big.csv", data)
        self.stock(first)

        def before(request):
            if request.arguments.get("partNumber") == "2" \
                    and first["AccessKeyId"] in str(request.headers):
                self.stock(second)
                hook()

        self.front.before = before
        self.one(self.copy(parallel=1))
        self.assertEqual(self.get("out/big.csv"), data)
        self.assertEqual(self.services.uploads(self.bucket), [])
        self.assertEqual(self.used(), [first["AccessKeyId"],
                                       second["AccessKeyId"]])

    def test_a_token_that_expires_between_two_parts_is_replaced(self):
        self.strict = False
        first, second = (self.make_keys(n, life=3600) for n in (1, 2))
        key = self.front.keys[first["AccessKeyId"]]
        self.replace_at_the_second_part(
            first, second, lambda: setattr(key, "expires", 0))
        self.assertEqual([why.code for why in self.front.refused],
                         ["ExpiredToken"])

    def test_a_token_that_says_when_it_ends_is_replaced_by_then(self):
        first, second = self.make_keys(1, life=5), self.make_keys(2, 3600)
        end = time.time() + 5.1
        self.replace_at_the_second_part(
            first, second, lambda: time.sleep(max(0, end - time.time())))
        # Not because it was refused, but because it knew.
        self.assertEqual(self.front.refused, [])

    def test_when_no_better_token_comes_the_run_fails_and_says_why(self):
        self.strict = False
        self.put("raw/x.csv", b"id\n1\n")
        made = self.make_keys(1, life=3600)
        self.stock(made)
        self.front.keys[made["AccessKeyId"]].expires = 0
        run = self.work(self.copy(), status=77)
        self.assertIn("ExpiredToken", run.err)
        self.assertIn("credential_process", run.err)

    def test_a_process_that_fails_is_not_passed_over(self):
        self.put("raw/x.csv", b"id\n1\n")
        run = self.work(self.copy(), status=78)
        self.assertIn("credential_process", run.err)
        self.assertEqual(self.front.requests, [])


class Instance(http.server.BaseHTTPRequestHandler):
    """The metadata service of an instance, version 2 only."""

    ROLE = "/latest/meta-data/iam/security-credentials/"

    def log_message(self, *_):
        """Silence: the default writes to standard error."""

    def give(self, status, text=""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        self.server.asked.append("PUT " + self.path)
        life = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if self.path != "/latest/api/token" or not life.isdigit() \
                or "X-Forwarded-For" in self.headers:
            self.give(400)
        else:
            self.give(200, self.server.token)

    def do_GET(self):
        self.server.asked.append("GET " + self.path)
        if self.headers.get("X-aws-ec2-metadata-token") != self.server.token:
            self.give(401)
        elif self.path == self.ROLE:
            self.give(200, "forebay")
        elif self.path == self.ROLE + "forebay":
            self.give(200, json.dumps(self.server.keys))
        elif self.path == "/latest/meta-data/placement/region":
            self.give(200, aws_services.REGION)
        else:
            self.give(404)


class OnAnInstance(Keys):
    """Without any configuration, as the package is installed on EC2."""

    def setUp(self):
        super().setUp()
        self.imds = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                    Instance)
        self.imds.token = "canary/instance/token/" + secrets.token_hex(8)
        self.secrets.add(self.imds.token)
        self.imds.asked = []
        made = self.make_keys(3, life=3600 * 6)
        self.imds.keys = {
            "Code": "Success", "Type": "AWS-HMAC",
            "LastUpdated": made["Expiration"],
            "AccessKeyId": made["AccessKeyId"],
            "SecretAccessKey": made["SecretAccessKey"],
            "Token": made["SessionToken"], "Expiration": made["Expiration"]}
        thread = threading.Thread(target=self.imds.serve_forever,
                                  args=(0.05,))
        thread.start()
        self.addCleanup(self.imds.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(self.imds.shutdown)

    def environment(self, env=None):
        more = {"AWS_EC2_METADATA_DISABLED": None, "AWS_REGION": None,
                "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT":
                    "http://127.0.0.1:%d" % self.imds.server_address[1]}
        more.update(env or {})
        return super().environment(more)

    def test_keys_come_from_the_instance(self):
        self.put("raw/orders.csv", sample("orders.csv"))
        self.one(ORDERS, *AS_OF)
        self.assertEqual(self.used(), [self.imds.keys["AccessKeyId"]])
        self.assertTrue(self.imds.asked[0].startswith("PUT "))

    def test_an_instance_without_a_role_is_a_matter_of_permission(self):
        self.imds.keys = {"Code": "Failed", "Message": "no role"}
        self.put("raw/orders.csv", sample("orders.csv"))
        run = self.work(ORDERS, *AS_OF, status=None)
        self.assertIn(run.status, (69, 77, 78))
        self.assertIn("instance", run.err)


class Refused(Aws):
    """What AWS does not take, and what is said then."""

    def setUp(self):
        super().setUp()
        self.strict = False
        self.put("raw/orders.csv", sample("orders.csv"))

    def test_a_wrong_secret_is_a_matter_of_permission(self):
        wrong = "canary/wrong/secret/0123456789"
        self.secrets.add(wrong)
        run = self.work(ORDERS, *AS_OF, status=77,
                        env={"AWS_SECRET_ACCESS_KEY": wrong})
        self.assertIn("SignatureDoesNotMatch", run.err)
        self.assertIn(self.bucket, run.err)
        self.assertEqual(self.keys(), ["raw/orders.csv"])
        self.assertEqual(len(self.front.requests), 1)

    def test_an_unknown_key_too(self):
        run = self.work(ORDERS, *AS_OF, status=77,
                        env={"AWS_ACCESS_KEY_ID": "AKIAUNKNOWNUNKNOWN00"})
        self.assertIn("InvalidAccessKeyId", run.err)

    def test_a_wrong_region_is_named_beside_the_right_one(self):
        run = self.work(ORDERS, *AS_OF, status=None,
                        env={"AWS_REGION": "eu-west-1"})
        self.assertNotEqual(run.status, 0)
        self.assertIn("us-east-1", run.err)
        self.assertEqual(self.keys(), ["raw/orders.csv"])

    def test_a_bucket_that_is_not_there(self):
        run = self.work(ORDERS, *AS_OF, status=None,
                        env={"STORE": "s3://no-such-bucket-here"})
        self.assertNotEqual(run.status, 0)
        self.assertIn("no-such-bucket-here", run.err)

    def test_a_clock_that_is_wrong_costs_a_call_one_attempt(self):
        for skew in (20 * 60, -20 * 60):
            with self.subTest(skew=skew):
                self.front.forget()
                self.front.skew = skew
                self.addCleanup(setattr, self.front, "skew", 0)
                topic, queue = self.told()
                self.state = self.path("state%d" % skew)
                report = self.one(ORDERS, *AS_OF, env={"NOTIFY": topic})
                self.assertEqual(report["outcome"], "success")
                refused = [r for r in self.front.requests
                           if r.status not in (200, 404)]
                agents = {r.headers["amz-sdk-invocation-id"]
                          for r in refused}
                self.assertEqual(len(refused), len(agents))
                self.assertEqual({r.service for r in refused},
                                 {"s3", "sns"})
                self.assertIn("clock", report["said"])
                self.assertEqual(len(queue.receive()), 1)


class Announced(Aws):
    """Runs that a queue starts."""

    PIPELINE = """\
pipeline: announced
vars: {STORE: "s3://bucket", QUEUE: queue}
trigger: {uri: "sqs://${QUEUE}", match: "${STORE}/raw/*.csv", poll: 0s}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out/${trigger.name}"}}
"""

    def setUp(self):
        super().setUp()
        self.queue = self.services.make_queue()
        self.pipeline = self.write("announced.yaml", self.PIPELINE)

    def environment(self, env=None):
        return super().environment({"QUEUE": self.queue.name, **(env or {})})

    def test_what_s3_announces_is_run_once_and_its_message_deleted(self):
        self.services.announce(self.bucket, self.queue)  # and a test message
        for name in ("a.csv", "b c+d%.csv", "表.csv"):
            self.put("raw/" + name, b"id\n1\n")
        self.assertEqual(len(self.work(self.pipeline).runs()), 3)
        self.assertEqual(self.keys(), sorted(
            folder + name for name in ("a.csv", "b c+d%.csv", "表.csv")
            for folder in ("out/", "raw/")))
        # What the run wrote was announced, too: deleted, never run.
        self.assertEqual(self.work(self.pipeline).runs(), [])
        self.assertEqual(self.queue.count(), 0)

    def test_what_comes_through_a_topic_is_run_too(self):
        topic = self.services.make_topic()
        self.services.subscribe(topic, self.queue)
        self.put("raw/a.csv", b"id\n1\n")
        self.services.sns("Publish", TopicArn=topic, Message=json.dumps({
            "Records": [{
                "eventVersion": "2.1", "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": self.bucket},
                       "object": {"key": "raw/a.csv", "size": 5,
                                  "sequencer": "0055AED6DCD90281E5"}}}]}))
        self.one(self.pipeline)
        self.assertEqual(self.get("out/a.csv"), b"id\n1\n")
        self.assertEqual(self.queue.count(), 0)

    def test_an_empty_queue_is_idle(self):
        run = self.work(self.pipeline)
        self.assertRegex(run.idle()[0], "^nothing due")

    def test_a_message_that_nobody_understands_stays(self):
        self.queue.send("hello")
        run = self.work(self.pipeline)
        self.assertEqual(run.runs(), [])
        self.assertIn("left in the queue", run.err)
        self.assertEqual(self.queue.count(), 1)


class Canary(Aws):
    """Every kind of secret in one run that succeeds and one that fails; the
    search itself is in tearDown, as after every test."""

    def run_with_all(self, status):
        server = listeners.Http((204, {}, b""))
        hook = "canary-webhook-" + secrets.token_hex(8)
        self.secrets.add(hook)
        key = self.write("secret-hook", hook + "\n")
        os.chmod(key, 0o600)
        topic, queue = self.told()
        with open(ORDERS, encoding="utf-8") as file:
            text = file.read().replace("../schemas/", TOP + "/schemas/")
        text += ('  desk: {uri: "%s/x", on: [success, failure], '
                 'hmac_secret: "${file:%s}"}\n' % (server.url, key))
        pipeline = self.write("orders.yaml", text)
        with server:
            for format_ in ("text", "json"):
                self.state = self.path("state-" + format_)
                self.one(pipeline, *AS_OF, "--log-format", format_,
                         status=status, env={"NOTIFY": topic})
        self.forebay("show", pipeline, env={"NOTIFY": topic})
        self.history()
        self.assertEqual(len(server.requests), 2)
        self.streams += [r.body for r in server.requests]
        messages = queue.receive()
        self.assertEqual(len(messages), 2)
        self.streams += [message.encode() for message in messages]
        self.assertGreater(len(list(self.written())), 8)

    def test_of_a_run_that_succeeds(self):
        self.put("raw/orders.csv", sample("orders.csv"))
        self.run_with_all(0)

    def test_of_a_run_that_fails(self):
        self.put("raw/orders.csv", b"OrderId,Custmer\n1,Ann\n")
        self.run_with_all(65)

    def test_the_search_finds_what_it_looks_for(self):
        self.write("leak", "x" + aws_services.SECRET)
        self.assertRaises(AssertionError, self.assert_no_secrets)
        os.unlink(self.path("leak"))


if __name__ == "__main__":
    import unittest
    unittest.main()
