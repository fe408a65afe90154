"""A live site for the browser: its own database with the demo market, the web server and a real worker, on loopback.

One Chromium serves all tests; each test gets a fresh context, signed in where it asks for somebody.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy import Engine, create_engine, text

from tests.conftest import RUN, _url

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)
LOAD = "from backend.core.db import session_scope as s\nfrom backend.demo.load import load\nwith s() as db: load(db)"
PATIENCE = 90.0  # seconds, for what a worker on a busy machine does; nothing is measured by it
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}

# What a browser reports that nobody sees on the page.
WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@dataclass
class Site:
    url: str
    var: Path
    engine: Engine
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)

    def one(self, query: str, **values: Any) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(text(query), values).scalar()


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    template = os.environ["PADAN_TEST_TEMPLATE"]
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    name = f"{template}_site_{worker}"
    admin = create_engine(_url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    admin.dispose()
    var = RUN / name
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("MEILI_", "PADAN_"))},
        "DATABASE_URL": _url(name), "PADAN_ENVIRONMENT": "demo", "PADAN_BASE_URL": url, "PADAN_VAR_DIR": str(var),
        "PADAN_ADDRESS_LIMIT_SCALE": "1000", "PYTHONUNBUFFERED": "1",
    }
    subprocess.run([sys.executable, "-c", LOAD], env=environment, check=True, timeout=PATIENCE)
    log = (var / "log.txt").open("wb")
    started = [
        subprocess.Popen([sys.executable, "-m", "backend", *words], env=environment, stdout=log, stderr=log)
        for words in (["serve", "--port", str(port)], ["worker"])
    ]
    engine = create_engine(_url(name))
    try:
        _wait(lambda: _answers(f"{url}/healthz"), "the site to be ready")
        yield Site(url, var, engine, json.loads((var / "demo-credentials.json").read_text()))
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        engine.dispose()
        log.close()
    shutil.rmtree(var, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _wait(condition: Callable[[], Any], what: str) -> Any:
    """Ask again and again until there is an answer; fail by saying what never came."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.25)
    pytest.fail(f"waited in vain for {what}")


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], Any], str], Any]:
    return _wait


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = driver.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


class Visitor:
    """A person with a browser; `complaints` gathers what the console and the content security policy object to."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site, self.context, self.complaints = site, context, list[str]()
        self.page = self.open()

    def open(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _note(self, message: ConsoleMessage) -> None:
        # The browser notes an error page's own status; that page is what was asked for.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def violations(self) -> list[str]:
        return list(self.page.evaluate("window.__violations || []"))


@pytest.fixture(scope="session")
def keys(site: Site, chromium: Browser) -> Callable[[str], Any]:
    """The cookies of somebody who came in by the sign-in form, once for the run."""
    kept: dict[str, Any] = {}

    def cookies_of(name: str) -> Any:
        if name not in kept:
            context = chromium.new_context(base_url=site.url)
            page = context.new_page()
            sign_in(page, site.accounts[name])
            kept[name] = context.storage_state()
            context.close()
        return kept[name]

    return cookies_of


def sign_in(page: Page, account: dict[str, str]) -> None:
    page.goto("/login")
    page.fill("input[name=email]", account["email"])
    page.fill("input[name=password]", account["password"])
    page.click("main form button[type=submit]")
    page.wait_for_url("**/dashboard")


@pytest.fixture
def visit(site: Site, chromium: Browser, keys: Callable[[str], Any]) -> Iterator[Callable[..., Visitor]]:
    """`visit()` a stranger, `visit("alice")` signed in; `scripts=False`: no JavaScript, `narrow=True`: on a phone."""
    opened: list[Visitor] = []

    def arrive(name: str | None = None, *, scripts: bool = True, narrow: bool = False) -> Visitor:
        context = chromium.new_context(
            base_url=site.url, java_script_enabled=scripts, viewport=NARROW if narrow else WIDE, locale="en-GB",
            storage_state=keys(name) if name else None, reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        if scripts:
            context.add_init_script(WATCH)
        opened.append(Visitor(site, context))
        return opened[-1]

    yield arrive
    for visitor in opened:
        visitor.context.close()
    assert [complaint for visitor in opened for complaint in visitor.complaints] == []
