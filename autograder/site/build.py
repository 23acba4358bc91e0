"""Make the site: run each unit's reference, write its page, let Sphinx make HTML of all pages, and refuse leaks."""

import html
import io
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.errors import CourseError, UnitError
from autograder.model.files import in_part, writing
from autograder.model.lock import locked
from autograder.model.progress import Progress, no_progress
from autograder.model.text import readable
from autograder.model.units import find_unit, list_units, load_unit
from autograder.release.leaks import Secret, leaks_in_text, secrets_of
from autograder.site.front import texts_of
from autograder.site.pages import FIGURES, Page, page_of
from autograder.site.reference import run_reference
from autograder.site.sphinx_settings import MATHJAX, settings

WORK = Path("_build", "site")
STATIC = Path(__file__).parent / "static"
FROM_PACKAGES = "_static"  # the folder of the site that holds nothing of the course
INDEXED = {"index.html", "searchindex.js"}  # by which a site is known
REPOSITORIES = {".git", ".hg", ".svn"}
NEEDED = "the site needs Sphinx and its theme, which are not installed; run: pip install '.[site]'"
BUSY = "the site is being made by another run (process {}); wait until it is done, then run the same command again"
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Site:
    """A finished site: its first page, and what Sphinx warned of."""

    index: Path
    warnings: tuple[str, ...]


def make_site(course: Path, folder: Path, progress: Progress = no_progress) -> Site:
    """Write a course's site into a folder, which it replaces if it holds an older site.

    Raises UnitError where a page would leak or a reference run fails, CourseError where something else is in the way.
    """
    _refuse_other_contents(folder)
    units = [load_unit(course, name) for name in list_units(course) or [find_unit(course, "")]]
    work = course / WORK
    pages = []
    for number, unit in enumerate(units):
        progress("running references", number, len(units))
        pages.append(page_of(run_reference(unit, work / "outputs")))
    texts = {text.name: text.source for text in texts_of(course, units)}
    sources, made = work / "pages", work / "html"
    with locked(work / ".lock", BUSY), writing(work):
        _write_sources(sources, texts, pages)
        warnings = _run_sphinx(sources, made, work / "doctrees", texts["index"])
        refuse_leaking_site(made, {unit.name: secrets_of(unit) for unit in units})
    with writing(folder), in_part(folder.resolve()) as part:
        shutil.copytree(made, part, ignore=shutil.ignore_patterns("_sources", ".buildinfo*"))
    progress("running references", len(units), len(units))
    return Site(folder / "index.html", warnings)


def refuse_leaking_site(folder: Path, secrets: dict[str, tuple[Secret, ...]]) -> None:
    """Raise UnitError if a file of the site shows a secret of any unit: as text, as HTML, or as what a browser shows."""
    everything = tuple(secret for of_unit in secrets.values() for secret in of_unit)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).parts[0] != FROM_PACKAGES:
            for text in _readings(path.read_bytes().decode("utf-8", errors="ignore")):
                place = f"the site's {path.relative_to(folder)}"
                if shown := leaks_in_text(place, secrets.get(path.stem, everything), text):
                    raise UnitError("\n".join(shown))


def _readings(text: str) -> Iterator[str]:
    yield text
    yield html.unescape(TAG.sub("", text))


def _refuse_other_contents(folder: Path) -> None:
    """Raise CourseError where a folder holds anything but an older site, which will be deleted."""
    try:
        inside = {path.name for path in folder.iterdir()} if os.path.lexists(folder) else set()
    except OSError as error:
        raise CourseError(
            f"{folder}: cannot be looked into ({error.strerror}); name another folder or remove it"
        ) from error
    if inside and not inside >= INDEXED:
        raise CourseError(f"{folder}: is not empty and holds no site; name another folder or empty it")
    if kept := sorted(name for name in inside if name in REPOSITORIES):
        raise CourseError(
            f"{folder}: holds {kept[0]}, which would be lost; name another folder, and copy the site from there"
        )


def _write_sources(folder: Path, texts: dict[str, str], pages: Iterable[Page]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    figures = folder / "extra" / FIGURES
    figures.mkdir(parents=True)
    for page in pages:
        nbformat.write(page.notebook, folder / f"{page.name}.ipynb")
        for name, picture in page.figures.items():
            (figures / name).write_bytes(picture)
    for name, source in texts.items():
        (folder / f"{name}.md").write_text(source, encoding="utf-8")
    shutil.copytree(STATIC, folder / "static")


def _run_sphinx(sources: Path, made: Path, doctrees: Path, index: str) -> tuple[str, ...]:
    """Make HTML of the sources; return the warnings."""
    try:
        import jupyter_server_mathjax
        from sphinx.application import Sphinx
        from sphinx.util.docutils import docutils_namespace
    except ImportError as error:
        raise CourseError(NEEDED) from error
    mathjax = Path(jupyter_server_mathjax.__file__).parent / "static"
    shutil.copytree(mathjax, sources / "static" / MATHJAX, ignore=shutil.ignore_patterns("a11y", "SVG", "localization"))
    shutil.rmtree(made, ignore_errors=True)
    said = io.StringIO()
    with docutils_namespace():
        app = Sphinx(sources, None, made, doctrees, "html", settings(index), status=None, warning=said, freshenv=True)
        app.build(force_all=True)
    return tuple(line for line in readable(said.getvalue()).splitlines() if line.strip())
