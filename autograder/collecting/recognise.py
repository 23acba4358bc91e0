"""Tell from the names of its files which system made a source, and sort it as that system does."""

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from autograder.collecting.attempt import Setting, Sorted
from autograder.collecting.entries import Contents, Entry, LeftOut
from autograder.collecting.formats import blackboard, canvas, exchange, folders, github, gradescope, moodle, zip_collect
from autograder.collecting.students import StudentIndex
from autograder.errors import CourseError
from autograder.model.text import listed, readable

MAX_UNWRAPPED = 3  # folders that hold nothing but one folder
INBOUND = "inbound"  # of nbgrader's exchange
STEPS = ("archive", "extracted")  # of nbgrader's zip_collect: what was downloaded, and the same unpacked


@dataclass(frozen=True)
class Format:
    """How one system hands over work. `share`: how much of a source looks like it, from 0 to 1."""

    name: str
    share: Callable[[Setting, StudentIndex], float]
    sort: Callable[[Setting], Sorted]


def system_of(setting: Setting, index: StudentIndex, wanted: str = "") -> tuple[Format, Setting]:
    """Return the format of a source, and the source without what lies around it; raises CourseError where nobody can
    be sure.

    `wanted`: the name of the format, where a person has said it.
    """
    settings = _unwrapped(setting)
    if wanted:
        chosen = next(format for format in FORMATS if format.name == wanted)
        return chosen, max(settings, key=lambda one: chosen.share(one, index))
    for one in settings:
        shares = [(format.share(one, index), format) for format in FORMATS]
        best = max(share for share, _ in shares)
        likely = [format for share, format in shares if share == best]
        if best > 0.5 and len(likely) == 1:
            return likely[0], one
    names = listed([readable(entry.path) for entry in settings[-1].entries])
    raise CourseError(
        f"which system these files are from cannot be seen from their names ({names}); say it with --from, one of: "
        f"{', '.join(SYSTEMS)}"
    )


def _unwrapped(setting: Setting) -> list[Setting]:
    """Return the source, and what is in it, as long as that is one folder alone or one that nbgrader always makes."""
    settings = [setting]
    for _ in range(MAX_UNWRAPPED):
        folders_in = {entry.path.partition("/")[0] for entry in setting.entries}
        steps = [step for step in (INBOUND, *STEPS) if any(e.path.startswith(f"{step}/") for e in setting.entries)]
        if len(folders_in) != 1 and not steps:
            break
        folder = steps[0] if steps else folders_in.pop()
        if not any(entry.path.startswith(f"{folder}/") for entry in setting.entries):
            break
        setting = _inside(setting, folder)
        settings.append(setting)
    return settings


def _inside(setting: Setting, folder: str) -> Setting:
    """Return what a folder of a source holds; what lies beside it is left out."""
    inside = f"{folder}/"
    entries = [_renamed(entry, inside) for entry in setting.entries if entry.path.startswith(inside)]
    beside = [entry for entry in setting.entries if not entry.path.startswith(inside)]
    left_out = [LeftOut(one.path.removeprefix(inside), one.reason, one.expected) for one in setting.contents.left_out]
    left_out += [
        LeftOut(entry.path, f"beside the folder {folder}, from which work was taken", True) for entry in beside
    ]
    below = None if setting.folder is None else setting.folder / folder
    return replace(setting, contents=Contents(tuple(entries), tuple(left_out)), folder=below)


def _renamed(entry: Entry, inside: str) -> Entry:
    return Entry(entry.path.removeprefix(inside), entry.read)


def _by_names(matches: Callable[[str], bool]) -> Callable[[Setting, StudentIndex], float]:
    return lambda setting, index: _share([matches(entry.path) for entry in setting.entries])


def _gradescope(setting: Setting, index: StudentIndex) -> float:
    has_metadata = any(gradescope.METADATA.fullmatch(entry.path) for entry in setting.entries)
    return _by_names(gradescope.matches)(setting, index) if has_metadata else 0.0


def _github(setting: Setting, index: StudentIndex) -> float:
    clones = github.clones(setting)
    return _share([entry.path.partition("/")[0] in clones for entry in setting.entries])


def _folders(setting: Setting, index: StudentIndex) -> float:
    """Half as sure as a system's own names: a folder may be called like a student by chance."""
    firsts = {entry.path.partition("/")[0]: entry for entry in setting.entries}
    known = [index.knows(folders.claim_of(entry.path, setting.units)) for entry in firsts.values()]
    return 0.9 * _share(known)


def _zip_collect(setting: Setting, index: StudentIndex) -> float:
    """Whether the folder is one of nbgrader's steps and the course says how its files are called."""
    is_step = setting.folder is not None and posixpath.basename(setting.folder.as_posix()) in STEPS
    return 1.1 if is_step and setting.pattern else 0.0


def _share(matching: Sequence[bool]) -> float:
    return sum(matching) / len(matching) if matching else 0.0


FORMATS = (
    Format("canvas", _by_names(canvas.matches), canvas.sort),
    Format("moodle", _by_names(moodle.matches), moodle.sort),
    Format("gradescope", _gradescope, gradescope.sort),
    Format("blackboard", _by_names(blackboard.matches), blackboard.sort),
    Format("github", _github, github.sort),
    Format("exchange", _by_names(exchange.matches), exchange.sort),
    Format("zip_collect", _zip_collect, zip_collect.sort),
    Format("folders", _folders, folders.sort),
)
SYSTEMS = tuple(format.name for format in FORMATS)
