"""What a student writes does nothing in the instructor's browser, through nbgrader's own page for manual grading."""

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.results.markdown import safe_markdown
from tests.autograder.small_unit import metadata

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "<a href=' javascript:alert(1)'>click</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>click</a>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<iframe src='https://example.org'></iframe>",
    "<form action='/formgrader'><input name=a><button>go</button></form>",
    "<style>body { display: none }</style>",
    "<p style='position:fixed' onclick='alert(1)' id='score' class='score'>text</p>",
    "$\\href{javascript:alert(1)}{x}$ <b onmouseover=alert(1)>b</b>",
    "<details open ontoggle=alert(1)>x</details>",
    "```\n</pre><script>alert(1)</script>\n```",
    "![](https://example.org/seen.png)",
]


def _shown(source: str, filters: dict) -> str:
    """A written answer on formgrader's page."""
    marks = metadata("think", grade=True, solution=True, points=3, locked=False)
    cell = nbformat.v4.new_markdown_cell(source, id="think", metadata=marks)
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    config.HTMLExporter.filters = filters
    told = ("assignment_id", "notebook_id", "submission_id", "base_url", "student", "last_name", "first_name")
    resources = dict.fromkeys((*told, "notebook_path"), "x") | {"index": 0, "total": 1}
    page, _ = HTMLExporter(config=config).from_notebook_node(
        nbformat.v4.new_notebook(cells=[cell]), resources=resources
    )
    return page


def _answer(source: str, filters: dict) -> BeautifulSoup:
    """The part of the page that holds the student's text."""
    return BeautifulSoup(_shown(source, filters), "html.parser").select_one(".nbgrader_cell .panel-body")


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_survives(attack: str) -> None:
    part = _answer(attack, {"markdown2html": safe_markdown})
    assert not part.find_all(["script", "svg", "math", "iframe", "form", "button", "style"])
    assert "\\href" not in part.get_text()
    for tag in part.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")]
        assert not str(tag.get("href", "")).strip().startswith(("javascript:", "data:"))
        assert not str(tag.get("src", "")).startswith("http")


def test_without_the_filter_a_script_would_run() -> None:
    """What the filter is for; when nbgrader mends this, the filter can go."""
    assert _answer(ATTACKS[0], {}).find("script")


def test_ordinary_markdown_stays() -> None:
    text = "# Head\n\nSome *words* and `code`, $x < y$:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [link](https://example.org)"
    part = _answer(text, {"markdown2html": safe_markdown})
    for tag in ("h1", "em", "code", "table", "th", "td", "li", "a"):
        assert part.find(tag), tag
    assert "$x < y$" in part.get_text()
    assert part.find("a", string="link")["href"] == "https://example.org"
