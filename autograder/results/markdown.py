"""Keep students' Markdown from running scripts in the instructor's browser, which nbgrader's page for manual grading allows."""

import re

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

TAGS = set(
    "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s span strong sub "
    "summary sup table tbody td tfoot th thead tr ul".split()
)
# Classes only where they colour code: formgrader's own scripts look elements up by id and class.
ATTRIBUTES = {
    "*": {"alt", "title", "colspan", "rowspan", "open", "start"},
    "a": {"href"},
    "img": {"src"},
    "span": {"class"},
    "div": {"class"},
    "pre": {"class"},
}
LINKED = {"http", "https", "mailto"}  # the schemes of links; pictures may be `data:` too
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
IGNORED_BY_BROWSERS = re.compile(r"^[\x00-\x20]+|[\t\n\r]")  # in an address, says the URL standard
OTHER_TAG = re.compile(rf"<(?!!--|/?(?:{'|'.join(sorted(TAGS))})[\s/>])", re.IGNORECASE)
# TeX that MathJax turns into addresses, attributes and styles.
MATHJAX = re.compile(r"\\(?=(?:href|style|class|cssId|data|require|mmlToken|bbox)(?![a-zA-Z]))")


class _Renderer(IPythonRenderer):
    """Shows a picture that was pasted into the cell; one that is missing is no reason to show nothing at all."""

    def _embed_image_or_attachment(self, src: str) -> str:
        try:
            return super()._embed_image_or_attachment(src)
        except (InvalidNotebook, StopIteration):
            return ""


@pass_context
def safe_markdown(context: Context, source: str) -> str:
    """Return Markdown as HTML without scripts, styles, forms and addresses that run; a filter for nbconvert's templates."""
    cell = context.get("cell") or {}
    renderer = _Renderer(escape=False, attachments=cell.get("attachments", {}))
    return sanitized(str(MarkdownWithMath(renderer=renderer).render(source)))


def sanitized(html: str) -> str:
    """Return HTML with nothing but the tags, attributes and addresses that are allowed here.

    Any other tag is shown as text, for it may be none: Markdown takes the middle of `x<y and y>z` for one.
    """
    cleaned = nh3.clean(
        OTHER_TAG.sub("&lt;", html),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_allowed_value,
        url_schemes=LINKED | {"data"},
    )
    return MATHJAX.sub(r"\\ ", cleaned)  # at the end: before, an entity or a comment could hide a command


def _allowed_value(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value, or None to drop the attribute: `data:` is for pictures alone, and only they may use it."""
    if name == "src":
        return value if value.startswith("data:image/") else None
    if name == "href":
        scheme = SCHEME.match(IGNORED_BY_BROWSERS.sub("", value))
        return value if scheme is None or scheme[1].lower() in LINKED else None
    return value
