"""What plain `nbgrader autograde` makes of the hostile submissions, and what the grader here does: the table in README.md beside this file.

    python -m tests.submissions.against_nbgrader [--notes FILE] [ATTACK ...]

nbgrader runs a submission with the rights of whoever grades, so each attack gets a box: processes, network and mounts of its own,
an ordinary user, folders in memory, an end by the clock and by memory. In a box lies a fresh course in which the attack and two honest
neighbours, before and after it, have handed in. Needs root (for the mounts), `unshare`, `setpriv` and `ip`, and half an hour: nbgrader
starts three kernels for each. With --notes what has been seen is kept in a file and not run again. Naming attacks runs those and prints them.
"""

import argparse
import contextlib
import datetime
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.release.build import released
from autograder.model.units import load_unit
from autograder.sandbox.usage import descendants
from autograder.sandbox.watch import Watch
from tests.autograder.test_hostile import Graded, contents, grade_all
from tests.conftest import ROOT
from tests.submissions.hostile import MOST, Attack, attacks, files, grade_id
from tests.submissions.target import NAME, RIGHT, SECRETS, write_target

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- table: made by against_nbgrader.py -->", "<!-- end of table -->"
# No box makes these bearable for whoever shares the machine; with limits set outside it, they would show those limits.
NOT_RUN = ("containment_fork_bomb", "containment_thread_bomb", "containment_memory_of_many_processes")
USER = 64_123  # no other process of the machine has it: limits count each user's
CELL_SECONDS, LONGEST, MOST_MEMORY, MOST_PROCESSES, DISK = 10, 75, 3 << 30, 200, "512m"
# Folders of / that stay in view.
KEPT = ("usr", "lib", "lib64", "bin", "sbin", "etc", "opt", "proc", "sys", "dev", "var")
HOME = Path("/home/instructor")
CONFIG = f"c = get_config()\nc.ExecutePreprocessor.timeout = {CELL_SECONDS}\n"
TRACES = ("owned-by-a-pickle", "big", "seen", "elsewhere")  # what attacks leave outside the course
OWN_FAULTS = ("points for nothing", "honest points lost", "saw a secret")
KINDS_OF_FAULT = (
    *OWN_FAULTS,
    "changed the course",
    "stopped the batch",
    "neighbour's points changed",
    "did not end",
    "filled the memory",
    "left processes running",
    "left files outside",
)
BEFORE, NEXT = "aa_before", "zz_next"  # honest neighbours; nbgrader grades in the order of names
TOGETHER = 8
FIRST = f"""
import json, os, subprocess, sys, time
log = open("/tmp/.log", "wb")
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
time.sleep(1)
def state(pid):
    try:
        return open(f"/proc/{{pid}}/stat").read().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
left = [pid for pid in os.listdir("/proc") if pid.isdigit() and pid != "1" and state(pid) != "Z"]
traces = [p for p in {TRACES!r} if os.path.exists("/tmp/" + p) or os.path.exists("/dev/shm/" + p)]
try:
    log = open("/tmp/.log", errors="replace").read()[-3000:]
except OSError:
    log = ""
print(json.dumps(dict(status=done.returncode, left=len(left), traces=traces, log=log)), flush=True)
"""


@dataclass(frozen=True)
class Seen:
    """What nbgrader made of one attack: its points (None: no mark), and what went wrong."""

    attack: str
    points: float | None
    faults: list[str] = field(default_factory=list)
    log: str = ""


@dataclass(frozen=True)
class Entry:
    """One attack, and how to write it; `deserved`: the points it may end with, empty for any."""

    student: str
    what: str
    deserved: frozenset[float]
    source: str
    attack: Attack | files.Attack

    @property
    def kind(self) -> str:
        return self.student.split("_")[0]

    def write(self, course: Path, release: NotebookNode) -> None:
        """Hand it in."""
        folder = course / "submitted" / self.student / NAME
        if isinstance(self.attack, Attack):
            self.attack.write(release, folder / f"{NAME}.ipynb")
        else:
            self.attack(folder, release)


def entries() -> list[Entry]:
    """Every attack of the suite."""
    found = []
    for attack in attacks():
        deserved = frozenset(sum(points.values()) for points in attack.points)
        source = " ".join(code for _, code in attack.cells)
        found.append(Entry(attack.student, attack.what, deserved, source, attack))
    with tempfile.TemporaryDirectory() as folder:
        write_target(Path(folder))
        release = released(load_unit(Path(folder), NAME))
        for one in files.ATTACKS:
            must = one(Path(folder, "submitted", f"file_{one.__name__}", NAME), release)
            what = (one.__doc__ or "").strip()
            found.append(Entry(f"file_{one.__name__}", what, frozenset({must.points}), "", one))
    return found


def main() -> int:
    """Attack nbgrader, then the grader here; write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=Path, help="a file that keeps what has been seen")
    parser.add_argument("attacks", nargs="*", help="run these and print what was seen, without a table")
    arguments = parser.parse_args()
    if not ready("tests.submissions.against_nbgrader"):
        return 2
    chosen = [entry for entry in entries() if not arguments.attacks or entry.student in arguments.attacks]
    seen = dict(read_notes(arguments.notes))
    with released_by_nbgrader() as prepared:
        for one in attacked_all([e for e in chosen if e.student not in {*seen, *NOT_RUN}], prepared):
            seen[one.attack] = one
            print(f"{one.attack}: {one.points} {one.faults}", file=sys.stderr, flush=True)
            if arguments.attacks:
                print(one.log)
            if arguments.notes:
                with arguments.notes.open("a") as notes:
                    notes.write(json.dumps(asdict(one)) + "\n")
    if not arguments.attacks:
        with tempfile.TemporaryDirectory(prefix="against-") as folder:
            ours = grade_all(Path(folder), "against-no-such-mark")
        write_table("\n".join(table(chosen, seen, ours)))
    return 0


def ready(module: str) -> bool:
    """Whether boxes can be made here; goes on in a mount namespace of its own, in which the module runs again."""
    if os.getuid() != 0 or not all(map(shutil.which, ("unshare", "setpriv", "ip"))):
        print("run this as root, with unshare, setpriv (util-linux) and ip (iproute2): nbgrader is boxed with them")
        return False
    if "AGAINST_NBGRADER" not in os.environ:
        os.environ["AGAINST_NBGRADER"] = "in its own mount namespace"
        again = [sys.executable, "-m", module, *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *again])
    return True


def read_notes(path: Path | None) -> Iterator[tuple[str, Seen]]:
    """What an earlier run has seen."""
    if path and path.exists():
        for line in path.read_text().splitlines():
            one = Seen(**json.loads(line))
            yield one.attack, one


# ---- one attack on nbgrader


def attacked_all(chosen: list[Entry], prepared: Path) -> Iterator[Seen]:
    """Run all attacks: several in one box where nothing but an attack's own points goes wrong in it, else each alone."""
    alone = [entry for entry in chosen if entry.kind == "containment"]
    others = [entry for entry in chosen if entry.kind != "containment"]
    for group in (others[at : at + TOGETHER] for at in range(0, len(others), TOGETHER)):
        found = list(attacked(group, prepared))
        if len(group) == 1 or not any(set(one.faults) - {*OWN_FAULTS} or one.points is None for one in found):
            yield from found
        else:
            alone += group
    for entry in alone:
        yield from attacked([entry], prepared)


def attacked(group: list[Entry], prepared: Path) -> Iterator[Seen]:
    """Grade attacks between two honest neighbours with nbgrader in a box, and compare the course before and after."""
    with disk() as course:
        hand_in(course, prepared, group)
        before = contents(course)
        ended = box(course, ["autograde", NAME], LONGEST * (1 + len(group) // 4))
        after = contents(course)
        common = []
        if {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} - {".nbgrader.log"}:
            common.append("changed the course")
        if ended.get("left"):
            common.append("left processes running")
        if ended.get("traces"):
            common.append("left files outside")
        if "cut" in ended:
            common.append(str(ended["cut"]))
        marks = scores(course)
        if marks.get(NEXT) is None:
            common.append("stopped the batch")
        if {marks.get(BEFORE), marks.get(NEXT)} - {None, sum(MOST.values())}:
            common.append("neighbour's points changed")
        for entry in group:
            points = marks.get(entry.student)
            faults = list(judged(entry, points))
            if entry.kind == "leaks" and told(course, entry):
                faults.append("saw a secret")
            yield Seen(entry.student, points, faults + common, str(ended.get("log", "")))


@contextlib.contextmanager
def disk() -> Iterator[Path]:
    """A folder in memory, of limited size: nobody's disk is filled."""
    with tempfile.TemporaryDirectory(prefix="against-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},nr_inodes=100k", "none", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@contextlib.contextmanager
def released_by_nbgrader() -> Iterator[Path]:
    """A course that nbgrader has released: source, release, and a gradebook that knows the tests."""
    with disk() as course:
        write_target(course)
        (course / "nbgrader_config.py").write_text(CONFIG)
        subprocess.run(["chown", "-R", f"{USER}:{USER}", str(course)], check=True)
        box(course, ["generate_assignment", NAME])
        if not (course / "release" / NAME / f"{NAME}.ipynb").exists():
            raise RuntimeError("nbgrader could not release the unit")
        yield course


def hand_in(course: Path, prepared: Path, group: list[Entry]) -> None:
    """Write a course with the attacks and the neighbours; all of it is the instructor's own."""
    shutil.copytree(prepared, course, dirs_exist_ok=True)
    release = released(load_unit(course, NAME))
    for entry in group:
        entry.write(course, release)
    answers = tuple((name, f"{code}  # neighbour-marker") for name, code in RIGHT.items())
    for neighbour in (BEFORE, NEXT):
        Attack("", "", "", answers, ()).write(release, course / "submitted" / neighbour / NAME / f"{NAME}.ipynb")
    subprocess.run(["chown", "-R", "-h", f"{USER}:{USER}", str(course)], check=True)


def box(course: Path, verb: list[str], seconds: float = LONGEST) -> dict[str, object]:
    """Run nbgrader boxed in; what process 1 of the box reports, or why it was cut short."""
    shown = [Path(sys.base_prefix), Path(sys.prefix), ROOT / "course"]
    places = {path: path for path in sorted(shown, key=lambda path: len(path.parts))} | {course: HOME / "course"}
    limits = ["prlimit", f"--nproc={MOST_PROCESSES}", "--core=0"]
    become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--inh-caps=-all", "--no-new-privs"]
    environment = {
        "HOME": str(HOME),
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "instructor",
    }
    nbgrader = [sys.executable, "-m", "nbgrader", *verb]
    command = [*limits, *become, "--pdeathsig", "KILL", sys.executable, "-P", "-c", FIRST, *nbgrader]
    script = "\n".join([*mounts(places), "ip link set lo up", f"cd {HOME}/course", f"exec {shlex.join(command)}"])
    namespaces = ["--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"]
    run = subprocess.Popen(
        ["unshare", *namespaces, "sh", "-c", script],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pidfd = os.pidfd_open(run.pid)
    watch = Watch(pidfd, MOST_MEMORY)
    try:
        out, errors = run.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        for pid in list(descendants(run.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        run.kill()
        run.communicate()
        return {"cut": "did not end"}
    finally:
        os.close(pidfd)
    if watch.exceeded:
        return {"cut": "filled the memory"}
    if not out.strip():
        raise RuntimeError(f"the box did not work: {errors[-2000:]}")
    return json.loads(out.splitlines()[-1])


def mounts(places: dict[Path, Path]) -> Iterator[str]:
    """Commands that leave of this machine's own folders only the given ones in view, and give room to write in memory."""
    yield "set -e"
    yield "mount -t tmpfs none /mnt"
    for number, path in enumerate(places):
        yield f"mkdir /mnt/{number}; mount --bind {shlex.quote(str(path))} /mnt/{number}"
    hidden = {f"/{name}" for name in os.listdir("/") if name not in KEPT and Path("/", name).is_dir()} - {"/mnt"}
    for folder in sorted(hidden | {"/home", "/tmp", "/var/tmp", "/dev/shm"}):
        mode = "1777" if folder in ("/tmp", "/var/tmp", "/dev/shm") else "755"
        if Path(folder).exists() and not Path(folder).is_symlink():
            yield f"mount -t tmpfs -o mode={mode},size={DISK},nr_inodes=100k none {shlex.quote(folder)}"
    yield f"mkdir -p {HOME}; chown {USER}:{USER} {HOME}"
    for number, place in enumerate(places.values()):
        yield f"mkdir -p {shlex.quote(str(place))}; mount --bind /mnt/{number} {shlex.quote(str(place))}"
    yield "umount --lazy /mnt"


def scores(course: Path) -> dict[str, float]:
    """What nbgrader's gradebook holds; nothing where it can't be read."""
    try:
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            return {found.student.id: found.score for found in gradebook.assignment_submissions(NAME)}
    except Exception:  # what an attack has left of it
        return {}


def judged(entry: Entry, points: float | None) -> Iterator[str]:
    """What is wrong with the points of an attack."""
    given = points or 0.0
    if entry.deserved and given > max(entry.deserved):
        yield "points for nothing"
    if entry.deserved and given < min(entry.deserved):
        yield "honest points lost"


def told(course: Path, entry: Entry) -> bool:
    """Whether what nbgrader would show the student has a secret in it, besides the tests themselves and their own words.

    nbgrader's feedback shows hidden tests and their tracebacks to everybody; only what the answer itself brought out counts.
    """
    path = course / "autograded" / entry.student / NAME / f"{NAME}.ipynb"
    if not path.exists():
        return False
    texts = []
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            hidden = grade_id(cell).endswith("_more")
            texts += [output.get("text", ""), str(output.get("data", "")), output.get("evalue", "")]
            texts += [] if hidden else output.get("traceback", [])
    return any(secret in text for secret in SECRETS if secret not in entry.source for text in texts)


# ---- the table


def table(entries: list[Entry], seen: dict[str, Seen], ours: Graded) -> Iterator[str]:
    """The table in Markdown, and its sums."""
    today = datetime.datetime.now(datetime.UTC).date()
    yield f"{today}, nbgrader {version('nbgrader')}, torch {version('torch')}, Python {sys.version.split()[0]}, Linux."
    yield ""
    here = {entry.student: faults_here(entry, ours) for entry in entries}
    yield "| sums | attacks | run | held | " + " | ".join(KINDS_OF_FAULT) + " |"
    yield "|---|" + "---:|" * (3 + len(KINDS_OF_FAULT))
    theirs = {entry.student: seen[entry.student].faults for entry in entries if entry.student in seen}
    for name, faults in (("here", here), ("nbgrader", theirs)):
        counts = Counter(fault for found in faults.values() for fault in found)
        held = sum(not found for found in faults.values())
        numbers = [len(entries), len(faults), held, *(counts[fault] for fault in KINDS_OF_FAULT)]
        yield f"| {name} | " + " | ".join(map(str, numbers)) + " |"
    yield ""
    yield f"Left in the course by grading here: {'nothing' if ours.after == ours.before else 'CHANGES'}. "
    yield f"Neighbours here with all their points: {neighbours(ours)}."
    yield ""
    yield "| attack | deserves | here | nbgrader |\n|---|---|---|---|"
    for entry in entries:
        record = ours.records[entry.student]
        deserves = " or ".join(f"{points:g}" for points in sorted(entry.deserved)) or "any"
        own = cell(record.score, here[entry.student])
        other = cell(seen[entry.student].points, seen[entry.student].faults) if entry.student in seen else "not run"
        yield f"| `{entry.student}`: {entry.what} | {deserves} | {own} | {other} |"


def faults_here(entry: Entry, ours: Graded) -> list[str]:
    """The same questions to the record and the page that are made here."""
    record, page = ours.records[entry.student], ours.pages[entry.student]
    faults = list(judged(entry, record.score))
    visible = " ".join(test.message for test in record.tests if not test.hidden)
    if any(secret in visible + page for secret in SECRETS if secret not in entry.source):
        faults.append("saw a secret")
    return faults


def neighbours(ours: Graded) -> str:
    """How many of the honest neighbours have all points."""
    points = [record.score for student, record in ours.records.items() if student.endswith("_next")]
    return f"{points.count(sum(MOST.values()))} of {len(points)}"


def cell(points: float | None, faults: list[str]) -> str:
    """Points, and what went wrong."""
    given = "no mark" if points is None else f"{points:g}"
    return f"{given}: {', '.join(faults)}" if faults else f"{given}, held"


def write_table(text: str) -> None:
    """Put the table into README.md in place of the one there."""
    before, _, rest = README.read_text().partition(BEGIN)
    README.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}")
    print(f"written: {README}")


if __name__ == "__main__":
    sys.exit(main())
