"""One object out of a local store (store.py) and back into it: forebay beside
what else copies objects, made to carry the bytes instead of asking the store
to copy. The same pipeline on files shows what of it is not S3.
"""

import os
import shutil
import subprocess
import sys
import urllib.request

from measure import Candidate, compete, summary
from setting import HERE, MIB

COPY = """\
pipeline: copy
vars: {STORE: "s3://bench"}
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out"}}
"""
KEYS = {"AWS_ACCESS_KEY_ID": "AKIABENCHBENCHBENCH0",
        "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true", "no_proxy": "*"}


class Store:
    """The server of store.py, with a file in it, for the time of a `with`."""

    def __init__(self, source):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "store.py"), source,
             "raw/large.csv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = "http://127.0.0.1:%d" % int(
            self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def fetch(self, key, path):
        """An object into a file; then it is no longer in the store."""
        url = "%s/bench/%s" % (self.url, key)
        with urllib.request.urlopen(url) as answer, \
                open(path, "wb") as file:
            shutil.copyfileobj(answer, file, MIB)
        urllib.request.urlopen(urllib.request.Request(
            url, method="DELETE")).close()


def from_store(name, words, env, missing=None, ours=False):
    def start(setting, _):
        made = [setting.fresh("state") if word == "{state}" else word
                for word in words]
        return made, env, {}

    return Candidate(name, start, missing=missing, ours=ours)


def on_files(pipeline):
    def start(setting, source):
        store = setting.fresh("store")
        os.mkdir(os.path.join(store, "raw"))
        os.link(source, os.path.join(store, "raw", "large.csv"))
        return [setting.program, "run", pipeline, "--ignore-window",
                "--state", setting.fresh("state")], {"STORE": store}, {
            "kept": os.path.join(store, "out")}

    return Candidate("forebay on files", start, ours=True)


def copiers(setting, pipeline, url):
    env = dict(KEYS, AWS_ENDPOINT_URL=url)
    remote = {"RCLONE_CONFIG_B_" + name: value for name, value in (
        ("TYPE", "s3"), ("PROVIDER", "Other"), ("ENV_AUTH", "true"),
        ("REGION", "us-east-1"), ("ENDPOINT", url))}
    return [
        from_store("forebay", [setting.program, "run", pipeline,
                               "--ignore-window", "--state", "{state}"],
                   env, ours=True),
        on_files(pipeline),
        from_store("aws s3 cp", [
            "/bin/sh", "-c", "aws s3 cp --quiet s3://bench/raw/large.csv - |"
            " exec aws s3 cp --quiet - s3://bench/out"], env,
            missing=None if shutil.which("aws") else "not installed"),
        from_store("rclone", [
            "rclone", "copyto", "--disable", "copy", "--config", "",
            "B:bench/raw/large.csv", "B:bench/out"],
            dict(env, AWS_CA_BUNDLE="", **remote),  # 1.60 stumbles over it
            missing=None if shutil.which("rclone") else "not installed"),
    ]


def fetching(candidate, store):
    """Its result is fetched and held against the others', then removed."""
    begin = candidate.start

    def start(setting, source):
        command, env, _ = begin(setting, source)
        path = os.path.join(setting.fresh("fetched"), "out")
        return command, env, {"kept": Late(store, path)}

    candidate.start = start
    return candidate


class Late(os.PathLike):
    """A file that is fetched when somebody first wants to look at it."""

    def __init__(self, store, path):
        self.store = store
        self.path = path

    def __fspath__(self):
        if not os.path.exists(self.path):
            self.store.fetch("out", self.path)
        return self.path


def s3(setting):
    size = 64 * MIB if setting.quick else 512 * MIB
    setting.need_room(5 * size)
    source = setting.made("large", size)
    size = os.path.getsize(source)
    pipeline = os.path.join(setting.work, "copy.yaml")
    with open(pipeline, "w", encoding="utf-8") as file:
        file.write(COPY)
    try:
        with Store(source) as store:
            candidates = copiers(setting, pipeline, store.url)
            for candidate in candidates:
                candidate.same = ("kept",)
                if candidate.name != "forebay on files":
                    fetching(candidate, store)
            samples = compete(setting, candidates, source, 3)
    finally:
        os.unlink(source)
    return {"title": "s3 to s3, one object of %.0f MB" % (size / 1e6),
            "bytes": size, "data": "large",
            "rows": summary(candidates, samples), "samples": samples}
