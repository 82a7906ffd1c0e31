"""Whole pipelines that tell people: by a web service, by mail, by SNS.

The services are servers of this machine that record what comes. What the
services themselves make of it is not shown here.
"""

import email
import email.policy
import hashlib
import hmac
import json
import os
import urllib.parse

import forebay
from listeners import PEM, Http, Smtp

OK = (200, {}, b"ok")
DOWN = (503, {}, b"down")

PIPELINE = """\
pipeline: shop
trigger: {uri: "${STORE}/raw/*.csv", attempts: 3}
sources: {upload: {uri: "${trigger.uri}", on_reject: drop}}
sinks: {out: {uri: "${STORE}/out/${trigger.name}"}}
notifiers:
  desk: %s
"""

# One for each place that a secret can be written into.
CANARIES = {name: "canary-%s-7f3a91" % name
            for name in ("path", "key", "token", "password")}


class Shop(forebay.Case):
    """A case with a pipeline that tells `notifier`, a YAML map."""

    def shop(self, notifier, name="a.csv", content="x\n1\n2\n"):
        self.pipeline = self.write("shop.yaml", PIPELINE % (
            json.dumps(notifier)))
        self.write("store/raw/" + name, content)

    def secret(self, name):
        """${file:...} of a secret."""
        path = self.write(name + ".secret", CANARIES[name] + "\n")
        os.chmod(path, 0o600)
        return "${file:%s}" % path

    def undelivered(self, why):
        """A run whose message stays in the outbox."""
        run = self.work(self.pipeline, status=None)
        self.assertNotEqual(run.status, 0, str(run))
        self.assertEqual([r["outcome"] for r in run.runs()], ["success"])
        self.assertRegex(run.err, why)
        return run

    def assert_no_secret(self, *runs):
        """Nothing that was printed or written holds a canary."""
        for canary in CANARIES.values():
            for run in runs:
                self.assertNotIn(canary, run.out + run.err)
            for name in self.files():
                if not name.endswith(".secret"):
                    self.assertNotIn(canary.encode(), self.read(name), name)


class Webhook(Shop):
    def test_the_report_is_posted_as_json(self):
        with Http(OK) as server:
            self.shop({"uri": server.url + "/hook?room=1"})
            report = self.one(self.pipeline)
        request, = server.requests
        self.assertEqual((request.method, request.path),
                         ("POST", "/hook?room=1"))
        self.assertEqual(request.headers["Content-Type"], "application/json")
        told = json.loads(request.body)
        self.assertEqual(told["run"], report["run"])
        self.assertEqual(told["rows"], report["rows"])
        self.assertEqual(told["outputs"][0]["uri"],
                         self.store + "/out/a.csv")
        self.assertEqual(request.headers["X-Forebay-Message"],
                         report["run"] + ".desk.1")

    def test_the_signature_covers_the_time_and_the_body(self):
        with Http(OK) as server:
            self.shop({"uri": server.url, "hmac_secret": self.secret("key")})
            self.work(self.pipeline)
        request, = server.requests
        time = request.headers["X-Forebay-Timestamp"]
        self.assertGreater(int(time), 1_700_000_000)
        expected = hmac.new(CANARIES["key"].encode(),
                            time.encode() + b"." + request.body,
                            hashlib.sha256).hexdigest()
        self.assertEqual(request.headers["X-Forebay-Signature"],
                         "sha256=" + expected)

    def test_headers_of_ones_own_are_sent(self):
        with Http(OK) as server:
            self.shop({"uri": server.url, "headers": {
                "Authorization": "Bearer " + self.secret("token"),
                "X-Empty": ""}})
            self.work(self.pipeline)
        headers = server.requests[0].headers
        self.assertEqual(headers["Authorization"],
                         "Bearer " + CANARIES["token"])
        self.assertEqual(headers["X-Empty"], "")

    def test_slack_gets_text_that_calls_nobody(self):
        with Http(OK) as server:
            self.shop({"uri": server.url, "body": "slack"},
                      name="<!channel> & co.csv")
            self.work(self.pipeline)
        told = json.loads(server.requests[0].body)
        self.assertEqual(set(told), {"text", "blocks"})
        self.assertIn("&lt;!channel&gt; &amp; co.csv", told["text"])
        plain, rich = told["blocks"]
        self.assertEqual(plain["text"]["type"], "plain_text")
        self.assertEqual(rich["elements"][0]["type"],
                         "rich_text_preformatted")
        self.assertIn("raw/<!channel> & co.csv",
                      rich["elements"][0]["elements"][0]["text"])

    def test_teams_gets_a_card_without_markdown(self):
        with Http((202, {}, b"")) as server:
            self.shop({"uri": server.url, "body": "teams"},
                      name="[click](https:evil).csv")
            self.work(self.pipeline)
        told = json.loads(server.requests[0].body)
        card = told["attachments"][0]
        self.assertEqual(card["contentType"],
                         "application/vnd.microsoft.card.adaptive")
        lines = card["content"]["body"]
        self.assertEqual({line["type"] for line in lines}, {"RichTextBlock"})
        self.assertIn("[click](https:evil).csv", "".join(
            run["text"] for line in lines for run in line["inlines"]))

    def test_a_message_that_was_refused_is_delivered_later(self):
        with Http(DOWN, OK) as server:
            self.shop({"uri": server.url + "/hook"})
            self.undelivered(r"cannot POST to 'http://127\.0\.0\.1:\d+/\.\.\.'"
                             r": the answer is 503")
            again = self.work(self.pipeline)
            self.assertEqual(again.runs(), [])
            self.work(self.pipeline)  # and not once more
        first, second = server.requests
        self.assertEqual(first.body, second.body)
        self.assertEqual(first.headers["X-Forebay-Message"],
                         second.headers["X-Forebay-Message"])

    def test_nobody_listening_is_tried_later_too(self):
        with Http(OK) as server:
            url = server.url
        self.shop({"uri": url})
        self.undelivered("cannot POST to .*[Cc]ouldn't connect")

    def test_a_redirect_is_not_followed(self):
        with Http(OK) as other:
            with Http((307, {"Location": other.url}, b"")) as server:
                self.shop({"uri": server.url,
                           "hmac_secret": self.secret("key")})
                run = self.undelivered("the answer is 307")
            self.assertEqual(len(server.requests), 1)
            self.assertEqual(other.requests, [])
        self.assert_no_secret(run)

    def test_the_word_of_slack_is_shown_and_no_page_is(self):
        with Http((404, {}, b"no_service"),
                  (404, {}, b"<html>you sent " +
                   CANARIES["token"].encode())) as server:
            self.shop({"uri": server.url})
            self.undelivered(r"the answer is 404 \(no_service\)")
            run = self.work(self.pipeline, status=None)
        self.assertIn("the answer is 404", run.err)
        self.assert_no_secret(run)

    def test_a_certificate_is_always_verified(self):
        with Http(OK, tls=True) as server:
            self.shop({"uri": server.url + "/hook"})
            self.undelivered("certificate")
            self.assertEqual(server.requests, [])
            self.pipeline = self.write("shop.yaml", PIPELINE % json.dumps(
                {"uri": server.url + "/hook", "ca_bundle": PEM}))
            self.work(self.pipeline)
        self.assertEqual(len(server.requests), 1)

    def test_a_certificate_of_another_host_is_refused(self):
        with Http(OK, tls=True, host="127.0.0.2") as server:
            self.shop({"uri": server.url, "ca_bundle": PEM})
            self.undelivered("does not match|doesn't match|no alternative")
        self.assertEqual(server.requests, [])

    def test_only_this_machine_is_told_in_the_clear(self):
        self.shop({"uri": "http://hooks.example.com/x"})
        run = self.forebay("check", "--no-env", self.pipeline, status=78)
        self.assertIn("http:// is for this machine only", run.err)

    def test_check_connects_and_sends_nothing(self):
        with Http(OK, tls=True) as server:
            self.shop({"uri": server.url, "ca_bundle": PEM})
            self.forebay("check", self.pipeline)
        self.assertEqual(server.requests, [])
        run = self.forebay("check", self.pipeline, status=78)
        self.assertIn("cannot connect to '%s/...'" % server.url, run.err)


class WebhookSecrets(Shop):
    def notifier(self, server):
        path = self.write("url.secret", "%s/services/%s?sig=%s\n" % (
            server.url, CANARIES["path"], CANARIES["path"]))
        os.chmod(path, 0o600)
        return {"type": "webhook", "body": "slack",
                "secret_url": "${file:%s}" % path,
                "hmac_secret": self.secret("key"),
                "headers": {"Authorization": self.secret("token")}}

    def test_no_secret_is_printed_or_kept_when_all_goes_well(self):
        with Http(OK) as server:
            self.shop(self.notifier(server))
            run = self.work(self.pipeline, "--log-format", "json")
            shown = self.forebay("show", self.pipeline)
            checked = self.forebay("check", self.pipeline)
        self.assertIn(CANARIES["path"], server.requests[0].path)
        self.assert_no_secret(run, shown, checked)

    def test_a_url_in_the_environment_stays_there(self):
        with Http(OK) as server:
            self.shop({"uri": "${HOOK}"})
            run = self.work(self.pipeline, env={
                "HOOK": server.url + "/" + CANARIES["path"]})
        self.assertIn(CANARIES["path"], server.requests[0].path)
        self.assert_no_secret(run)

    def test_a_header_in_the_environment_is_not_shown(self):
        self.shop({"uri": "https://desk.example.com/x",
                   "headers": {"Authorization": "Bearer ${TOKEN}"}})
        shown = self.forebay("show", self.pipeline, env={
            "TOKEN": CANARIES["token"]})
        self.assertRegex(shown.out, 'headers: {Authorization: "[*]{4}"} .*'
                                    '# .*; TOKEN: environment')
        self.assert_no_secret(shown)

    def test_no_secret_is_printed_or_kept_when_it_fails(self):
        def echo(request):
            return 403, {}, (request.path + str(request.headers)).encode()

        with Http(echo) as server:
            self.shop(self.notifier(server))
            run = self.undelivered("the answer is 403")
            again = self.work(self.pipeline, status=None)
        refused = self.work(self.pipeline, status=None)  # nobody listens
        checked = self.forebay("check", self.pipeline, status=78)
        self.assert_no_secret(run, again, refused, checked)


class Mail(Shop):
    def notifier(self, server, **more):
        return dict({"uri": "mailto:ops@example.com", "server": server.url,
                     "from": "forebay@example.com", "tls": "none"}, **more)

    def letter(self, server):
        letter, = server.letters
        return email.message_from_bytes(letter.data,
                                        policy=email.policy.default)

    def test_a_letter_says_what_happened(self):
        with Smtp() as server:
            self.shop(self.notifier(
                server, uri="mailto:ops@example.com,dev%40x@example.com"
                .replace("%40x", "%2Bx"), subject_prefix="[shop]"))
            self.pipeline_report = self.one(self.pipeline)
        self.assertEqual(server.letters[0].to,
                         ["ops@example.com", "dev+x@example.com"])
        self.assertRegex(server.letters[0].sender,
                         r"^MAIL FROM:<forebay@example\.com>")
        letter = self.letter(server)
        self.assertEqual(letter["From"], "forebay@example.com")
        self.assertEqual(letter["To"],
                         "ops@example.com, dev+x@example.com")
        self.assertEqual(
            letter["Subject"],
            "[shop] shop: success for a.csv, 2 rows written, 0 rejected")
        self.assertEqual(letter["Auto-Submitted"], "auto-generated")
        self.assertEqual(letter["Message-ID"], "<%s.desk.1@example.com>"
                         % self.pipeline_report["run"])
        self.assertEqual(letter.get_content_type(), "text/plain")
        self.assertIsNotNone(letter["Date"].datetime.tzinfo)
        self.assertEqual(letter.defects, [])
        self.assertIn("2 read = 2 written + 0 filtered + 0 rejected",
                      letter.get_content())

    def test_every_letter_of_every_language_arrives(self):
        name = "注文一覧・髙島屋" * 4 + ".csv"
        with Smtp() as server:
            self.shop(self.notifier(server, **{
                "from": "受付 <forebay@example.com>"}), name=name)
            self.work(self.pipeline)
        letter = self.letter(server)
        self.assertIn(name, letter["Subject"])
        self.assertIn(name, letter.get_content())
        self.assertEqual(letter["From"].addresses[0].display_name, "受付")
        data = server.letters[0].data
        data.decode("ascii")
        self.assertLessEqual(max(map(len, data.split(b"\r\n"))), 78)
        self.assertNotRegex(data, rb"[^\r]\n")

    def test_a_file_name_cannot_add_a_header(self):
        with Smtp() as server:
            self.shop(self.notifier(server),
                      name="a\r\nBcc: evil@example.com\r\n.csv")
            self.work(self.pipeline, status=65)  # not a name that is taken
        letter = self.letter(server)
        self.assertIsNone(letter["Bcc"])
        self.assertEqual(server.letters[0].to, ["ops@example.com"])

    def test_a_letter_put_off_is_delivered_later_under_the_same_id(self):
        with Smtp(refuse={"RCPT": "451 4.3.0 try later"}) as server:
            self.shop(self.notifier(server))
            self.undelivered('cannot send mail by .*the server says '
                             '"451 4.3.0 try later"')
            server.refuse = {".": "452 4.2.2 full"}
            self.work(self.pipeline, status=None)
            server.refuse = {}
            again = self.work(self.pipeline)
            self.work(self.pipeline)
        self.assertEqual(again.runs(), [])
        self.letter(server)  # exactly one

    def test_a_refusal_names_the_reason(self):
        with Smtp(refuse={"RCPT": "550 5.1.1 <ops@example.com>: who?"}) as s:
            self.shop(self.notifier(s))
            self.undelivered("550 5.1.1 <ops@example.com>: who")
        self.assertEqual(s.letters, [])

    def test_nothing_is_said_without_encryption_that_was_asked_for(self):
        with Smtp(login=("forebay", CANARIES["password"])) as server:
            self.shop(self.notifier(server, tls="required", user="forebay",
                                    password=self.secret("password")))
            run = self.undelivered("cannot send mail")
        self.assertEqual(server.letters, [])
        self.assertEqual([c for c in server.commands
                          if not c.startswith("EHLO")], [])
        self.assert_no_secret(run)

    def test_starttls_and_a_login(self):
        with Smtp(starttls=True,
                  login=("forebay", CANARIES["password"])) as server:
            self.shop(self.notifier(
                server, tls="required", ca_bundle=PEM, user="forebay",
                password=self.secret("password")))
            self.forebay("check", self.pipeline)
            self.assertEqual(server.letters, [])
            run = self.work(self.pipeline)
        self.assertTrue(server.letters[0].encrypted)
        self.assertEqual(server.letters[0].user, "forebay")
        self.assert_no_secret(run)

    def test_opportunistic_takes_encryption_where_it_is_offered(self):
        for offered in (True, False):
            with self.subTest(offered), Smtp(starttls=offered) as server:
                self.shop(self.notifier(server, tls="opportunistic",
                                        ca_bundle=PEM),
                          name="%s.csv" % offered)
                self.work(self.pipeline)
                self.assertEqual(server.letters[0].encrypted, offered)

    def test_opportunistic_does_not_take_any_certificate(self):
        with Smtp(starttls=True) as server:
            self.shop(self.notifier(server, tls="opportunistic"))
            self.undelivered("certificate")
        self.assertEqual(server.letters, [])

    def test_smtps(self):
        with Smtp(tls=True) as server:
            self.shop(self.notifier(server, tls="required", ca_bundle=PEM))
            self.work(self.pipeline)
            self.assertTrue(server.letters[0].encrypted)
            self.shop(self.notifier(server, tls="required"), content="x\n")
            self.undelivered("certificate")
        self.assertEqual(len(server.letters), 1)

    def test_a_wrong_password_is_not_told_to_the_log(self):
        with Smtp(tls=True, login=("forebay", "another")) as server:
            self.shop(self.notifier(
                server, tls="required", ca_bundle=PEM, user="forebay",
                password=self.secret("password")))
            run = self.undelivered(r"the login is refused \(535\)")
            checked = self.forebay("check", self.pipeline, status=78)
        self.assert_no_secret(run, checked)
        self.assertIn("login is refused", checked.err)


TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:orders"
PUBLISHED = (200, {}, b"""<PublishResponse><PublishResult>
<MessageId>m-1</MessageId></PublishResult></PublishResponse>""")
LOOKED_AT = (200, {}, b"<GetTopicAttributesResponse/>")


def sns_error(status, code):
    return status, {}, ("<ErrorResponse><Error><Type>Sender</Type><Code>%s"
                        "</Code><Message>no</Message></Error><RequestId>r-9"
                        "</RequestId></ErrorResponse>" % code).encode()


class Sns(Shop):
    """The shipped pipeline, with nothing but its variables changed."""

    pipeline = os.path.join(forebay.TOP, "pipelines", "orders-filter.yaml")

    def setUp(self):
        super().setUp()
        with open(os.path.join(forebay.TOP, "pipelines", "samples",
                               "orders.csv"), "rb") as file:
            self.write("store/raw/orders.csv", file.read())

    def cloud(self, server, topic=TOPIC):
        return {"NOTIFY": topic, "AWS_ENDPOINT_URL": server.url,
                "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": CANARIES["key"],
                "AWS_SESSION_TOKEN": CANARIES["token"]}

    def form(self, request):
        return {name: values[0] for name, values in urllib.parse.parse_qs(
            request.body.decode("ascii"), strict_parsing=True).items()}

    def test_the_shipped_pipeline_publishes_its_report(self):
        with Http(PUBLISHED) as server:
            env = self.cloud(server)
            report = self.one(self.pipeline, "--as-of", "2025-05-10", env=env)
        request, = server.requests
        self.assertRegex(
            request.headers["Authorization"],
            r"^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/ap-northeast-1/"
            r"sns/aws4_request, ")
        form = self.form(request)
        self.assertEqual(form["Action"], "Publish")
        self.assertEqual(form["TopicArn"], TOPIC)
        rows = report["rows"]
        for number in rows.values():
            self.assertIn(str(number), form["Message"].replace(",", ""))
        self.assertIn("processed/filtered_orders.csv", form["Message"])
        self.assertIn(report["run"], form["Message"])
        attributes = {
            form["MessageAttributes.entry.%d.Name" % i]:
            form["MessageAttributes.entry.%d.Value.StringValue" % i]
            for i in range(1, 5)}
        self.assertEqual(attributes, {
            "pipeline": "orders-filter", "outcome": "success",
            "run_id": report["run"], "message_id": report["run"] + ".ops.1"})

    def test_a_message_is_kept_while_sns_refuses_and_sent_later(self):
        with Http(sns_error(403, "AuthorizationError"), PUBLISHED) as server:
            env = self.cloud(server, TOPIC + ".fifo")
            run = self.work(self.pipeline, status=None, env=env)
            self.assertEqual(run.runs()[0]["outcome"], "success")
            self.assertNotEqual(run.status, 0)
            self.assertIn("403 AuthorizationError", run.err)
            again = self.work(self.pipeline, env=env)
            self.work(self.pipeline, env=env)
        self.assertEqual(again.runs(), [])
        first, second = map(self.form, server.requests)
        self.assertEqual(first, second)
        self.assertEqual(first["MessageGroupId"], "orders-filter")
        self.assert_no_secret(run, again)

    def test_no_secret_is_printed_or_kept_whatever_the_answer(self):
        def echo(request):
            return 403, {}, (str(request.headers)
                             + request.body.decode()).encode()

        with Http(echo) as server:
            env = self.cloud(server)
            run = self.work(self.pipeline, status=None, env=env)
            checked = self.forebay("check", self.pipeline, env=env,
                                   status=None)
        gone = self.work(self.pipeline, status=None, env=env)
        self.assert_no_secret(run, checked, gone)

    def test_check_looks_and_publishes_nothing(self):
        with Http(LOOKED_AT) as server:
            self.forebay("check", self.pipeline, env=self.cloud(server))
        self.assertEqual({self.form(request)["Action"]
                          for request in server.requests},
                         {"GetTopicAttributes"})

    def test_check_names_a_topic_that_is_not_there(self):
        with Http(sns_error(404, "NotFound")) as server:
            run = self.forebay("check", self.pipeline,
                               env=self.cloud(server), status=78)
        self.assertIn(TOPIC, run.err)
        self.assertIn("no such topic", run.err)


if __name__ == "__main__":
    forebay.unittest.main()
