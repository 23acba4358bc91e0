"""The kit on a git branch: its commits hold the kit alone, and nothing of the course folder's history."""

import subprocess
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.kit.branch import commit_to_branch

KIT = {"README.md": b"read\n", 'release/é "1"/a b.ipynb': b"\x00\xff{}", "empty.txt": b""}
NEXT = {"README.md": b"read more\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A course folder under git whose history holds a secret."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    (tmp_path / "source.txt").write_text("secret of the course")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "secret subject")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Prof. Instructor", "-c", "user.email=prof@example.org", "-c", "core.quotePath=false"]
    return subprocess.run(
        ["git", "-C", folder, *who, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def content_of(repository: Path, commit: str) -> dict[str, bytes]:
    names = git(repository, "ls-tree", "-r", "-z", "--name-only", commit).strip("\0").split("\0")
    command = ["git", "-C", repository, "cat-file", "blob"]
    return {
        name: subprocess.run([*command, f"{commit}:{name}"], check=True, capture_output=True).stdout for name in names
    }


def test_a_branch_holds_the_kit_alone_and_its_objects_nothing_of_the_history(repository: Path, tmp_path: Path) -> None:
    commit = commit_to_branch(KIT, repository, "kit")
    assert git(repository, "rev-parse", "kit") == commit
    assert content_of(repository, "kit") == KIT
    assert git(repository, "rev-list", "--count", "kit") == "1"
    git(
        tmp_path,
        "clone",
        "--quiet",
        "--bare",
        "--single-branch",
        "--branch",
        "kit",
        f"file://{repository}",
        "published",
    )
    published = tmp_path / "published"
    objects = git(published, "rev-list", "--objects", "--all").split("\n")
    everything = b"".join(
        subprocess.run(["git", "-C", published, "cat-file", kind, one], check=True, capture_output=True).stdout
        for one in (line.split()[0] for line in objects)
        for kind in [git(published, "cat-file", "-t", one)]
    )
    assert b"read\n" in everything
    assert not [word for word in (b"secret", b"Instructor", b"prof@") if word in everything]


def test_the_course_folder_and_its_branch_stay_as_they_are(repository: Path) -> None:
    before = git(repository, "rev-parse", "HEAD")
    commit_to_branch(KIT, repository, "kit")
    assert git(repository, "rev-parse", "HEAD") == before
    assert git(repository, "status", "--porcelain") == ""
    assert [path.name for path in repository.iterdir() if path.name != ".git"] == ["source.txt"]


def test_the_next_kit_follows_on_the_last_and_the_same_one_makes_no_commit(repository: Path) -> None:
    first = commit_to_branch(KIT, repository, "kit")
    assert commit_to_branch(KIT, repository, "kit") == first
    second = commit_to_branch(NEXT, repository, "kit")
    assert git(repository, "rev-parse", "kit", "kit^").split() == [second, first]
    assert content_of(repository, "kit") == NEXT


@pytest.mark.parametrize(
    ("branch", "words"),
    [
        ("main", "main is the branch that you are on"),
        ("other", "the branch other holds commits that are no kits"),
        ("-d", "'-d' is no name for a branch"),
        ("a..b", "'a..b' is no name for a branch"),
        ("\udcff", r"'\\udcff' is no name for a branch"),
    ],
)
def test_other_branches_are_left_alone(repository: Path, branch: str, words: str) -> None:
    git(repository, "branch", "other")
    before = git(repository, "for-each-ref")
    with pytest.raises(CourseError, match=words):
        commit_to_branch(KIT, repository, branch)
    assert git(repository, "for-each-ref") == before


def test_a_branch_of_kits_with_a_commit_of_somebody_else_is_refused(repository: Path) -> None:
    commit_to_branch(KIT, repository, "kit")
    tree, parent = git(repository, "rev-parse", "kit^{tree}"), git(repository, "rev-parse", "kit")
    other = git(repository, "commit-tree", tree, "-p", parent, "-m", "mine")
    git(repository, "update-ref", "refs/heads/kit", other)
    with pytest.raises(CourseError, match="holds commits that are no kits"):
        commit_to_branch(NEXT, repository, "kit")
    assert git(repository, "rev-parse", "kit") == other


@pytest.mark.parametrize(
    ("pointer", "words"),
    [("", r"no git repository that can be used \(fatal: not a git repository"), ("gitdir: /nowhere", "/nowhere")],
)
def test_a_folder_without_git_is_said_in_git_s_words(tmp_path: Path, pointer: str, words: str) -> None:
    if pointer:
        (tmp_path / ".git").write_text(pointer)
    with pytest.raises(CourseError, match=words):
        commit_to_branch(KIT, tmp_path, "kit")
