"""What a student and an instructor see in a real browser: JupyterLab with the release, formgrader with a graded class."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.submissions.sample_class import UNIT, write_class

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
TOKEN = "only-for-this-test"
PATIENCE = 120_000  # milliseconds that a page may take on a busy machine
STUDENTS = 3  # ada and alan have everything right, barbara has not

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; install the package chromium")


@dataclass(frozen=True)
class Server:
    """A running JupyterLab in a course folder with a graded class."""

    url: str
    scores: dict[str, float]

    def at(self, path: str) -> str:
        return f"{self.url}{path}?token={TOKEN}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    course = tmp_path_factory.mktemp("course")
    expected = write_class(course, students=STUDENTS)[UNIT]
    for verb in ("release", "grade"):
        subprocess.run([sys.executable, "-m", "autograder", verb, UNIT], cwd=course, check=True, timeout=600)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--no-browser",
        "--allow-root",
        "--LabApp.expose_app_in_browser=True",
    ]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    own = {
        name: str(tmp_path_factory.mktemp(name)) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    log = tmp_path_factory.mktemp("log") / "jupyter.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=course, env=os.environ | own, stdout=output, stderr=output, start_new_session=True
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/api/status?token={TOKEN}", process, log)
            yield Server(url, {student: sum(told.scores.values()) for student, told in expected.items()})
        finally:
            process.terminate()  # the server ends its kernels itself
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet, timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield page
    page.close()


def test_a_student_opens_the_release_runs_it_and_moves_a_widget(server: Server, page: Page, tmp_path: Path) -> None:
    page.goto(server.at(f"/lab/tree/release/{UNIT}/{UNIT}.ipynb"))
    expect(page.locator(".jp-Notebook")).to_be_visible()
    expect(page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate")).to_be_visible()
    page.evaluate("window.jupyterapp.restored")
    page.wait_for_function("window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
    sliders = page.locator(".jp-OutputArea .widget-slider")
    cells = page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length")
    page.evaluate("window.jupyterapp.commands.execute('notebook:move-cursor-up')")
    for _ in range(cells):
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')")
        if sliders.count():
            break
    expect(sliders.first).to_be_visible()
    page.screenshot(path=tmp_path / "student.png")
    handle = sliders.first.locator(".noUi-handle")
    before = handle.get_attribute("aria-valuenow")
    handle.focus()
    handle.press("ArrowRight")
    expect(handle).not_to_have_attribute("aria-valuenow", before or "")


def test_an_instructor_sees_the_graded_class_in_formgrader(server: Server, page: Page, tmp_path: Path) -> None:
    page.goto(server.at("/lab"))  # logs in: formgrader's own pages set no cookie
    page.goto(f"{server.url}/formgrader/manage_submissions/{UNIT}")
    for student, score in server.scores.items():
        row = page.get_by_role("row").filter(has_text=student)
        expect(row).to_contain_text("graded")
        expect(row).to_contain_text(f"{score:g} / 20")
    page.screenshot(path=tmp_path / "formgrader.png")
