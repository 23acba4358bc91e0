"""Sources that strangers made: one sentence for each file that is not taken, nothing outside `submitted/`, and the
others' work placed."""

import contextlib
import os
import stat
import struct
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.collecting import archive, assemble
from autograder.collecting.archive import opened_zip
from autograder.collecting.attempt import Attempt
from autograder.collecting.collect import Collected, collect
from autograder.collecting.entries import CannotRead, decoded, safe_path
from autograder.collecting.place import LOCK, Status, Submitted, Work
from autograder.collecting.unpacked import Unpacked, unpacked
from autograder.errors import CourseError
from tests.autograder.collecting.made import make_course, notebook_of, write_folder, write_zip, zipped
from tests.autograder.small_unit import NAME, RIGHT

ROSTER = "id,first_name,last_name\nann,Ann,Able\nben,Ben,Baker\nzoë,Zoë,Zölle\n"
FOLDER = {"ann": "Ann Able_1_assignsubmission_file_", "ben": "Ben Baker_2_assignsubmission_file_"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A course, and a notebook of its unit."""
    course = make_course(tmp_path_factory.mktemp("course"), ROSTER)
    return course, notebook_of(course, RIGHT)


@pytest.fixture
def course(made: tuple[Path, bytes], tmp_path: Path) -> Path:
    """The course with an empty `submitted/`, in a folder of which everything is looked at."""
    (tmp_path / "source").symlink_to(made[0] / "source")
    (tmp_path / "students.csv").write_text(ROSTER)
    return tmp_path


@pytest.fixture(scope="module")
def work(made: tuple[Path, bytes]) -> bytes:
    return made[1]


def sentences(collected: Collected) -> list[str]:
    return [str(problem) for problem in collected.problems]


def files_of(student: str, course: Path) -> dict[str, bytes]:
    folder = course / "submitted" / student / NAME
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def entry(name: str, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.flag_bits = flags
    return info


def zip_of(path: Path, *entries: tuple[zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for info, content in entries:
            file.writestr(info, content)
    return path


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (entry("../../../outside.ipynb"), "its name leads out of its folder (..); rename it"),
        (entry("/etc/outside.ipynb"), "its name is a place on a disk"),
        (entry("C:\\Users\\outside.ipynb"), "its name is a place on a disk"),
        (entry("a\\..\\..\\outside.ipynb"), "its name leads out of its folder"),
        (entry("b\x01.ipynb"), "its name has characters that no name may have"),
        (entry("n" * 300 + ".ipynb"), "its name is too long (over 255 bytes, or 1000 with its folders); shorten it"),
        (entry("link.ipynb", stat.S_IFLNK | 0o777), "a link, not a file"),
        (entry("pipe.ipynb", stat.S_IFIFO | 0o666), "a device or pipe, not a file"),
        (entry("null.ipynb", stat.S_IFCHR | 0o666), "a device or pipe, not a file"),
    ],
    ids=lambda value: ascii(value.filename)[:20] if isinstance(value, zipfile.ZipInfo) else "",
)
def test_a_name_that_is_not_safe_is_named_and_the_others_are_placed(
    course: Path, work: bytes, info: zipfile.ZipInfo, words: str
) -> None:
    good = entry(f"{FOLDER['ben']}/x.ipynb"), work
    collected = collect(course, zip_of(course / "x.zip", (info, work), good), system="moodle")
    assert [one.student for one in collected.placed] == ["ben"]
    (sentence,) = sentences(collected)
    assert words in sentence
    assert "\n" not in sentence
    assert not list(course.rglob("*outside*"))
    assert sorted(path.name for path in course.iterdir()) == ["source", "students.csv", "submitted", "x.zip"]


def test_an_encrypted_file_is_named(course: Path, work: bytes) -> None:
    path = write_zip(course / "x.zip", {f"{FOLDER[one]}/{NAME}.ipynb": work for one in FOLDER})
    data = bytearray(path.read_bytes())
    for place in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[place] |= 1
    path.write_bytes(data)
    collected = collect(course, path)
    assert [one.student for one in collected.placed] == ["ben"]
    assert sentences(collected) == [f"{FOLDER['ann']}/{NAME}.ipynb: it is encrypted; ask for one without a password"]


def test_a_damaged_file_costs_its_student_alone(course: Path, work: bytes) -> None:
    path = write_zip(course / "x.zip", {f"{FOLDER[one]}/{NAME}.ipynb": work for one in FOLDER})
    data = bytearray(path.read_bytes())
    data[200:300] = bytes(100)
    path.write_bytes(data)
    collected = collect(course, path)
    assert [one.student for one in collected.placed] == ["ben"]
    assert sentences(collected) == [f"{FOLDER['ann']}: it is damaged; download or zip it again"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no zip that can be read (File is not a zip file); download or zip it again"),
        (b"PK\x03\x04 and no more", "no zip that can be read"),
        (zipped({"a": b"b"})[:-30], "no zip that can be read"),
        (None, "no zip and no folder is there; give the download of your system"),
    ],
    ids=["nothing", "a start and no more", "its end cut off", "no file"],
)
def test_a_source_that_is_no_zip_is_refused_in_a_sentence(course: Path, content: bytes | None, words: str) -> None:
    path = course / "x.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match=r"x\.zip: ") as error:
        collect(course, path)
    assert words in str(error.value)


def test_no_more_bytes_are_read_than_may_be(
    course: Path, work: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither of a file that says its size, nor of one that lies about it, nor of all files beside a notebook
    together."""
    monkeypatch.setattr(assemble, "MAX_BYTES", len(work) + 10)
    monkeypatch.setattr(assemble, "MAX_TOGETHER", 100_000)
    bomb = bytes(3_000_000)
    files = {
        f"{FOLDER['ann']}/{NAME}.ipynb": bomb,
        f"{FOLDER['ben']}/{NAME}.ipynb": work,
        f"{FOLDER['ben']}/x.csv": bomb,
    }
    for number in range(3):
        files[f"{FOLDER['ben']}/small{number}.csv"] = bytes(40_000)
    path = write_zip(course / "x.zip", files)
    for lies in (False, True):
        if lies:
            path.write_bytes(path.read_bytes().replace(struct.pack("<I", len(bomb)), struct.pack("<I", 5)))
        collected = collect(course, path, NAME, tmp_path / f"submitted {lies}")
        assert sentences(collected)[0].startswith(f"{FOLDER['ann']}: ")
        (ben,) = collected.placed
        assert sorted(remark.split("/")[1].split(":")[0] for remark in ben.remarks) == ["small2.csv", "x.csv"]
        assert f"{FOLDER['ben']}/small2.csv: it is over 0 MB" in ben.remarks


def test_a_list_of_names_of_any_length_is_not_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "x.zip", {f"{number:0200}": b"" for number in range(200)})
    monkeypatch.setattr(archive, "LONGEST_READ", 30_000)
    with pytest.raises(CannotRead, match="its list of names is too long"), opened_zip(path):
        pass


def test_a_zip_in_the_zip_is_opened_and_one_in_that_is_named(course: Path, work: bytes) -> None:
    files = {
        f"{FOLDER['ann']}/work.zip": zipped({"in/helper.py": b"x", f"in/{NAME}.ipynb": work, "../out.txt": b"x"}),
        f"{FOLDER['ben']}/work.zip": zipped({"again.zip": zipped({f"{NAME}.ipynb": work})}),
    }
    collected = collect(course, write_zip(course / "x.zip", files))
    assert files_of("ann", course) == {f"{NAME}.ipynb": work, "helper.py": b"x"}
    assert sentences(collected) == [
        f"{FOLDER['ann']}/work.zip/../out.txt: its name leads out of its folder (..); rename it",
        f"{FOLDER['ben']}: no notebook in it, but again.zip; unpack that and hand over the folder",
    ]


def test_a_zip_that_is_called_as_its_notebook_is_opened(course: Path, work: bytes) -> None:
    files = {f"{FOLDER['ann']}/{NAME}.ipynb.zip": zipped({f"{NAME}.ipynb": work, f"__MACOSX/._{NAME}.ipynb": b"x"})}
    assert not collect(course, write_zip(course / "x.zip", files)).problems
    assert files_of("ann", course) == {f"{NAME}.ipynb": work}


def test_of_many_notebooks_no_more_is_read_than_one_may_have(
    course: Path, work: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assemble, "MAX_BYTES", len(work))
    names = ["a.ipynb", "b.ipynb", f"{NAME}.ipynb"]
    collected = collect(course, write_zip(course / "x.zip", {f"{FOLDER['ann']}/{name}": work for name in names}))
    assert [one.student for one in collected.placed] == ["ann"]
    many = {f"{FOLDER['ann']}/{number}.ipynb": work for number in range(51)}
    (sentence,) = sentences(collect(course, write_zip(course / "y.zip", many)))
    assert sentence == f"{FOLDER['ann']}: over 50 notebooks in it; hand over a folder with those that count"


def test_a_zip_that_lies_beside_a_notebook_is_data(course: Path, work: bytes) -> None:
    data = zipped({f"{NAME}.ipynb": b"other"})
    files = {f"{FOLDER['ann']}/{NAME}.ipynb": work, f"{FOLDER['ann']}/data.zip": data}
    collect(course, write_zip(course / "x.zip", files))
    assert files_of("ann", course) == {f"{NAME}.ipynb": work, "data.zip": data}


def test_names_that_differ_only_in_capitals_are_named(course: Path, work: bytes) -> None:
    names = [f"{NAME}.ipynb", "data.csv", "Data.csv"]
    collected = collect(course, write_zip(course / "x.zip", {f"{FOLDER['ann']}/{name}": work for name in names}))
    assert sentences(collected) == [
        f"{FOLDER['ann']}/data.csv: {FOLDER['ann']}/Data.csv has the same name; rename one of them"
    ]
    assert set(files_of("ann", course)) == {f"{NAME}.ipynb", "Data.csv"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_of_one_name_the_last_is_taken_and_the_other_named(course: Path, work: bytes) -> None:
    name = f"{FOLDER['ann']}/{NAME}.ipynb"
    collected = collect(course, zip_of(course / "x.zip", (entry(name), b"{}"), (entry(name), work)))
    assert files_of("ann", course) == {f"{NAME}.ipynb": work}
    assert sentences(collected) == [f"{name}: {name} has the same name; rename one of them"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "latin-1"])
def test_the_names_of_old_archives_find_their_student(course: Path, work: bytes, encoding: str) -> None:
    """Archives say nothing of the encoding of names, unless it is UTF-8 and their maker is careful."""
    name = f"Zoë Zölle_3_assignsubmission_file_/{NAME}.ipynb".encode(encoding)
    path = write_zip(course / "x.zip", {"?" * len(name): work})
    path.write_bytes(path.read_bytes().replace(b"?" * len(name), name))
    assert [one.student for one in collect(course, path).placed] == ["zoë"]
    assert decoded("naïve Grüße.ipynb".encode(encoding).replace(b"?", b"")).startswith("naïve Gr")


def test_links_pipes_and_folders_that_cannot_be_read_are_named(course: Path, work: bytes) -> None:
    source = write_folder(course / "in", {f"{FOLDER['ben']}/{NAME}.ipynb": work})
    secret = course / "secret.txt"
    secret.write_text("secret")
    (source / FOLDER["ann"]).mkdir()
    (source / FOLDER["ann"] / "link.ipynb").symlink_to(secret)
    os.mkfifo(source / FOLDER["ann"] / "pipe.ipynb")
    (source / "Zoë Zölle_3_assignsubmission_file_").symlink_to(source / FOLDER["ben"])
    collected = collect(course, source)
    assert [one.student for one in collected.placed] == ["ben"]
    assert sorted(sentences(collected)) == [
        f"{FOLDER['ann']}/link.ipynb: a link, not a file",
        f"{FOLDER['ann']}/pipe.ipynb: a device or pipe, not a file",
        "Zoë Zölle_3_assignsubmission_file_: a link, not a file",
    ]


def test_a_file_and_a_folder_of_one_name_from_different_files_stop_nobody(course: Path, work: bytes) -> None:
    inside = zipped({f"{NAME}.ipynb": work, "data/x.csv": b"1"})
    files = {f"{FOLDER['ann']}/work.zip": inside, f"{FOLDER['ann']}/data": b"2", f"{FOLDER['ben']}/{NAME}.ipynb": work}
    collected = collect(course, write_zip(course / "x.zip", files))
    assert [one.student for one in collected.placed] == ["ann", "ben"]
    assert files_of("ann", course) == {f"{NAME}.ipynb": work, "data": b"2"}
    assert any("a later file, or its folder, has the same name" in one.reason for one in collected.left_out)


def test_what_this_program_fails_on_is_named_and_the_others_are_placed(
    course: Path, work: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_on_ann(attempt: Attempt) -> Unpacked:
        if attempt.shown == FOLDER["ann"]:
            raise RecursionError(work)
        return unpacked(attempt)

    monkeypatch.setattr("autograder.collecting.collect.unpacked", fails_on_ann)
    files = {f"{FOLDER[student]}/{NAME}.ipynb": work for student in ("ann", "ben")}
    collected = collect(course, write_zip(course / "x.zip", files))
    assert [one.student for one in collected.placed] == ["ben"]
    (sentence,) = sentences(collected)
    assert sentence.startswith(f"{FOLDER['ann']}: this program itself failed on it (RecursionError)")


def test_work_that_lies_deep_in_folders_is_replaced_all_the_same(
    course: Path, work: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.collecting.place.MAX_DEPTH", 2)
    write_folder(course / "submitted" / "ann" / NAME, {"1/2/3/4/5/deep": b"1"})
    collected = collect(course, write_zip(course / "x.zip", {f"{FOLDER['ann']}/{NAME}.ipynb": work}))
    assert [one.status for one in collected.placed] == [Status.REPLACED]
    assert files_of("ann", course) == {f"{NAME}.ipynb": work}


def test_the_time_is_not_written_through_a_link(course: Path, work: bytes) -> None:
    files = {f"{NAME}.ipynb": work}
    write_folder(course / "submitted" / "ann" / NAME, files)
    stamp = course / "submitted" / "ann" / NAME / "timestamp.txt"
    stamp.symlink_to(course / "elsewhere.txt")
    assert Submitted(course / "submitted").place(Work("ann", NAME, files, datetime.now(UTC))) is Status.UNCHANGED
    assert not (course / "elsewhere.txt").exists()


@pytest.mark.parametrize("place", ["ann", f"ann/{NAME}", ".previous", ".previous/ann"])
def test_nothing_is_written_through_a_link_in_submitted(course: Path, work: bytes, place: str) -> None:
    (course / "elsewhere").mkdir()
    path = course / "submitted" / place
    path.parent.mkdir(parents=True)
    path.symlink_to(course / "elsewhere")
    collected = collect(course, write_zip(course / "x.zip", {f"{FOLDER['ann']}/{NAME}.ipynb": work}))
    assert sentences(collected) == [f"{FOLDER['ann']}: {path} is a link or a file; move it away"]
    assert not list((course / "elsewhere").iterdir())


def test_a_students_own_timestamp_is_not_taken_for_the_systems(course: Path, work: bytes) -> None:
    files = {f"{FOLDER['ann']}/{NAME}.ipynb": work, f"{FOLDER['ann']}/timestamp.txt": b"2020-01-01 00:00:00"}
    (placed,) = collect(course, write_zip(course / "x.zip", files)).placed
    assert placed.remarks == (f"{FOLDER['ann']}/timestamp.txt: the time of handing in is the system's",)
    assert set(files_of("ann", course)) == {f"{NAME}.ipynb"}


def test_a_student_whose_name_holds_numbers_does_not_pass_for_another(course: Path, work: bytes) -> None:
    (course / "students.csv").write_text("id,last_name,first_name,lms_user_id\nann,Able,Ann,4021\n")
    collected = collect(course, write_zip(course / "x.zip", {"x_4021_9_5555_777_a.ipynb": work, "y_1_2_b.ipynb": work}))
    assert not collected.placed
    assert "its name can be read in two ways" in sentences(collected)[0]


@pytest.mark.parametrize(
    "yaml", [b"a: [" * 500, b"[1, 2]", b"a: !!python/object/apply:os.system [x]\n\tb: {", b"\xff\xfe\x00"]
)
def test_metadata_that_nobody_can_read_are_refused_in_a_sentence(course: Path, work: bytes, yaml: bytes) -> None:
    path = write_zip(course / "x.zip", {"submission_metadata.yml": yaml, f"submission_1/{NAME}.ipynb": work})
    with pytest.raises(CourseError, match=r"submission_metadata.yml: .*; export it from Gradescope again"):
        collect(course, path)


@given(st.text(max_size=40) | st.lists(st.sampled_from(["..", ".", "", "a", "/", "\\", "C:", "ü"])).map("/".join))
def test_a_safe_path_leads_below_every_folder(name: str) -> None:
    try:
        path = safe_path(name)
    except CannotRead:
        return
    below = Path(os.path.normpath(Path("/base") / path))
    assert below.is_relative_to("/base")
    assert below != Path("/base")


PARTS = [
    "..",
    ".",
    "ann",
    "ben",
    f"{NAME}.ipynb",
    "x.ipynb",
    "data.csv",
    "Data.csv",
    ".git",
    "a" * 300,
    "timestamp.txt",
    "ü",
]
PATHS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("/".join) | st.text(min_size=1, max_size=10)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(PATHS, min_size=1, max_size=8), st.sampled_from(["folders", "moodle", "canvas", "exchange"]), st.booleans()
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_every_file_is_placed_or_named_and_nothing_is_written_elsewhere(
    made: tuple[Path, bytes], tmp_path_factory: pytest.TempPathFactory, paths: list[str], system: str, of_moodle: bool
) -> None:
    course, work = made
    folder = tmp_path_factory.mktemp("one")
    if of_moodle:
        paths = [f"{FOLDER['ann']}/{path}" for path in paths]
    with zipfile.ZipFile(folder / "x.zip", "w") as file:
        for path in paths:
            file.writestr(zipfile.ZipInfo(path), work)
    with zipfile.ZipFile(folder / "x.zip") as file:
        names = [info.orig_filename for info in file.infolist() if not info.orig_filename.endswith(("/", "\\"))]
    collected = collect(course, folder / "x.zip", system=system, submitted=folder / "submitted")
    accounted = {path for one in collected.placed for path in one.taken} | {one.path for one in collected.left_out}
    for name in names:
        with contextlib.suppress(CannotRead):
            name = safe_path(name)
        assert any(f"/{name}".endswith(f"/{path}") for path in accounted)  # a folder that holds everything is not named
    assert {path.name for path in folder.iterdir()} <= {"x.zip", "submitted"}
    students = {path.name for path in (folder / "submitted").glob("*")} - {LOCK}
    assert students <= {"ann", "ben", "zoë"}
    written = [path for path in (folder / "submitted").rglob("*") if path.is_file()]
    assert {path.parent.parent.name for path in written if path.name == f"{NAME}.ipynb"} <= students
