"""Chromium without a window, driven over two pipes in its own language, the Chrome DevTools Protocol.

See https://chromedevtools.github.io/devtools-protocol: a command is a line of JSON that ends in a zero byte, and so is
an answer or an event.
"""

import base64
import json
import os
import select
import shutil
import signal
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

__all__ = ["Chromium", "find_chromium"]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]
SECONDS = 30
KEYS = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35, " ": 32, "Escape": 27, "Tab": 9, "Enter": 13}
TYPED = {" ": " ", "Enter": "\r"}


def find_chromium():
    """The browser's program, if there is one, and a system that it can be driven on."""
    if not hasattr(os, "posix_spawn"):
        return None
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Chromium:
    """A browser with one page."""

    def __init__(self, program, profile):
        import fcntl  # which Windows has not

        from_us, self.to_browser = os.pipe()
        self.from_browser, to_us = os.pipe()
        # The browser reads commands from descriptor 3 and writes to 4: neither may be one of the pipes' own yet.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (from_us, to_us)]
        actions = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, end, number) for end, number in zip(ends, (3, 4), strict=True)]
        command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self.process = os.posix_spawn(program, command, os.environ, file_actions=actions)
        for end in (from_us, to_us, *ends):
            os.close(end)
        self.unread = b""
        self.count = 0
        self.session = None
        self.events = deque()
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.command(f"{domain}.enable")

    def command(self, method, **parameters):
        """Give a command and wait for the answer; events that come in between are kept."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while (answer := self.message()).get("id") != self.count:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def message(self):
        """The next answer or event."""
        while b"\0" not in self.unread:
            if not select.select([self.from_browser], [], [], SECONDS)[0]:
                raise TimeoutError("the browser does not answer")
            read = os.read(self.from_browser, 1 << 16)
            if not read:
                raise RuntimeError("the browser has ended")
            self.unread += read
        message, _, self.unread = self.unread.partition(b"\0")
        return json.loads(message)

    def wait_for(self, method):
        """Wait for an event."""
        for event in self.events:
            if event.get("method") == method:
                return
        while True:
            event = self.message()
            self.events.append(event)
            if event.get("method") == method:
                return

    def open(self, path):
        """Open a file, from its beginning."""
        self.events.clear()
        self.command("Page.navigate", url=Path(path).resolve().as_uri())
        self.wait_for("Page.loadEventFired")

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page; a promise is waited for."""
        found = self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"].get("description"))
        return found["result"].get("value")

    def press(self, key):
        """Press a key."""
        for kind in ("keyDown", "keyUp"):
            typed = {"text": TYPED[key]} if key in TYPED and kind == "keyDown" else {}
            code = "Space" if key == " " else key
            self.command(
                "Input.dispatchKeyEvent", type=kind, key=key, code=code, windowsVirtualKeyCode=KEYS[key], **typed
            )

    def mouse(self, kind, x, y):
        """Move or click."""
        button = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, **button)

    def emulate(self, *, width=1200, height=800, media="", scale=1, **features):
        """Give the window a size, and the reader wishes: ``prefers_color_scheme="dark"``."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )
        wishes = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.command("Emulation.setEmulatedMedia", media=media, features=wishes)

    def screenshot(self, path, *, whole=False):
        """Write what is seen to a PNG."""
        taken = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        Path(path).write_bytes(base64.b64decode(taken["data"]))

    def requests(self):
        """The addresses that the page has asked for."""
        self.evaluate("0")
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    def loaded(self):
        """The addresses that something has come from."""
        self.evaluate("0")
        return [e["params"]["response"]["url"] for e in self.events if e.get("method") == "Network.responseReceived"]

    def complaints(self):
        """What the console and the log say."""
        self.evaluate("0")
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event["params"] for event in self.events if event.get("method") in kinds]

    def close(self):
        """End the browser."""
        self.session = None
        with suppress(OSError, RuntimeError, TimeoutError):
            self.command("Browser.close")
        os.close(self.to_browser)
        os.close(self.from_browser)
        end = time.monotonic() + SECONDS
        while os.waitpid(self.process, os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                os.kill(self.process, signal.SIGKILL)
            time.sleep(0.02)
