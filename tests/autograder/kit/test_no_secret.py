"""The course's own kit, in all its forms: not a line of an answer or of a hidden test is in it.

This looks for lines, and `autograder.kit.secrets`, which refuses a kit, looks for statements: neither rests on the other.
"""

import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.kit.branch import commit_to_branch
from autograder.kit.contents import Files, kit_files
from autograder.kit.write import write_folder, write_zip
from autograder.model.units import Cell, Kind, Unit, list_units, load_unit
from autograder.release.leaks import bare
from tests.conftest import ROOT

REGION = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)\n(.*?)\n *### END \1", re.DOTALL)
LONG = 24  # characters without spaces, from which a line is nobody else's
FEW = 0.5  # of an answer's lines: some are what everybody writes, such as `loss = F.cross_entropy(net(x), y)`


@pytest.fixture(scope="module")
def kit() -> Files:
    return kit_files(ROOT)


@pytest.fixture(scope="module")
def everything(kit: Files, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """What students can get hold of, each content once: the folder, the zip, and every object of the branch."""
    folder = tmp_path_factory.mktemp("forms")
    write_folder(kit, folder / "kit")
    write_zip(kit, folder / "kit.zip")
    with zipfile.ZipFile(folder / "kit.zip") as archive:
        unpacked = {name: archive.read(name) for name in archive.namelist()}
    written = {str(p): p.read_bytes() for p in (folder / "kit").rglob("*") if p.is_file()}
    in_git = dict(objects_of(kit, folder / "repository"))
    assert set(kit.values()) <= set(written.values()) & set(unpacked.values()) & set(in_git.values())
    once = {content: name for form in (in_git, unpacked, written) for name, content in form.items()}
    return {name: content for content, name in once.items()}


def objects_of(kit: Files, repository: Path) -> Iterator[tuple[str, bytes]]:
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main", repository], check=True)
    commit_to_branch(kit, repository, "kit")
    command = ["git", "-C", repository, "cat-file", "--batch-all-objects", "--batch"]
    listed = subprocess.run(command, check=True, capture_output=True).stdout
    while listed:
        heading, _, rest = listed.partition(b"\n")
        name, kind, size = heading.decode().split()
        if kind != "tree":
            yield f"{kind} {name}", rest[: int(size)]
        listed = rest[int(size) + 1 :]


def lines_of(cell: Cell, unit: Unit) -> list[str]:
    """The lines of a cell that only the instructor may see and that are long enough to be known again.

    Of a hidden test, those that use an answer: `torch.Generator().manual_seed(3)` tells nobody anything.
    """
    secret = [line for _, region in REGION.findall(cell.source) for line in region.splitlines()]
    lines = {bare(line) for line in secret if not line.strip().startswith(("#", "import ", "from ", '"""'))}
    uses = re.compile(rf"\b({'|'.join(unit.answer_names)})\b" if cell.kind is Kind.TEST else "")
    return sorted(line for line in lines if len(line) >= LONG and uses.search(line))


def test_the_kit_shows_no_answer_and_no_hidden_test(everything: Files) -> None:
    looked_for = 0
    texts = {name: bare(readable(content)) for name, content in everything.items()}
    assert len(texts) > 50
    for unit in (load_unit(ROOT, name) for name in list_units(ROOT)):
        own = REGION.sub("", "\n".join(cell.source for cell in unit.cells))
        for cell in unit.cells:
            lines = [line for line in lines_of(cell, unit) if line not in bare(own)]
            looked_for += len(lines)
            for name, text in texts.items():
                shown = [line for line in lines if line in text]
                most = 0 if cell.kind is Kind.TEST else FEW * len(lines)
                assert not shown or len(shown) < most, f"{name} shows {shown} of {cell.id} in {unit.name}"
    assert looked_for > 300


def readable(content: bytes) -> str:
    """What a file says, without the marks of JSON's strings: there a notebook's lines stand one by one."""
    return content.decode("utf-8", errors="ignore").replace('\\"', '"')


def test_a_secret_would_be_noticed() -> None:
    unit = load_unit(ROOT, "05_cross_entropy")
    hidden = next(cell for cell in unit.tests if cell.hidden and lines_of(cell, unit))
    answer = next(cell for cell in unit.cells if cell.id == "softmax")
    for cell in (hidden, answer):
        region = REGION.search(cell.source)
        assert region
        lines = lines_of(cell, unit)
        assert lines
        in_a_notebook = json.dumps({"source": region[2].splitlines(keepends=True)}, indent=1)
        assert [line for line in lines if line in bare(readable(in_a_notebook.encode()))] == lines
