"""The site of a small course: it shows what a student may see, and nothing else."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from autograder.errors import CourseError, UnitError
from autograder.model.units import load_unit
from autograder.release.leaks import secrets_of
from autograder.site import build, reference
from autograder.site.build import WORK, Site, make_site, refuse_leaking_site
from autograder.site.reference import run_reference
from tests.autograder.site.small_site import write_course
from tests.autograder.small_unit import NAME
from tests.browser.lab import CHROMIUM, NO_CHROMIUM, chromium, patient

PHONE = {"width": 360, "height": 700}
# What the theme still calls of Sphinx is its maintainers' business.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated. Check CHANGES for Sphinx")
SECRET = "result_so_far = result_so_far + one_number"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("a course"))


@pytest.fixture(scope="module")
def site(course: Path) -> Site:
    return make_site(course, course / "site")


@pytest.fixture(scope="module")
def page(site: Site) -> str:
    return site.index.with_name(f"{NAME}.html").read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def as_read(text: str) -> str:
    """Return HTML as a browser shows it, without spaces: code is cut into coloured pieces."""
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]*>", "", text)))


def test_no_file_shows_an_answer_a_hidden_test_or_what_a_check_printed(site: Site) -> None:
    folder = site.index.parent
    texts = {path: path.read_bytes().decode(errors="ignore") for path in folder.rglob("*") if path.is_file()}
    for secret in (SECRET, "return 2 * x", "double(-3)", "-6", "total([]) == 0", "BEGIN SOLUTION", "a check ran\n"):
        wanted = re.sub(r"\s+", "", secret) if not secret.endswith("\n") else secret
        for path, text in texts.items():
            if path.suffix in (".html", ".ipynb", ".md") or path.name == "searchindex.js":
                shown = as_read(text) if not secret.endswith("\n") else html.unescape(text)
                assert wanted not in shown, (path, secret)


def test_a_page_shows_stub_check_and_the_name_of_a_hidden_test(page: str) -> None:
    shown = as_read(page)
    assert shown.count("raiseNotImplementedError") == 2
    assert '<details class="check"><summary>Check, 4 points</summary>' in page
    assert "assertdouble(2)==4" in shown
    assert '<p class="hidden-test">Hidden, 6 points</p>' in page


def test_outputs_come_from_the_reference_s_answers(site: Site, page: str) -> None:
    assert "twice twenty-one is 42" in page
    assert "<details><summary>four</summary><p>Right.</p></details>" in page
    picture = re.search(
        r'<img class="figure dark-light" src="(figures/[0-9a-f]+\.png)" alt="a red dot" width="40"', page
    )
    assert picture is not None
    assert (site.index.parent / picture[1]).read_bytes().startswith(b"\x89PNG")


def test_nothing_is_fetched_from_elsewhere_and_sphinx_has_nothing_to_warn_of(site: Site) -> None:
    assert site.warnings == ()
    for path in site.index.parent.glob("*.html"):
        assert not re.search(r'(src|<link [^>]*href)="(https?:)?//', path.read_text()), path


def test_the_first_page_lists_the_units_and_the_glossary_is_there(site: Site) -> None:
    first = site.index.read_text()
    assert "90 · A small unit" in first
    assert "5 minutes" in first
    glossary = site.index.with_name("glossary.html").read_text()
    assert "Twice a number." in glossary
    assert f'href="{NAME}.html"' in glossary
    terms = json.loads(re.search(r"Search\.setIndex\((.*)\)", (site.index.parent / "searchindex.js").read_text())[1])
    assert "glossari" in terms["titleterms"]


def test_a_reference_is_run_once(course: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "_run", lambda *_: pytest.fail("was run again"))
    kept = run_reference(load_unit(course, NAME), course / WORK / "outputs")
    assert any("forty" in str(output) or "42" in str(output) for output in kept.outputs["show"])


def test_code_in_coloured_pieces_is_recognised_as_an_answer(course: Path, tmp_path: Path) -> None:
    pieces = "<pre><span>result_so_far</span> = <span>result_so_far</span> <b>+</b> one_number</pre>"
    (tmp_path / f"{NAME}.html").write_text(pieces)
    with pytest.raises(UnitError, match="shows the answer of 'total'"):
        refuse_leaking_site(tmp_path, {NAME: secrets_of(load_unit(course, NAME))})


def test_a_folder_with_other_contents_is_left_alone(course: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CourseError, match="holds no site"):
        make_site(course, tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_failing_reference_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.autograder import small_unit

    small_unit.write_unit(tmp_path)  # its demo raises
    monkeypatch.setattr(build, "_run_sphinx", lambda *_: pytest.fail("must not come so far"))
    with pytest.raises(UnitError, match="does not run to its end"):
        make_site(tmp_path, tmp_path / "site")


@pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
@pytest.mark.parametrize("name", ["index", NAME, "glossary"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_fits_a_phone_and_axe_finds_nothing_serious(
    site: Site, browser: Browser, name: str, scheme: str
) -> None:
    tab = patient(browser.new_page(viewport=PHONE, color_scheme=scheme))
    tab.goto(site.index.with_name(f"{name}.html").as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    violations = Axe().run(tab).response["violations"]
    assert [found["id"] for found in violations if found["impact"] in ("serious", "critical")] == []
    tab.close()


@pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
def test_formulas_and_search_work_without_a_server(site: Site, browser: Browser) -> None:
    tab = patient(browser.new_page())
    tab.goto(site.index.with_name(f"{NAME}.html").as_uri())
    tab.locator(".MathJax").first.wait_for()
    tab.goto(f"{site.index.with_name('search.html').as_uri()}?q=twice")
    expect(tab.locator("#search-results")).to_contain_text("Glossary")  # results come one after the other
    tab.close()


@pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
def test_a_widget_moves_without_a_kernel(site: Site, browser: Browser) -> None:
    tab = patient(browser.new_page())
    tab.goto(site.index.with_name(f"{NAME}.html").as_uri())
    box, picture = tab.locator(".frames"), tab.locator(".frames img")
    expect(picture).to_have_attribute("alt", "height 1, -")
    first = picture.get_attribute("src")
    box.get_by_label("height").press("ArrowRight")
    box.get_by_label("style of the line").press("ArrowRight")
    expect(picture).to_have_attribute("alt", "height 2, :")
    assert picture.get_attribute("src") != first
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    expect(box.locator("output")).to_have_text(["2", "dotted"])
    expect(box.get_by_label("style of the line")).to_have_attribute("aria-valuetext", "dotted")
    tab.close()
