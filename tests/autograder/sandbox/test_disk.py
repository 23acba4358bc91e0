"""Without a file system of its own, a submission cannot fill the machine's: what it writes is bounded, and removed after it."""

import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

from autograder.running.processes import Zygote
from autograder.sandbox import disk
from autograder.sandbox.limits import Limits
from tests.autograder.judging import judge, results

LIMITS = Limits(cell_seconds=300, submission_seconds=600, memory=256 << 20, scratch=8 << 20)
CAP_SYS_PTRACE = 19  # capabilities(7)
REFERENCE, TEST = "def f(): return 1", ["assert f() == 1"]
FILLS = {
    "many files": "open(f'big{n}', 'wb').write(bytes(1 << 20))",
    "files without a name": "h = open('big', 'wb'); os.unlink('big'); h.write(bytes(1 << 20)); h.flush(); kept.append(h)",
    "empty files": "open(f'empty{n}', 'w').close()",
    "folders": "os.mkdir(f'folder{n}')",
}


def may_look_into_others() -> bool:
    """Whether this process may look into those of its students: as the same user, or as root with the right to."""
    held = re.search(r"^CapEff:\s*(\w+)$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert held is not None
    return os.geteuid() != 0 or bool(int(held[1], 16) >> CAP_SYS_PTRACE & 1)


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that are made for what students' processes write; others run tests beside this one."""
    made = []
    make = tempfile.mkdtemp

    def remembered(*arguments: Any, **keywords: Any) -> str:
        made.append(Path(make(*arguments, **keywords)))
        return str(made[-1])

    monkeypatch.setattr(tempfile, "mkdtemp", remembered)
    return made


@pytest.mark.parametrize("fill", FILLS)
def test_what_a_submission_writes_is_bounded(
    open_zygote: Zygote, monkeypatch: pytest.MonkeyPatch, folders: list[Path], fill: str
) -> None:
    if fill == "files without a name" and not may_look_into_others():
        pytest.skip("the grader may not look into others' processes here, so it does not see such files")
    monkeypatch.setattr(disk, "MOST_FILES", 1000)
    # It goes on whatever the system refuses: on a busy machine it comes to its open files before anybody looks at what it holds.
    answer = f"""
        import os, time
        def f():
            kept, n = [], 0
            while True:
                n += 1
                try:
                    {FILLS[fill]}
                except OSError:
                    time.sleep(0.01)
        """
    run = judge(open_zygote, REFERENCE, [*TEST, "pass"], answer, limits=LIMITS)
    assert results(run) == ["crashed", "passed"]
    assert run.out_of_memory
    assert folders
    assert not any(map(os.path.lexists, folders))


def test_what_an_honest_answer_writes_is_not(open_zygote: Zygote) -> None:
    answer = """
        import os, tempfile, time, torch
        def f():
            for n in range(40):
                torch.save(torch.zeros(1 << 18), "checkpoint.pt")
            with tempfile.TemporaryDirectory() as folder:
                for n in range(200):
                    open(os.path.join(folder, str(n)), "w").write("x" * 1000)
                time.sleep(0.5)
            return 1
        """
    run = judge(open_zygote, REFERENCE, TEST, answer, limits=LIMITS)
    assert results(run) == ["passed"], run.tests


def test_what_is_deeper_than_python_can_go_is_removed(open_zygote: Zygote, folders: list[Path]) -> None:
    answer = """
        import os
        def f():
            for _ in range(3000):
                os.mkdir("d")
                os.chdir("d")
            open("file", "w").close()
            return 1
        """
    run = judge(open_zygote, REFERENCE, TEST, answer, limits=LIMITS)
    assert results(run) == ["passed"], run.tests
    assert run.failure is None
    assert folders
    assert not any(map(os.path.lexists, folders))


def test_what_is_closed_to_its_owner_is_removed(tmp_path: Path) -> None:
    (tmp_path / "home" / "closed").mkdir(parents=True)
    (tmp_path / "home" / "closed" / "file").write_text("x")
    (tmp_path / "home" / "closed").chmod(0)
    disk.remove(tmp_path / "home")
    assert not (tmp_path / "home").exists()
    disk.remove(tmp_path / "nothing")


def test_each_bound_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(100_000))
    (tmp_path / "link").symlink_to("/")
    mine, family = os.geteuid(), [os.getpid()]
    assert not disk.is_over([str(tmp_path)], mine, [], 1 << 20, 0)
    assert disk.is_over([str(tmp_path)], mine, [], 50_000, 0)
    assert not disk.is_over([str(tmp_path)], mine + 1, [], 50_000, 0)
    assert not disk.is_over([str(tmp_path / "nothing")], mine, [], 50_000, 0)
    with tempfile.TemporaryFile(dir=tmp_path) as nameless:
        nameless.write(bytes(200_000))
        nameless.flush()
        assert disk.is_over([str(tmp_path)], mine, family, 150_000, 1 << 40)
        assert not disk.is_over([str(tmp_path)], mine, [], 150_000, 1 << 40)
