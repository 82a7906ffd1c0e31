"""The policies for AWS say what the code calls, and little else.

Whether AWS reads them as we do is not shown here.
"""

import glob
import json
import os
import re
import subprocess
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
FOLDER = os.path.join(TOP, "deploy", "iam")

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
ACTION = re.compile(r"\b((?:s3|sns|sqs|kms|sts|athena|glue):[A-Z][a-zA-Z]+)\b")

# The only places where a star may stand for everything: refusals.
STARS = {("bucket-policy.json", "OnlyByTls"),
         ("bucket-policy.json", "OnlyByNewTls"),
         ("bucket-policy.json", "OnlyTheseRoles"),
         ("bucket-policy.json", "OnlyFromTheCompanysNetwork")}

# What the code names and no policy of ours has to allow.
ELSEWHERE = {
    "sts:AssumeRoleWithWebIdentity": "trust policies outside of EC2",
    "s3:TestEvent": "no action, but a message",
}
REGION_IN_ARN = re.compile(r"arn:[^\"]*?:(s3|sns|sqs):[A-Z]+")

SECTIONS = {"processing-role.json": {"raw", "in", "processed", "converted",
                                     "refused"},
            "processing-extras.json": {"raw", "in", "processed", "converted",
                                       "refused", "done"},
            "query-role.json": {"processed", "enriched", "query-results"},
            "dashboard-role.json": {"enriched"},
            "uploader.json": {"raw", "in"}}

READS = {"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging"}
WRITES = {"s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject",
          "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def no_duplicates(pairs):
    """An object; JSON allows a key twice, and a policy would lose one."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice: %s" % [k for k, _ in pairs])
    return made


def policies():
    return {os.path.basename(path): json.loads(
        read(path), object_pairs_hook=no_duplicates)
        for path in sorted(glob.glob(os.path.join(FOLDER, "*.json")))}


def listed(value):
    return value if isinstance(value, list) else [value]


def statements():
    for name, policy in policies().items():
        for statement in policy["Statement"]:
            yield name, statement


def allowed(name):
    """{action: prefixes of the bucket} that a policy allows."""
    found = {}
    for of, statement in statements():
        if of != name or statement["Effect"] != "Allow":
            continue
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                key = resource.partition("${Bucket}/")[2]
                found.setdefault(action, set()).add(key.partition("/")[0])
    return found


class Policies(unittest.TestCase):
    maxDiff = None

    def test_each_is_a_policy_of_the_current_version(self):
        self.assertGreaterEqual(len(policies()), 8)
        for name, policy in policies().items():
            self.assertEqual(set(policy), {"Version", "Statement"}, name)
            self.assertEqual(policy["Version"], "2012-10-17", name)
            sids = [s["Sid"] for s in policy["Statement"]]
            self.assertEqual(len(sids), len(set(sids)), name)

    def test_each_statement_has_the_elements_that_its_kind_has(self):
        known = {"Sid", "Effect", "Principal", "Action", "Resource",
                 "Condition"}
        for name, statement in statements():
            place = (name, statement["Sid"])
            self.assertLessEqual(set(statement), known, place)
            self.assertRegex(statement["Sid"], r"^[A-Za-z0-9]+$")
            of_resource = name.endswith("-policy.json")
            self.assertEqual("Principal" in statement,
                             of_resource or name.startswith("trust-"), place)
            self.assertEqual("Resource" in statement,
                             not name.startswith("trust-"), place)

    def test_nothing_is_allowed_to_all_or_on_all(self):
        for name, statement in statements():
            if statement["Effect"] != "Allow":
                continue
            place = (name, statement["Sid"])
            self.assertNotEqual(statement.get("Principal"), "*", place)
            for action in statement["Action"]:
                self.assertRegex(action, r"^[a-z0-9]+:[A-Z][A-Za-z]+$", place)
            for resource in statement.get("Resource", []):
                self.assertRegex(
                    resource, r"^arn:\$\{Partition\}:[^*]+(/\*)?$", place)

    def test_a_star_refuses_where_the_list_says_so(self):
        found = {(name, statement["Sid"]) for name, statement in statements()
                 if any("*" in a for a in listed(statement["Action"]))}
        self.assertEqual(found, STARS)
        for name, statement in statements():
            if (name, statement["Sid"]) in STARS:
                self.assertEqual(statement["Effect"], "Deny")
                self.assertIn("Condition", statement)

    def test_each_role_keeps_to_its_prefixes(self):
        for name, prefixes in SECTIONS.items():
            for action, keys in allowed(name).items():
                self.assertLessEqual(keys - {""}, prefixes, (name, action))
                if action in READS | WRITES:
                    self.assertNotIn("", keys, (name, action))

    def test_who_reads_uploads_does_not_write_them(self):
        role = allowed("processing-role.json")
        self.assertEqual(role["s3:PutObject"], {"processed", "converted",
                                                 "refused"})
        self.assertNotIn("s3:DeleteObject", role)

    def test_who_uploads_does_nothing_else(self):
        role = allowed("uploader.json")
        self.assertEqual({action for action in role
                          if action.startswith("s3:")},
                         {"s3:PutObject", "s3:AbortMultipartUpload"})

    def test_who_looks_changes_nothing(self):
        self.assertEqual(
            set(allowed("dashboard-role.json")) & WRITES, set())

    def test_keys_are_used_through_named_services_only(self):
        for name, statement in statements():
            if any(a.startswith("kms:") for a in listed(statement["Action"])):
                self.assertIn("kms:ViaService",
                              statement["Condition"]["StringEquals"], name)

    def test_the_bucket_lets_only_uploaders_put_what_starts_a_run(self):
        statement, = [s for s in policies()["bucket-policy.json"]["Statement"]
                      if s["Sid"] == "OnlyUploadersStartProcessing"]
        self.assertEqual(statement["Resource"], [
            "arn:${Partition}:s3:::${Bucket}/raw/*",
            "arn:${Partition}:s3:::${Bucket}/in/*"])
        self.assertEqual(
            [arn.rpartition("/")[2] for arn in
             statement["Condition"]["ArnNotLikeIfExists"]["aws:PrincipalArn"]],
            ["${UploaderRole}", "${AdminRole}"])

    def test_no_policy_is_longer_than_aws_takes(self):
        for name, policy in policies().items():
            size = len(json.dumps(policy, separators=(",", ":")))
            self.assertLess(size, 6144, name)


class Code(unittest.TestCase):
    def named_in_the_code(self):
        found = {}
        for path in glob.glob(os.path.join(TOP, "plugins", "*", "*.[ch]")):
            text = REGION_IN_ARN.sub("", read(path))
            for action in ACTION.findall(text):
                found.setdefault(action, os.path.relpath(path, TOP))
        return found

    def test_every_action_that_the_code_names_is_in_a_policy(self):
        granted = {action for _, statement in statements()
                   if statement["Effect"] == "Allow"
                   for action in statement["Action"]}
        found = self.named_in_the_code()
        self.assertIn("sns:Publish", found)
        self.assertEqual({action: path for action, path in found.items()
                          if action not in granted | set(ELSEWHERE)}, {})

    def test_what_stands_elsewhere_is_still_named(self):
        self.assertLessEqual(set(ELSEWHERE), set(self.named_in_the_code()))


class Readme(unittest.TestCase):
    readme = read(os.path.join(FOLDER, "README.md"))

    def test_every_policy_is_described(self):
        self.assertEqual(
            set(re.findall(r"^\| `([\w-]+\.json)` \|", self.readme, re.M)),
            set(policies()))

    def test_every_placeholder_is_described(self):
        table = self.readme.partition("## Filling")[2].partition("```")[0]
        used = {name for path in glob.glob(os.path.join(FOLDER, "*.json"))
                for name in PLACEHOLDER.findall(read(path))}
        self.assertEqual(set(PLACEHOLDER.findall(table)), used)

    def test_the_shown_commands_fill_everything_in(self):
        script = re.search(r"```sh\n(.*?)\naws iam", self.readme, re.S)[1]
        with tempfile.TemporaryDirectory() as folder:
            for name in policies():
                with open(os.path.join(folder, name), "w",
                          encoding="utf-8") as file:
                    file.write(read(os.path.join(FOLDER, name)))
            done = subprocess.run(["sh", "-eu", "-c", script], cwd=folder,
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (0, "", ""))
            for name in policies():
                text = read(os.path.join(folder, "filled", name))
                self.assertNotIn("${", text)
                json.loads(text)


if __name__ == "__main__":
    unittest.main()
