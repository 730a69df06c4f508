"""A page in headless Chromium, told what to do through the pipes of its DevTools protocol."""

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHROMIUM = "chromium"
PATIENCE = 30  # seconds
OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--window-size=1600,900", "--host-resolver-rules=MAP * ~NOTFOUND"),
    "--remote-debugging-pipe",  # file descriptors 3 and 4
)


class Refused(AssertionError):
    """A command that the browser doesn't follow."""


class Page:
    """One page: what it asks for, what it holds, and what its scripts return."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._buffer, self._number = b"", 0
        self._session = ""
        self.requests: list[str] = []
        self.errors: list[str] = []
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        attached = self.tell("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.tell(f"{domain}.enable")

    def tell(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result, noting what happens meanwhile."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        session = {"sessionId": self._session} if self._session else {}
        os.write(self._commands, json.dumps(message | session).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        if "error" in answer:
            raise Refused(method, answer)
        return dict(answer["result"])

    def run(self, script: str, **where: Any) -> Any:
        """Return what a script comes to once its promises are kept; ``where`` may be a frame."""
        how = {"awaitPromise": True, "returnByValue": True, **where}
        found = self.tell("Runtime.evaluate", expression=script, **how)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def text_of_frame(self) -> str:
        """Return the text of the only page within the page, once that is there."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            [frame] = self.tell("Page.getFrameTree")["frameTree"]["childFrames"]
            with suppress(Refused):  # its page has changed meanwhile
                world = self.tell("Page.createIsolatedWorld", frameId=frame["frame"]["id"])
                context = world["executionContextId"]
                text = self.run("document.body ? document.body.innerText : ''", contextId=context)
                if text:
                    return str(text)
        raise AssertionError("nothing within the page")

    def open(self, address: str) -> None:
        """Go to an address and wait until all of it is there."""
        self.tell("Page.navigate", url=address)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def picture(self, file: Path) -> None:
        """Save what is seen."""
        file.write_bytes(base64.b64decode(self.tell("Page.captureScreenshot")["data"]))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            read = os.read(self._answers, 1 << 20)
            assert read, "Chromium has ended"
            self._buffer += read
        text, _, self._buffer = self._buffer.partition(b"\0")
        message = dict(json.loads(text))
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.errors.append(message["params"]["exceptionDetails"]["text"])
        return message


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """Give an empty page of a Chromium of its own, which ends with the body."""
    theirs, commands = os.pipe()
    answers, ours = os.pipe()
    call = [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}"]
    browser = subprocess.Popen(
        ["bash", "-c", f'exec "$@" 3<&{theirs} 4>&{ours}', "bash", *call],
        pass_fds=(theirs, ours),
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    os.close(ours)
    try:
        yield Page(commands, answers)
    finally:
        browser.kill()
        browser.wait()
        os.close(commands)
        os.close(answers)
