"""What a student writes does nothing in the instructor's browser, through nbgrader's own page for manual grading."""

import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.results.markdown import safe_markdown, sanitized
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
    "<a href='DATA:text/html,<script>alert(1)</script>'>click</a>",
    "<a href=' \tdAtA:text/html,x'>click</a>",
    "<a href='da&#10;ta:text/html,x'>click</a>",
    "<a href='&#1;javascript:alert(1)'>click</a>",
    "<a href='vbscript:x'>click</a>",
    "<img src='DATA:text/html,x'>",
    "<img src='data:text/html,x'>",
    "<p>$&#92;href{javascript:alert(1)}{x}$</p>",
    "<p>$\\<!-- -->href{javascript:alert(1)}{x}$</p>",
    "$\\mmlToken{mi}[href='javascript:alert(1)']{x}$",
    "<math href='javascript:alert(1)'>click</math>",
    "<base href='https://example.org/'>",
    "<SCRIPT SRC='https://example.org/x.js'></SCRIPT>",
]


def _shown(source: str, filters: dict) -> str:
    """A written answer on formgrader's page."""
    marks = metadata("think", grade=True, solution=True, points=3, locked=False)
    cell = nbformat.v4.new_markdown_cell(source, id="think", metadata=marks)
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    config.HTMLExporter.filters = filters
    names = ("assignment_id", "notebook_id", "submission_id", "base_url", "student", "last_name", "first_name")
    resources = dict.fromkeys((*names, "notebook_path"), "x") | {"index": 0, "total": 1}
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
    assert not part.find_all(["script", "svg", "math", "iframe", "form", "button", "style", "base"])
    assert not re.search(r"\\(href|mmlToken)", part.get_text())
    for tag in part.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name in ("style", "id")]
        if tag.name not in ("span", "div", "pre"):
            assert "class" not in tag.attrs
        # As a browser reads an address: without control characters and spaces, in any case.
        address = re.sub(r"[\x00-\x20]", "", str(tag.get("href", ""))).lower()
        assert not address.startswith(("javascript:", "data:", "vbscript:"))
        assert str(tag.get("src", "data:image/")).startswith("data:image/")


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


PIXEL = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    "html",
    [
        f'<img src="{PIXEL}" alt="a plot">',
        '<a href="mailto:a@example.org" rel="noopener noreferrer">write</a>',
        '<a href="#below" rel="noopener noreferrer">below</a>',
        '<a href="notes/a:b.html" rel="noopener noreferrer">notes</a>',
        '<pre class="code"><span class="k">def</span></pre>',
        '<details open=""><summary>more</summary><table><tbody><tr><td colspan="2">1</td></tr></tbody></table></details>',
    ],
)
def test_what_does_no_harm_stays_as_it_is(html: str) -> None:
    assert sanitized(html) == html


@pytest.mark.parametrize("text", ["if x<y and y>z", "for i<n then n>0", "a <model> of mine", "f<T>(x)"])
def test_words_that_look_like_a_tag_can_be_read(text: str) -> None:
    assert text in _answer(text, {"markdown2html": safe_markdown}).get_text()


def test_classes_stay_where_they_colour_code_and_nowhere_else() -> None:
    assert sanitized('<p class="score">x</p><span class="k">x</span>') == '<p>x</p><span class="k">x</span>'
