"""A JupyterLab of one's own, and a Chromium that looks at it: what the browser tests and the screenshots share."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

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


@contextlib.contextmanager
def jupyter_lab(folder: Path, own: Path, settings: dict[str, str] | None = None) -> Iterator[str]:
    """Yield the address of a JupyterLab in a folder, which ends with the block. It keeps its files in the folder `own`.

    `settings`: of the notebook's panel.
    """
    port = _free_port()
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    places = {name: str(own / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")} | {
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings")
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
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/api/status?token={TOKEN}", process, log)
            yield url
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


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
