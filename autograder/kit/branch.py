"""Put a kit on a branch of the course folder's git repository: commits that hold the kit alone and come from no other commit."""

import re
import subprocess
from pathlib import Path

from autograder.errors import CourseError
from autograder.kit.contents import Files
from autograder.model.text import is_encodable

SIGN = "Made by: python -m autograder kit"  # in each commit's message; a branch with another commit is not ours
WHO = "mlp-course <kit@mlp-course.invalid>"  # not the instructor's name: the branch is for everybody
SUBJECT = "The students' kit"
NO_REPOSITORY = "{}: no git repository that can be used ({}); do as git says, or run git init first where there is none"


def commit_to_branch(files: Files, course: Path, branch: str) -> str:
    """Commit the kit to a branch of its own and return the commit; the same commit where nothing has changed.

    A later kit follows on the one before, so that students can pull it. The working tree and all other branches stay as they are.
    Raises CourseError where that is impossible.
    """
    if not is_encodable(branch):
        raise CourseError(f"{branch!r} is no name for a branch; give one such as kit")
    _git(course, "rev-parse", "--git-dir", wrong=NO_REPOSITORY.format(course, "{}"))
    _git(
        course,
        "check-ref-format",
        "--branch",
        branch,
        wrong=f"{branch!r} is no name for a branch; give one such as kit",
    )
    reference = f"refs/heads/{branch}"
    if _git(course, "symbolic-ref", "--quiet", "HEAD", fails="") == reference:
        raise CourseError(f"{branch} is the branch that you are on; give the kit a branch of its own, such as kit")
    before = _git(course, "rev-parse", "--verify", "--quiet", reference, fails="")
    if before:
        _refuse_other_commits(course, branch, reference)
    _git(course, "fast-import", "--quiet", "--force", given=_as_stream(files, reference, before))
    after = _git(course, "rev-parse", reference)
    if before and _git(course, "rev-parse", f"{before}^{{tree}}") == _git(course, "rev-parse", f"{after}^{{tree}}"):
        _git(course, "update-ref", reference, before, after)
        return before
    return after


def _refuse_other_commits(course: Path, branch: str, reference: str) -> None:
    messages = _git(course, "log", "--format=%B%x00", reference).split("\0")
    if not all(SIGN in message for message in messages if message.strip()):
        raise CourseError(
            f"the branch {branch} holds commits that are no kits; give the kit a branch of its own, such as kit"
        )


def _as_stream(files: Files, reference: str, before: str) -> bytes:
    """Return the commit in the language of `git fast-import`, which needs no working tree."""
    message = f"{SUBJECT}\n\n{SIGN}\n".encode()
    parts = [f"commit {reference}\ncommitter {WHO} now\n".encode(), _data(message)]
    if before:
        parts.append(f"from {before}\n".encode())
    parts.append(b"deleteall\n")
    for name, content in files.items():
        parts += [f"M 100644 inline {_quoted(name)}\n".encode(), _data(content)]
    return b"feature done\nfeature date-format=now\n" + b"".join(parts) + b"done\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(name: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", name).replace("\n", "\\n")
    return f'"{escaped}"'


def _git(course: Path, *arguments: str, given: bytes | None = None, wrong: str = "", fails: str | None = None) -> str:
    """Run git and return what it prints. Where it fails, return `fails`, else raise CourseError.

    `wrong`: the words of that error, with `{}` for git's own words; without it, git's own alone.
    """
    try:
        done = subprocess.run(["git", "-C", str(course), *arguments], input=given, capture_output=True)
    except FileNotFoundError as error:
        raise CourseError("git was not found; install it, or make the kit without --branch") from error
    if done.returncode == 0:
        return done.stdout.decode("utf-8", "replace").strip()
    if fails is not None:
        return fails
    reason = " ".join(done.stderr.decode("utf-8", "replace").split()) or str(done.returncode)
    raise CourseError(wrong.replace("{}", reason) or f"{course}: git {arguments[0]} failed ({reason})")
