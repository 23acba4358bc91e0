"""Whatever lies where a command expects a file of the instructor's, it says so in one sentence: nobody waits, and nothing else is touched."""

import ast
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.kit.write import MARKER
from autograder.model.files import read_json, read_plain, read_toml
from autograder.model.units import load_unit
from autograder.release.build import released
from autograder.site.reference import _digest
from tests.autograder.never_lost import main_in
from tests.autograder.small_unit import NAME, RIGHT, hand_in, notebook, write_unit
from tests.conftest import ROOT

SECONDS = 300  # that a command may take before it is believed to wait for ever
DEEP = "[" * 100_000
# Of the grader's modules, those that read a file of the instructor's or of the kit by themselves, with the reason.
READ_THEMSELVES = {
    "model/files.py": "is the way to read one",
    "model/version.py": "reads the grader's own code",
    "kit/contents.py": "reads its own templates",
    "kit/needed.py": "reads the grader's own code",
    "probing/planting.py": "reads the grader's own code",
    "site/build.py": "reads what Sphinx has just made",
}


ODD: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "loop": lambda path: path.symlink_to(path.name),
    "folder": Path.mkdir,
    "other": lambda path: path.write_bytes(b"\xff\xfe\xe4"),
}
PLACES: dict[str, tuple[str, list[str]]] = {  # the file, and a command that expects one there, or nothing
    "data of a unit": (f"source/{NAME}/data.csv", ["kit"]),
    "data that is released": (f"source/{NAME}/data.csv", ["release"]),
    "settings": ("pyproject.toml", ["kit"]),
    "licence": ("LICENSE", ["kit"]),
    "marker of a kit": (f"kit/{MARKER}", ["kit"]),
    "file of a kit": ("kit/README.md", ["kit"]),
    "folder of a kit": ("kit", ["kit"]),
    "zip of a kit": ("kit.zip", ["kit", "--zip"]),
    "half a zip of a kit": (".kit.zip.part", ["kit", "--zip"]),
    "page of a site": ("docs/glossary.md", ["site"]),
    "folder of a site": ("site", ["site", "site"]),
    "list of equivalents": (f"tests/answers/{NAME}/equivalent.toml", ["probe", NAME]),
    "folder of a new unit": ("source/11_more", ["new", "11_more"]),
    "release that is checked": (f"release/{NAME}/{NAME}.ipynb", ["check", f"submitted/ada/{NAME}/{NAME}.ipynb"]),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = tmp_path_factory.mktemp("small")
    write_unit(course)
    hand_in(course, "ada", released(load_unit(course, NAME)), RIGHT)
    return course


@pytest.fixture
def course(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "course"))


@pytest.fixture(autouse=True)
def nothing_expensive(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where a command gets past the odd file it need not do its work; where it waits, the test ends."""
    monkeypatch.setattr("autograder.site.reference._run", lambda *_: {})
    monkeypatch.setattr("autograder.site.build._run_sphinx", lambda _sources, made, *_: made.mkdir(parents=True) or ())
    monkeypatch.setattr("autograder.probing.probe.variants_of", lambda _unit: iter(()))
    monkeypatch.setattr("autograder.probing.probe.record_manifest", lambda *_: None)
    monkeypatch.setattr("autograder.running.executors.LocalExecutor.start", lambda _self: None)
    monkeypatch.setattr("autograder.running.manifest.kept_manifest", lambda *_: None)
    monkeypatch.setattr(
        "autograder.check._Kernel", lambda *_: nullcontext(SimpleNamespace(run=lambda *_: (), notes=()))
    )

    def late(*_: object) -> None:
        raise TimeoutError(f"not done after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("one_warm_process")
@pytest.mark.parametrize("make", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize(("name", "command"), PLACES.values(), ids=PLACES.keys())
def test_what_is_no_plain_file_is_said_in_one_sentence(
    course: Path, capsys: pytest.CaptureFixture[str], name: str, command: list[str], make: Callable[[Path], object]
) -> None:
    if name == "kit/README.md":
        assert main_in(course, "kit") == 0
        (course / name).unlink()
    (course / name).parent.mkdir(parents=True, exist_ok=True)
    make(course / name)
    capsys.readouterr()
    status = main_in(course, *command)
    said = capsys.readouterr()
    assert status in (0, 1, 2)
    if status == 2:
        assert said.err.startswith("error: "), said
        assert any(part in said.err for part in Path(name).parts), said


MARKERS = {
    "too deep": DEEP,
    "a number": "5",
    "no names": "[]",
    "no digests": '{"a": 5}',
    "a place outside": '{"../victim": ["DIGEST"]}',
    "a place elsewhere": '{"/victim": ["DIGEST"]}',
    "a name that ends early": '{"a\\u0000b": ["x"]}',
    "a name that is too long": json.dumps({"a" * 300: ["x"]}),
    "half a character": '{"\\ud800": ["x"]}',
    "no name": '{"": ["x"]}',
}


@pytest.mark.parametrize("marker", MARKERS.values(), ids=MARKERS.keys())
def test_a_marker_of_a_kit_that_says_nothing_removes_nothing(
    course: Path, capsys: pytest.CaptureFixture[str], marker: str
) -> None:
    (course / "victim").write_text("mine")
    (course / "kit").mkdir()
    (course / "kit" / MARKER).write_text(marker.replace("DIGEST", hashlib.sha256(b"mine").hexdigest()))
    assert main_in(course, "kit") == 2
    assert "kit: cannot be read as a kit" in capsys.readouterr().err
    assert (course / "victim").read_text() == "mine"
    assert [path.name for path in (course / "kit").iterdir()] == [MARKER]


@pytest.mark.parametrize("folder", [".", "..", "/", "out/.."])
def test_a_zip_of_a_kit_needs_a_name(course: Path, capsys: pytest.CaptureFixture[str], folder: str) -> None:
    assert main_in(course, "kit", folder, "--zip") == 2
    assert "the zip would have no name; give one, such as kit" in capsys.readouterr().err


def test_a_link_in_the_way_of_half_a_zip_leads_nowhere(course: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (course / ".kit.zip.part").symlink_to(tmp_path / "elsewhere")
    assert main_in(course, "kit", "--zip") == 0
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert not (course / "kit.zip").is_symlink()


def test_a_site_that_is_a_repository_is_not_replaced(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (course / "site" / ".git").mkdir(parents=True)
    for name in ("index.html", "searchindex.js"):
        (course / "site" / name).write_text("")
    assert main_in(course, "site", "site") == 2
    assert "holds .git, which would be lost" in capsys.readouterr().err
    assert (course / "site" / ".git").is_dir()


@pytest.mark.parametrize("kept", ["", "[]", "5", DEEP, '{"lesson": 5}', '{"lesson": [5]}', '{"lesson": [{}]}'])
def test_a_damaged_cache_of_the_site_is_made_again(course: Path, kept: str) -> None:
    unit = load_unit(course, NAME)
    cache = course / "_build" / "site" / "outputs" / f"{NAME}-{_digest(unit, released(unit))}.json"
    cache.parent.mkdir(parents=True)
    cache.write_text(kept)
    assert main_in(course, "site", "site") == 0
    assert json.loads(cache.read_text()) == {}


# ---- marks of a source notebook that say nothing

MARKS: dict[str, object] = {
    "nothing": None,
    "a list": [1],
    "a text": "x",
    "points in words": {"points": "many"},
    "points that are no number": {"points": float("nan")},
    "endless points": {"points": float("inf")},
    "points beyond all": {"points": 10**400},
    "points as a list": {"points": [1]},
    "an id that is a number": {"grade_id": 5},
    "an id that is a list": {"grade_id": ["a"]},
    "a version in words": {"schema_version": "3"},
    "no version": {"schema_version": None},
    "a kind in words": {"grade": "no"},
}


@pytest.mark.parametrize(
    ("marks", "command"),
    [(marks, ["results", NAME]) for marks in MARKS.values()]
    + [(MARKS["a list"], command) for command in (["release"], ["kit"], ["grade", NAME], ["probe", NAME])],
)
def test_marks_that_say_nothing_are_refused_in_one_sentence(
    course: Path, capsys: pytest.CaptureFixture[str], marks: object, command: list[str]
) -> None:
    odd = notebook()
    place = next(n for n, cell in enumerate(odd.cells) if cell.id == "double-two")
    metadata = odd.cells[place].metadata
    metadata["nbgrader"] = {**metadata["nbgrader"], **marks} if isinstance(marks, dict) else marks
    (course / "source" / NAME / f"{NAME}.ipynb").write_text(json.dumps(odd))
    assert main_in(course, *command) == 2
    said = capsys.readouterr().err
    assert f"cell {place + 1} has " in said
    assert "set the type of the cell again in nbgrader's panel" in said


def test_half_a_character_in_a_source_notebook_is_refused(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = notebook()
    odd.cells[2].source = "x = '\ud800'"
    (course / "source" / NAME / f"{NAME}.ipynb").write_text(json.dumps(odd))
    assert main_in(course, "release") == 2
    assert "not a readable notebook" in capsys.readouterr().err


# ---- the one way to read


def test_what_is_too_much_or_too_deep_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "much").write_bytes(bytes(11))
    with pytest.raises(OSError, match="over 10 bytes"):
        read_plain(tmp_path / "much", 10)
    assert len(read_plain(tmp_path / "much", 11)) == 11
    (tmp_path / "deep").write_text(DEEP)
    with pytest.raises(ValueError, match="too deep"):
        read_json(tmp_path / "deep")
    (tmp_path / "deep").write_text("a = " + "[" * 5000 + "]" * 5000)
    with pytest.raises(ValueError, match="too deep"):
        read_toml(tmp_path / "deep")


def test_no_other_module_reads_an_instructor_s_file_by_itself() -> None:
    """What the kernel tells of processes is no such file, and what students hand in has a way of its own (reading/plain_file.py)."""
    rooms = [ROOT / "autograder" / room for room in ("collecting", "gradebook", "kit", "model", "probing", "release")]
    rooms += [ROOT / "autograder" / room for room in ("results", "site")]
    reading = {
        path.relative_to(ROOT / "autograder").as_posix()
        for room in rooms
        for path in room.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("read_text", "read_bytes")
    }
    # What is locked names its holder, which Linux says in /proc.
    assert reading - {"model/lock.py"} == READ_THEMSELVES.keys()
