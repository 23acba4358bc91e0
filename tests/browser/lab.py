"""A JupyterLab of one's own, and a Chromium that looks at it: what the browser tests and the screenshots share."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_CHROMIUM = "no Chromium here; install the package chromium"
TOKEN = "only-for-this-test"
PATIENCE = 120_000  # milliseconds that a page may take on a busy machine
LAB = "window.jupyterapp"
NOTEBOOK = f"{LAB}.shell.currentWidget"
# JupyterLab draws the cells in sight alone; widgets elsewhere would not be there to be moved.
ALL_CELLS_DRAWN = {"windowingMode": "none"}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless browser, which ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=PATIENCE)
        yield browser
        browser.close()


def patient(page: Page) -> Page:
    """Let a page take its time, on a machine with other things to do."""
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return page


@contextlib.contextmanager
def jupyter_lab(folder: Path, own: Path, settings: dict[str, str] | None = None) -> Iterator[str]:
    """Yield the address of a JupyterLab in a folder, which ends with the block. It keeps its files in the folder `own`.

    `settings`: of the notebook's panel.
    """
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    # A port that is free now may be taken before the server is there; then it looks for another one.
    command += [f"--ServerApp.port={_free_port()}", "--ServerApp.port_retries=50", f"--IdentityProvider.token={TOKEN}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    places = {name: str(own / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")} | {
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
    }
    if settings:
        file = own / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(settings))
    # Tests have a backend without figures.
    others = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    log = own / "jupyter.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=others | places, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield _address(own / "runtime", process, log)
        finally:
            process.terminate()  # the server ends its kernels itself
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def open_notebook(page: Page, url: str, path: str) -> None:
    """Open a notebook and wait for its kernel; alone, in a workspace of its own, where JupyterLab has no other to open again."""
    page.goto(f"{url}/lab/workspaces/{Path(path).stem}/tree/{path}?token={TOKEN}")
    page.locator(".jp-Notebook").wait_for()
    page.evaluate(f"{LAB}.restored")
    page.add_style_tag(content=".Toastify { display: none }")  # news of Jupyter
    page.wait_for_function(f"{NOTEBOOK}?.sessionContext?.session?.kernel?.status === 'idle'")


def run_all(page: Page) -> None:
    """Run all cells, to the end or to the first that fails."""
    page.evaluate(f"{LAB}.commands.execute('notebook:run-all-cells')")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(runtime: Path, process: subprocess.Popen, log: Path) -> str:
    """Wait until the server answers; return its address, of which it leaves word in a file."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end and process.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(OSError, ValueError):  # it is being written, or nobody answers yet
                url = f"http://127.0.0.1:{json.loads(file.read_text())['port']}"
                urllib.request.urlopen(f"{url}/api/status?token={TOKEN}", timeout=30).close()
                return url
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
