"""A unit's page: its release as a notebook with the outputs of the reference run, made for a reader who has no kernel. Pure."""

import base64
import copy
import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.model.text import readable
from autograder.model.units import Cell, Kind
from autograder.release.folding import TITLE_MARK
from autograder.site.reference import Reference

FIGURES = "figures"  # the folder of the pictures, beside the pages
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
FRAMES_VIEW = "application/vnd.mlp-course.frames+json"  # course.widgets.frames
SOME_POSITIONS = "Here the controls have a few positions. Run the cell in JupyterLab to move all of them freely."
NOT_LIVE = "This picture shows where the sliders start. Run the cell in JupyterLab to move them."
PNG, HTML, PLAIN = "image/png", "text/html", "text/plain"


@dataclass(frozen=True)
class Page:
    """A page and its pictures, by their names in the folder of figures."""

    name: str
    notebook: NotebookNode
    figures: dict[str, bytes]


def page_of(reference: Reference) -> Page:
    """Return a unit's page: text, code as students get it, and what cells show; no answer, and no output of a test."""
    figures: dict[str, bytes] = {}
    cells = []
    for cell, node in zip(reference.unit.cells, reference.release.cells, strict=True):
        shown = [_shown(output, figures) for output in _without_widgets(reference.outputs.get(node.id, []))]
        cells.append(_cell_of_page(cell, node, [output for output in shown if output]))
    metadata = {"kernelspec": reference.release.metadata.get("kernelspec", {})}
    return Page(reference.unit.name, nbformat.v4.new_notebook(cells=cells, metadata=metadata), figures)


def _cell_of_page(cell: Cell, node: NotebookNode, outputs: list[NotebookNode]) -> NotebookNode:
    v4 = nbformat.v4
    if node.cell_type != "code":
        return v4.new_markdown_cell(node.source, id=node.id, attachments=copy.deepcopy(node.get("attachments", {})))
    if cell.kind is not Kind.TEST:
        return v4.new_code_cell(node.source, id=node.id, outputs=outputs)
    return v4.new_markdown_cell(_test_in_words(node.source), id=node.id)


def _test_in_words(source: str) -> str:
    """Return a test as Markdown: a visible check folds away behind its title, of a hidden one only the title is left."""
    title, _, rest = source.partition("\n")
    title = html.escape(title.removeprefix(TITLE_MARK))
    if not rest.strip():
        return f'<p class="hidden-test">{title}</p>'
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", rest)), default=0))
    return f'<details class="check"><summary>{title}</summary>\n\n{fence}python\n{rest.rstrip()}\n{fence}\n\n</details>'


# ---- outputs


def _without_widgets(outputs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the outputs without live widgets. The picture of a widget follows it, and what to do follows the picture."""
    live = False
    for output in outputs:
        if WIDGET_VIEW in output.get("data", {}):
            live = True
            continue
        if FRAMES_VIEW in output.get("data", {}):
            live = False  # it moves without a kernel
        yield output
    if live:
        yield {"output_type": "display_data", "metadata": {}, "data": {HTML: f'<p class="not-live">{NOT_LIVE}</p>'}}


def _shown(output: dict[str, Any], figures: dict[str, bytes]) -> NotebookNode | None:
    """Return one output in the single form that a page shows; keep its picture in `figures`."""
    if output["output_type"] == "stream":
        if output["name"] == "stderr":  # warnings name folders of the machine that ran it
            return None
        return nbformat.v4.new_output("stream", name=output["name"], text=output["text"])
    if output["output_type"] == "error":  # no traceback: it would quote the answer that it went through
        words = readable(f"{output['ename']}: {output['evalue']}")
        return nbformat.v4.new_output("stream", name="stderr", text=words)
    data = output["data"]
    if PNG in data and FRAMES_VIEW in data:
        return _display(HTML, _frames(output, figures))
    if PNG in data:
        return _display(HTML, _img(output, figures))
    for kind in (HTML, PLAIN):
        if kind in data:
            return _display(kind, data[kind])
    return None


def _display(kind: str, text: str) -> NotebookNode:
    return nbformat.v4.new_output("display_data", data={kind: text})


def _frames(output: dict[str, Any], figures: dict[str, bytes]) -> str:
    """Return a picture with sliders that choose another: `site.js` does that."""
    frames = output["data"][FRAMES_VIEW]
    names = [_keep(base64.b64decode(picture), figures) for picture in frames["pictures"]]
    sliders = "".join(map(_slider, frames["controls"]))
    return (
        f'<div class="frames" data-frames="{html.escape(json.dumps(names))}"'
        f' data-alts="{html.escape(json.dumps(frames["alts"]))}">{sliders}{_img(output, figures)}'
        f'<p class="not-live">{SOME_POSITIONS}</p></div>'
    )


def _slider(control: dict[str, Any]) -> str:
    texts, start = control["texts"], control["start"]
    return (
        f"<label><span>{html.escape(control['label'])}</span>"
        f'<input type="range" min="0" max="{len(texts) - 1}" value="{start}" autocomplete="off"'
        f' data-texts="{html.escape(json.dumps(texts))}" aria-valuetext="{html.escape(texts[start])}">'
        f"<output>{html.escape(texts[start])}</output></label>"
    )


def _img(output: dict[str, Any], figures: dict[str, bytes]) -> str:
    source = _keep(base64.b64decode(output["data"][PNG]), figures)
    about = output.get("metadata", {}).get(PNG, {})
    alt = about.get("alt") or output["data"].get(PLAIN, "")
    width = f' width="{about["width"]}"' if "width" in about else ""
    return f'<img class="figure dark-light" src="{source}" alt="{html.escape(alt)}"{width} loading="lazy">'


def _keep(picture: bytes, figures: dict[str, bytes]) -> str:
    """Keep a picture and return its address, seen from a page."""
    name = f"{hashlib.sha256(picture).hexdigest()[:16]}.png"
    figures[name] = picture
    return f"{FIGURES}/{name}"
