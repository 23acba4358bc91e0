"""Put feedback pages into a zip that a system takes back: each under the name of the submission that it is about."""

import io
import tempfile
import zipfile
from pathlib import Path

from autograder.collecting.collect import collect
from autograder.collecting.formats import canvas, moodle
from autograder.errors import CourseError
from autograder.model.files import in_part, read_plain, writing
from autograder.model.text import listed

NAMED_BY = {"canvas": canvas.beside, "moodle": moodle.beside}
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the same pages are the same zip


def hand_back(course: Path, unit: str, source: Path) -> Path:
    """Write `feedback/<unit>-<system>.zip` for the system whose download is given, and return its path.

    Raises CourseError where the system takes none, or nobody in the download has a page.
    """
    with tempfile.TemporaryDirectory() as folder:
        collected = collect(course, source, unit, submitted=Path(folder))
    if collected.system not in NAMED_BY:
        raise CourseError(
            f"{source}: pages can be handed back in a zip to {listed(list(NAMED_BY))}, and this is a download of {collected.system}"
        )
    pages: dict[str, bytes] = {}
    for one in collected.placed:
        page = course / "feedback" / one.student / unit / f"{unit}.html"
        if page.is_file():  # the members of a group share a submission, and their pages differ in the name alone
            pages.setdefault(NAMED_BY[collected.system](one.taken[0], page.name), read_plain(page))
    if not pages:
        raise CourseError(f"{source}: nobody in it has a page for {unit}; grade what is in it first")
    path = course / "feedback" / f"{unit}-{collected.system}.zip"
    with writing(path), in_part(path) as part:
        part.write_bytes(_zipped(pages))
    return path


def _zipped(pages: dict[str, bytes]) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(pages.items()):
                archive.writestr(zipfile.ZipInfo(name, FIXED_TIME), content, zipfile.ZIP_DEFLATED)
        return file.getvalue()
