"""How real front ends save a notebook: each takes one as data and gives the text of the file that a student hands in.

JupyterLab and Notebook save through the server, and so does this: what they send goes through its contents manager. The others
are not here to be run, so their conventions are: VS Code's from its published serializer, Jupytext's from its documentation and
published examples, Deepnote's from its open converter and files that it wrote, Colab's and Kaggle's from files that they wrote. No
service says whether it keeps other tools' metadata, so each is there twice, keeping nbgrader's marks and without them.
"""

import asyncio
import copy
import hashlib
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

Notebook = dict[str, Any]
FrontEnd = Callable[[Notebook], str]
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": "3.12.3",
}
PERCENT = re.compile(r"^# %%(?: \[(\w+)\])?(.*)$")
PAIR = re.compile(r"([\w.-]+)=")
NOT_IN_PERCENT = ("trusted", "execution", "collapsed", "scrolled", "ExecuteTime", "outputId", "executionInfo")


# ---- through the Jupyter server


def jupyterlab(notebook: Notebook) -> str:
    """JupyterLab 4 with times of execution recorded and a heading folded."""
    sent = _run(notebook)
    for cell in sent["cells"]:
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"trusted": True, "execution": {"iopub.status.busy": "2026-03-01T10:00:00.000000Z"}}
        elif cell["source"].startswith("#"):
            cell["metadata"] |= {"jp-MarkdownHeadingCollapsed": True}
    return _saved_by_the_server(sent)


def notebook_7(notebook: Notebook) -> str:
    """Notebook 7, where the student opened the panel of cell tools: it writes what it shows."""
    sent = _run(notebook)
    for cell in sent["cells"]:
        if cell["cell_type"] == "code":
            told = {"editable": True, "slideshow": {"slide_type": ""}, "tags": [], "trusted": True, "scrolled": True}
            cell["metadata"] = told | cell["metadata"]
    return _saved_by_the_server(sent)


def _saved_by_the_server(sent: Notebook) -> str:
    """Save what the browser sent as PUT /api/contents does."""
    with tempfile.TemporaryDirectory() as folder:
        manager = AsyncLargeFileManager(root_dir=folder)
        body = {"type": "notebook", "format": "json", "content": sent}
        asyncio.run(manager.save(body, "unit.ipynb"))
        return Path(folder, "unit.ipynb").read_text(encoding="utf-8")


# ---- VS Code


def vscode(notebook: Notebook) -> str:
    """Keeps metadata and ids, writes a language into cells, sorts all keys, and has Windows' line ends on Windows."""
    saved = _as_lists(_run(notebook))
    saved["metadata"] = {
        "kernelspec": {**KERNEL, "display_name": ".venv"},
        "language_info": LANGUAGE,
        "orig_nbformat": 4,
    }
    for cell in saved["cells"]:
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"vscode": {"languageId": "python"}}
    return (json.dumps(saved, indent=1, sort_keys=True, ensure_ascii=False) + "\n").replace("\n", "\r\n")


# ---- Colab


def colab(notebook: Notebook) -> str:
    """Format 4.0: a cell's id among its metadata, links between cells and outputs, who ran it and when; two spaces."""
    saved = _as_lists(_run(notebook))
    for number, cell in enumerate(saved["cells"]):
        cell["metadata"] |= {"id": _token(number)}
        cell.pop("id", None)
        if cell["cell_type"] == "code":
            who = {"displayName": "Ada", "userId": "01234567890123456789"}
            cell["metadata"] |= {
                "colab": {"base_uri": "https://localhost:8080/"},
                "outputId": f"{_token(number)}-output",
                "executionInfo": {
                    "elapsed": 7,
                    "status": "ok",
                    "timestamp": 1772355600000,
                    "user": who,
                    "user_tz": -60,
                },
            }
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 0,
            "metadata": {
                "colab": {"provenance": [], "toc_visible": True, "gpuType": "T4"},
                "kernelspec": {"name": "python3", "display_name": "Python 3"},
                "language_info": {"name": "python"},
                "accelerator": "GPU",
            },
            "cells": saved["cells"],
        },
        indent=2,
        ensure_ascii=False,
    )


def colab_without_marks(notebook: Notebook) -> str:
    """As Colab, and nbgrader's marks are gone."""
    return colab(_without_marks(notebook))


# ---- Kaggle


def kaggle(notebook: Notebook) -> str:
    """Metadata first, no ids of cells, marks of its own on each cell, all on one line."""
    saved = _run(notebook)
    cells = []
    for number, cell in enumerate(saved["cells"]):
        own = {"_uuid": _token(number) * 3, "_cell_guid": f"{_token(number)}-guid", "trusted": True}
        kept = {
            key: cell[key] for key in ("cell_type", "source", "metadata", "outputs", "execution_count") if key in cell
        }
        cells.append(kept | {"metadata": {**own, **cell["metadata"]}})
    own = {"accelerator": "none", "dataSources": [], "dockerImageVersionId": 31040, "sourceType": "notebook"}
    metadata = {"kernelspec": KERNEL, "language_info": LANGUAGE, "kaggle": own}
    return json.dumps({"metadata": metadata, "nbformat_minor": 4, "nbformat": 4, "cells": cells})


def kaggle_without_marks(notebook: Notebook) -> str:
    """As Kaggle, and nbgrader's marks are gone."""
    return kaggle(_without_marks(notebook))


# ---- Deepnote


def deepnote(notebook: Notebook) -> str:
    """Ids and times of its own on each cell, a sorting key, no ids of the format's, and an advertisement at the end."""
    saved = _run(notebook)
    for number, cell in enumerate(saved["cells"]):
        cell.pop("id", None)
        cell["block_group"] = _token(number)
        cell["metadata"] |= {
            "cell_id": _token(number) * 3,
            "deepnote_block_group": _token(number),
            "deepnote_cell_type": cell["cell_type"],
            "deepnote_sorting_key": f"a{number}",
        }
        if cell["cell_type"] == "code":
            when = {"execution_start": 1772355600000, "execution_millis": 7}
            cell["metadata"] |= {"source_hash": _token(number)[:8], "deepnote_to_be_reexecuted": False, **when}
    link = "<a style='text-decoration:none' href='https://deepnote.com?utm_source=created-in-deepnote-cell'>"
    own = {"created_in_deepnote_cell": True, "deepnote_cell_type": "markdown"}
    saved["cells"].append({"cell_type": "markdown", "metadata": own, "source": f"{link}Created in Deepnote</a>"})
    metadata = {"orig_nbformat": 2, "deepnote": {"is_reactive": False}, "deepnote_execution_queue": []}
    whole = {"cells": saved["cells"], "metadata": metadata | {"deepnote_notebook_id": _token(0)}}
    return json.dumps(whole | {"nbformat": 4, "nbformat_minor": 2}, indent=1)


def deepnote_without_marks(notebook: Notebook) -> str:
    """As Deepnote, and nbgrader's marks are gone."""
    return deepnote(_without_marks(notebook))


# ---- Jupytext


def jupytext(notebook: Notebook) -> str:
    """To a script in the percent format and back: the marks stay, ids and outputs do not."""
    return json.dumps(_from_percent(_to_percent(notebook, keep=True)), indent=1)


def jupytext_without_metadata(notebook: Notebook) -> str:
    """With `cell_metadata_filter = "-all"`, as many set it: nothing stays but the text."""
    return json.dumps(_from_percent(_to_percent(notebook, keep=False)), indent=1)


def _to_percent(notebook: Notebook, keep: bool) -> str:
    parts = ["# ---\n# jupyter:\n#   kernelspec:\n#     name: python3\n# ---"]
    for cell in notebook["cells"]:
        kind = "" if cell["cell_type"] == "code" else f" [{cell['cell_type']}]"
        kept = {key: value for key, value in cell["metadata"].items() if key not in NOT_IN_PERCENT} if keep else {}
        told = "".join(f" {key}={json.dumps(value)}" for key, value in kept.items())
        lines = cell["source"].splitlines()
        if kind:
            lines = [f"# {line}".rstrip() for line in lines]
        else:
            lines = [f"# {line}" if line.startswith(("%", "!")) else line for line in lines]
        parts.append("\n".join([f"# %%{kind}{told}", *lines]))
    return "\n\n".join(parts) + "\n"


def _from_percent(text: str) -> Notebook:
    cells: list[dict[str, Any]] = []
    for line in text.splitlines():
        if heading := PERCENT.match(line):
            kind = heading[1] or "code"
            cells.append({"cell_type": kind, "metadata": _pairs(heading[2]), "source": []})
        elif cells:
            cells[-1]["source"].append(line)
    for number, cell in enumerate(cells):
        lines = cell["source"]
        if cell["cell_type"] == "code":
            lines = [line.removeprefix("# ") if line.startswith(("# %", "# !")) else line for line in lines]
            cell |= {"outputs": [], "execution_count": None}
        else:
            lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
        cell |= {"source": "\n".join(lines).strip("\n"), "id": _token(number)}
    return {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}


def _pairs(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    at = 0
    while match := PAIR.search(text, at):
        found[match[1]], at = json.JSONDecoder().raw_decode(text, match.end())
    return found


# ---- what they share


def _run(notebook: Notebook) -> Notebook:
    """A copy whose cells of code have been run: counted, with a line of output."""
    done = copy.deepcopy(notebook)
    for number, cell in enumerate(done["cells"], 1):
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran\n"}]
    return done


def _as_lists(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return notebook


def _without_marks(notebook: Notebook) -> Notebook:
    bare = copy.deepcopy(notebook)
    for cell in bare["cells"]:
        cell["metadata"] = {}
    return bare


def _token(number: int) -> str:
    return hashlib.sha256(f"cell {number}".encode()).hexdigest()[:12]


KEEP_MARKS: tuple[FrontEnd, ...] = (jupyterlab, notebook_7, vscode, colab, kaggle, deepnote, jupytext)
LOSE_MARKS: tuple[FrontEnd, ...] = (
    colab_without_marks,
    kaggle_without_marks,
    deepnote_without_marks,
    jupytext_without_metadata,
)
FRONT_ENDS = (*KEEP_MARKS, *LOSE_MARKS)
