"""A real browser for tests: Chromium without a window, through the DevTools
protocol over a pipe. It holds no test itself.

https://chromedevtools.github.io/devtools-protocol/ ; messages are JSON, each
with a NUL behind it, on the file descriptors 3 and 4 of the browser.
"""

import base64
import collections
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 60  # an answer that takes longer is a failure


def program():
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise AssertionError("no Chromium: 'scripts/setup.sh check' installs it")


class Browser:
    """One process; use it with `with`."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="forebay-browser-")
        self.number = 0
        self.pending = b""
        self.answers = {}
        self.events = collections.deque()

    def __enter__(self):
        ours_in, its_out = os.pipe()
        its_in, ours_out = os.pipe()
        flags = ["--headless=new", "--remote-debugging-pipe", "--disable-gpu",
                 "--user-data-dir=" + self.folder, "--no-first-run",
                 "--disable-background-networking", "--disable-sync",
                 "--disable-component-update", "--disable-default-apps",
                 "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--force-color-profile=srgb", "--lang=en"]
        if os.getuid() == 0:
            flags.append("--no-sandbox")  # which refuses to work for root
        self.errors = open(os.path.join(self.folder, "stderr"), "w+b")
        # Through a shell, for only that can say which numbers they get.
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", 'exec "$0" "$@" 3<&%d 4>&%d' % (its_in, its_out),
             program(), *flags, "about:blank"],
            pass_fds=(its_in, its_out), stdin=subprocess.DEVNULL,
            stdout=self.errors, stderr=self.errors,
            env={**os.environ, "HOME": self.folder})
        os.close(its_in)
        os.close(its_out)
        self.input, self.output = ours_in, ours_out
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.input)
        os.close(self.output)
        self.errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def told(self):
        self.errors.seek(0)
        return self.errors.read().decode("utf-8", "replace")[-2000:]

    def receive(self, until):
        """Take in what comes next; False when nothing came in time."""
        ready, _, _ = select.select([self.input], [], [],
                                    max(until - time.monotonic(), 0))
        if not ready:
            return False
        more = os.read(self.input, 1 << 20)
        if not more:
            raise AssertionError("the browser ended:\n" + self.told())
        *messages, self.pending = (self.pending + more).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.events.append(message)
        return True

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode("ascii") + b"\0"
        while data:
            data = data[os.write(self.output, data):]
        until = time.monotonic() + SECONDS
        while self.number not in self.answers:
            if not self.receive(until):
                raise AssertionError("%s: no answer\n%s" % (
                    method, self.told()))
        answer = self.answers.pop(self.number)
        if "error" in answer:
            raise AssertionError("%s: %s" % (method, answer["error"]))
        return answer["result"]

    def page(self):
        return Page(self)


class Page:
    """A tab. What it asked for and what it told is kept from the start."""

    def __init__(self, browser):
        self.browser = browser
        # A context of its own: no cache or download folder of another test.
        self.context = browser.call("Target.createBrowserContext")[
            "browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank",
                              browserContextId=self.context)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target,
                                    flatten=True)["sessionId"]
        self.seen = []
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(domain + ".enable")

    def close(self):
        self.browser.call("Target.disposeBrowserContext",
                          browserContextId=self.context)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def gather(self):
        """Every event so far, of this tab and of the browser."""
        while self.browser.events:
            self.seen.append(self.browser.events.popleft())
        return self.seen

    def wait_for(self, method, count=1, **wanted):
        """Wait until so many such events were seen; the last."""
        until = time.monotonic() + SECONDS
        while True:
            found = [event["params"] for event in self.gather()
                     if event["method"] == method and all(
                         event["params"].get(name) == value
                         for name, value in wanted.items())]
            if len(found) >= count:
                return found[-1]
            if not self.browser.receive(until):
                raise AssertionError("no %s" % method)

    def open(self, url, width=1280, dark=False, script=True):
        self.size(width)
        self.scheme(dark)
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        loads = sum(event["method"] == "Page.loadEventFired"
                    for event in self.gather())
        self.call("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired", loads + 1)

    def size(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, dark=False, media=""):
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])

    def run(self, expression):
        """The value of an expression of JavaScript in the page."""
        result = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError("%s: %s" % (
                expression, result["exceptionDetails"]))
        return result["result"].get("value")

    def click(self, selector, index=0):
        """A click of the mouse in the middle of an element."""
        place = self.run(
            "(() => { const e = document.querySelectorAll(%s)[%d];"
            " e.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
            % (json.dumps(selector), index))
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0],
                      y=place[1], button="left", clickCount=1)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def key(self, key, code=None):
        """A key pressed and let go: Tab, Enter, Backspace."""
        numbers = {"Tab": 9, "Enter": 13, "Backspace": 8}
        more = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key,
                      code=code or key, windowsVirtualKeyCode=numbers[key],
                      **(more if kind == "keyDown" else {}))

    def downloads_to(self, folder):
        self.browser.call("Browser.setDownloadBehavior", behavior="allow",
                          browserContextId=self.context, downloadPath=folder,
                          eventsEnabled=True)

    def picture(self, path, height=None):
        """The page as PNG: all of it, or its upper part."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "scale": 1,
                "height": min(height or 8000, size["height"])}
        data = self.call("Page.captureScreenshot", format="png", clip=clip,
                         captureBeyondViewport=True)["data"]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def requests(self):
        return [event["params"]["request"]["url"] for event in self.gather()
                if event["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """What stands in the console, exceptions among it."""
        return [event["params"] for event in self.gather()
                if event["method"] in ("Log.entryAdded",
                                       "Runtime.consoleAPICalled",
                                       "Runtime.exceptionThrown")]
