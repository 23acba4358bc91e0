"""A copy of one's answers: downloaded or put on Google Drive on Colab, whose runtimes end without warning; a file elsewhere."""

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

DRIVE = Path("/content/drive/MyDrive")  # where Colab shows a Drive that was mounted
ON_DRIVE = "mlp-course"
SAVED = "saved"  # the folder beside the notebook
PATIENCE = 30  # seconds that Colab's page may take to send the notebook
NOT_FOUND = (
    "The notebook's file was not found, so nothing was saved. Download the notebook with the menu of your front end instead "
    "(File > Download)."
)


def save_answers() -> Path | None:
    """Keep a copy of this notebook without outputs, say where it is, and return its path.

    On Colab the copy goes to Google Drive where that is mounted, else your browser downloads it. Elsewhere it goes into `saved/`
    beside the notebook, as the notebook was when it was last saved. To go on from a copy, open it: on Colab with
    File > Upload notebook. It can be handed in like the notebook itself, under the notebook's name.
    """
    try:
        return _save_on_colab() if "google.colab" in sys.modules else _save_beside()
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:  # a full disk, a damaged notebook
        print(f"The copy could not be made ({getattr(error, 'strerror', None) or error}); nothing was saved.")
        return None


def _save_on_colab() -> Path | None:
    from google.colab import _message, files  # the page alone has the notebook as it is now

    answer = _message.blocking_request("get_ipynb", request="", timeout_sec=PATIENCE)
    if not answer or "ipynb" not in answer:
        print(NOT_FOUND)
        return None
    notebook = answer["ipynb"]
    name = Path(notebook.get("metadata", {}).get("colab", {}).get("name") or "notebook.ipynb").name
    if DRIVE.is_dir():
        return _write(DRIVE / ON_DRIVE, name, notebook)
    path = _write(Path(), name, notebook)
    files.download(str(path))
    return path


def _save_beside() -> Path | None:
    path = _own_notebook()
    if path is None:
        print(NOT_FOUND)
        return None
    return _write(path.parent / SAVED, path.name, json.loads(path.read_text(encoding="utf-8")))


def _own_notebook() -> Path | None:
    """Return the file of the notebook that runs here: Jupyter and VS Code name it, else it is the only one in the folder."""
    named = [os.environ.get("JPY_SESSION_NAME"), vars(sys.modules["__main__"]).get("__vsc_ipynb_file__")]
    by_name = [path for name in named if name and (path := Path.cwd() / Path(name).name).is_file()]
    here = list(Path.cwd().glob("*.ipynb"))
    return by_name[0] if by_name else here[0] if len(here) == 1 else None


def _write(folder: Path, name: str, notebook: dict[str, Any]) -> Path:
    for cell in notebook.get("cells", []):
        if cell.get("cell_type") == "code":
            cell |= {"outputs": [], "execution_count": None}
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    path = folder / f"{Path(name).stem}_{stamp}.ipynb"
    part = path.with_name(f".{path.name}.part")  # so that nobody takes half of a copy for one
    try:
        part.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    print(f"Your answers are in {path}.")
    return path
