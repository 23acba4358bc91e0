"""What keeps students' code in, one means at a time: with all of them, and where the system gives no namespaces."""

import contextlib
import ctypes
import ctypes.util
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest

from autograder.model.outcomes import FULL, LIMITS_ONLY
from autograder.running.processes import Zygote
from autograder.sandbox import landlock, seccomp
from autograder.sandbox.confine import Isolation
from autograder.sandbox.limits import Limits
from tests.autograder.running.test_judge import judge, results
from tests.conftest import ROOT

REFERENCE, TEST = "def f(): return []", ["assert f() == [], f()"]
PATIENT = Limits(cell_seconds=300, submission_seconds=600)


@pytest.fixture(scope="module", params=[(), ("namespaces",)], ids=["all", "without namespaces"])
def warm(request: pytest.FixtureRequest) -> Zygote:
    if not request.param:
        zygote: Zygote = request.getfixturevalue("zygote")
        if zygote.wait() != FULL:
            pytest.skip(f"this system gives {zygote.wait()} alone; every record says so")
        return zygote
    if not landlock.version() or not seccomp.compiled(namespaces=False):
        pytest.skip("this system has no Landlock or no libseccomp")
    without: Zygote = request.getfixturevalue("open_zygote")
    assert without.wait().split(" (")[0] == "landlock, seccomp"
    return without


def kept(warm: Zygote, answer: str) -> None:
    """Judge an answer that tries something and gives a list of what succeeded, which must be empty."""
    run = judge(warm, REFERENCE, TEST, answer, limits=PATIENT)
    assert results(run) == ["passed"], run.tests


def test_files_outside_can_neither_be_read_nor_written(warm: Zygote, tmp_path: Path) -> None:
    secret = tmp_path / "gradebook.db"
    secret.write_text("grades")
    secret.chmod(0o666)
    tmp_path.chmod(0o777)
    targets = [
        secret,
        ROOT / "pyproject.toml",
        ROOT / "tests" / "bank.py",
        ROOT / "autograder" / "running" / "judge.py",
    ]
    before = [path.read_bytes() for path in targets]
    # Writing comes last and counts by what is there afterwards: in a checkout under /tmp it may succeed in the student's own /tmp.
    answer = f"""
        from pathlib import Path
        def f():
            done = []
            for path in {[str(path) for path in targets]}:
                for attempt in (Path.read_bytes, Path.unlink, lambda p: p.write_text("mine")):
                    try:
                        found = attempt(Path(path))
                    except OSError:
                        continue
                    if found != len("mine"):
                        done.append(path)
            return done
        """
    kept(warm, answer)
    assert [path.read_bytes() for path in targets] == before


def test_a_umask_that_shows_others_nothing_keeps_no_student_out(zygote: Zygote) -> None:
    zygote.wait()
    before = os.umask(0o077)
    try:
        with Zygote() as warm:
            kept(warm, "import course, torch\ndef f(): return []")
            assert warm.wait() == zygote.wait()
    finally:
        os.umask(before)


def test_the_course_and_the_packages_can_be_read_but_not_changed(warm: Zygote) -> None:
    answer = """
        import course, torch
        from pathlib import Path
        def f():
            done = []
            for module in (course, torch):
                path = Path(module.__file__)
                path.read_bytes()
                for attempt in (lambda: path.write_text("mine"), lambda: (path.parent / "new.py").touch(), path.unlink):
                    try:
                        attempt()
                    except OSError:
                        continue
                    done.append(str(path))
            return done
        """
    kept(warm, answer)


def test_nothing_of_a_file_that_is_not_the_student_s_can_be_changed(warm: Zygote, tmp_path: Path) -> None:
    """Without namespaces, an ordinary user's grader and its students' processes are the same user, and Landlock does not speak of modes."""
    target = tmp_path / "gradebook.db"
    target.write_text("grades")
    tmp_path.chmod(0o755)
    os.utime(target, (1, 1))
    readable = Path(ctypes.util.__file__)
    before = [(path.stat().st_mode, path.stat().st_mtime_ns, path.stat().st_size) for path in (target, readable)]
    answer = f"""
        import ctypes, os
        path, readable = {str(target)!r}, {str(readable)!r}
        libc = ctypes.CDLL(None)
        def f():
            fd = os.open(readable, os.O_RDONLY)
            for attempt in (
                lambda: os.chmod(path, 0),
                lambda: os.chmod(path, 0, dir_fd=os.open("/", os.O_PATH)),
                lambda: libc.syscall(452, -100, path.encode(), 0, 0),  # fchmodat2
                lambda: os.utime(path, (2, 2)),
                lambda: os.truncate(path, 0),
                lambda: os.chmod(fd, 0o640),
                lambda: os.utime(fd, (2, 2)),
                lambda: libc.futimesat(-100, path.encode(), None),
            ):
                try:
                    attempt()
                except OSError:
                    pass
            return []
        """
    kept(warm, answer)
    after = [(path.stat().st_mode, path.stat().st_mtime_ns, path.stat().st_size) for path in (target, readable)]
    assert after == before


def test_devices_that_all_share_keep_their_times(warm: Zygote) -> None:
    """Whoever may write to a file may set its times to the present: a sign for whoever looks at it later."""
    answer = """
        import os
        from autograder.sandbox.namespaces import DEVICES
        def f():
            changed = []
            for place in (*DEVICES, 0, 1, 2, "/proc/self/fd/0", "/proc/self/fd/1"):
                before = os.stat(place)
                try:
                    os.utime(place)
                    changed.append(place) if os.stat(place).st_mtime_ns != before.st_mtime_ns else None
                except OSError:
                    pass
                if isinstance(place, str):
                    os.close(os.open(place, os.O_WRONLY))
            return changed
        """
    kept(warm, answer)


# A program that its own user started, as an ordinary user's grader is: it starts anew once, and tries to give itself the mode that it has.
CHANGES_ITS_PROGRAM = """
import os, stat, sys
from autograder.sandbox import confine, namespaces, proof
if os.getuid() != 0 or not namespaces.in_namespace_of_one_user():
    namespaces.continue_as_first()
    try:
        proof.demand_unchangeable_program()
    except OSError as error:
        print(error.strerror)
    else:
        print("it is another user's")
if confine._enter_outer_namespaces():
    print("again", flush=True)
    confine._start_anew()
proof.demand_unchangeable_program()
for change in (lambda path: os.chmod(path, stat.S_IMODE(os.stat(path).st_mode)), os.utime):
    try:
        change(namespaces.PROGRAM)
    except OSError as error:
        print(error.strerror)
"""


def test_the_grader_s_own_python_cannot_be_changed_by_who_was_forked_from_it(zygote: Zygote) -> None:
    """Its user is the students' processes' too, and `/proc/self/exe` leads past their view of the system."""
    if zygote.wait() != FULL:
        pytest.skip(f"this system gives {zygote.wait()} alone; every record says so")
    done = subprocess.run(
        [sys.executable, "-c", CHANGES_ITS_PROGRAM], capture_output=True, text=True, cwd=ROOT, timeout=300
    )
    whose, *rest = done.stdout.splitlines()
    assert whose in ("the grader's Python could be changed", "it is another user's"), done.stderr
    assert rest == ["again", *["Read-only file system"] * 2], done.stderr


def test_what_honest_programs_ask_of_their_files_does_not_stop_them(warm: Zygote) -> None:
    answer = """
        import os, shutil
        from pathlib import Path
        def f():
            Path("a.txt").write_text("mine")
            Path("a.txt").touch()
            shutil.copy2("a.txt", "b.txt")
            os.chmod("b.txt", 0o600)
            shutil.make_archive("all", "zip", ".", "a.txt")
            return [] if Path("b.txt").read_text() == "mine" else ["lost"]
        """
    kept(warm, answer)


def test_a_student_has_no_rights_and_no_program_can_bring_any(warm: Zygote) -> None:
    """Nor in the bounding set, which only root, here or in a namespace, has the right to empty."""
    namespaces = "namespaces" in warm.wait()
    checked = ["CapInh", "CapPrm", "CapEff", "CapAmb"]
    if namespaces or os.getuid() == 0:
        checked.append("CapBnd")
    # Where root alone can read this Python, a student's process without namespaces keeps the right to read (CAP_DAC_READ_SEARCH).
    allowed = 0 if namespaces or os.getuid() != 0 else 1 << 2
    answer = f"""
        def f():
            lines = (line.split() for line in open("/proc/self/status"))
            status = {{words[0].rstrip(":"): words[1] for words in lines if len(words) > 1}}
            rights = {{name: int(status[name], 16) for name in {checked}}}
            left = [name for name, bits in rights.items() if bits & ~({allowed} if name in ("CapPrm", "CapEff") else 0)]
            return left + ([] if status["NoNewPrivs"] == "1" else ["NoNewPrivs"])
        """
    kept(warm, answer)


def test_there_is_room_to_write_and_it_goes_with_the_submission(warm: Zygote) -> None:
    answer = """
        import os, tempfile
        def f():
            with open("mine.txt", "w") as file:
                file.write("kept for the next call")
            with tempfile.NamedTemporaryFile("w") as file:
                file.write("mine")
            return [] if open("mine.txt").read() else ["lost"]
        """
    kept(warm, answer)
    kept(warm, "import os\ndef f(): return [n for n in os.listdir('.') if n == 'mine.txt']")


def test_no_socket_leads_out(warm: Zygote) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer = f"""
            import socket
            def f():
                done = []
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                        try:
                            with socket.socket(family, kind) as s:
                                s.settimeout(1)
                                s.connect((address, {server.getsockname()[1]}))
                                s.send(b"x")
                        except OSError:
                            continue
                        done.append((int(family), int(kind)))
                return done
            """
        kept(warm, answer)


@pytest.mark.parametrize(
    "call",
    [
        "libc.unshare(0x10000000)",  # a user namespace of its own, where it would be root
        "libc.ptrace(16, os.getppid(), 0, 0)",
        "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "libc.syscall(425, 8, 0)",  # io_uring_setup
        "libc.syscall(248, b'user', b'mine', b'x', 1, -3)",  # add_key
        "libc.personality(0x0040000)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).fileno()",
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW).fileno()",
        "libc.process_vm_readv(os.getpid(), 0, 0, 0, 0, 0)",
        "os.sched_setaffinity(0, {0})",
        "libc.mlock(b'x', 1)",
        "libc.shmget(0, 4096, 0o1600)",
        "libc.semget(0, 32000, 0o1600)",
        "libc.msgget(0, 0o1600)",
        "libc.syscall(240, b'mine', 0o102, 0o600, 0)",  # mq_open
        "libc.prctl(36, 1, 0, 0, 0)",  # to become the parent of others' orphans
        # A library that asks for these gets on without them, as on an older kernel.
        "libc.syscall(327, 0, 0, 0, 0, 0, 8)",  # preadv2
        "libc.mincore(ctypes.c_void_p(0), 0, b'')",
        "libc.syscall(451, 0, 0, 0, 0)",  # cachestat
        "os.posix_fadvise(os.open(os.__file__, os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED) or -1",
        "os.memfd_create('mine')",
        "libc.syscall(447, 0)",  # memfd_secret
        "libc.inotify_init()",
        "fcntl.fcntl(os.open(os.path.dirname(os.__file__), os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS)",
        "fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)",
        "fcntl.fcntl(os.pipe()[1], fcntl.F_SETPIPE_SZ, 1 << 20)",
        # On a file that it can only read, but may own: that it can never be written again (FS_IOC_ENABLE_VERITY), and its flags.
        "fcntl.ioctl(os.open(os.__file__, os.O_RDONLY), 0x40806685, bytes(128)) and 0",
        "fcntl.ioctl(os.open(os.__file__, os.O_RDONLY), 0x40086602, bytes(8)) and 0",
        "libc.syscall(9999)",  # a call that nobody knows
    ],
)
def test_the_kernel_s_odd_doors_are_shut(warm: Zygote, call: str) -> None:
    answer = f"""
        import ctypes, errno, fcntl, os, socket
        libc = ctypes.CDLL(None, use_errno=True)
        def f():
            try:
                result = {call}
            except OSError as error:
                return [] if error.errno in (errno.EPERM, errno.ENOSYS) else [str(error)]
            return [] if result == -1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS) else [result, ctypes.get_errno()]
        """
    kept(warm, answer)


def test_other_processes_of_the_same_user_can_be_neither_limited_nor_slowed(warm: Zygote) -> None:
    """An ordinary user's grader, where there are no namespaces, is the same user as its students' processes."""
    before = os.getpriority(os.PRIO_PROCESS, os.getpid()), resource.prlimit(os.getpid(), resource.RLIMIT_STACK)
    answer = f"""
        import os, resource
        def f():
            done = []
            for pid in ({os.getpid()}, os.getppid()):
                try:
                    done.append((pid, resource.prlimit(pid, resource.RLIMIT_STACK)))
                except OSError:
                    pass
            for kind, who in ((os.PRIO_PROCESS, {os.getpid()}), (os.PRIO_USER, 0), (os.PRIO_USER, {os.getuid()})):
                try:
                    os.setpriority(kind, who, 5)
                except OSError:
                    pass
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.nice(1)
            return [one for one in done if one[0] != 0]
        """
    kept(warm, answer)
    assert (
        os.getpriority(os.PRIO_PROCESS, os.getpid()),
        resource.prlimit(os.getpid(), resource.RLIMIT_STACK),
    ) == before


def test_when_memory_is_short_the_system_ends_a_student_s_process_first(warm: Zygote) -> None:
    """Then the judge, and the grader and whatever else runs here last; no process of a student's can change that."""
    answer = """
        from pathlib import Path
        def f():
            when = Path("/proc/self/oom_score_adj")
            for value in ("0", "-17", "500"):
                try:
                    when.write_text(value)
                except OSError:
                    pass
            return [] if when.read_text() == "1000\\n" else [when.read_text()]
        """
    warm.judges.close()  # one that has judged its share would not wait any more
    kept(warm, answer)
    waiting = [one._number for judges in warm.judges._idle.values() for one in judges]
    assert waiting
    assert {Path(f"/proc/{number}/oom_score_adj").read_text() for number in waiting} == {"500\n"}


def test_open_files_are_sent_only_by_who_is_a_user_of_its_own(warm: Zygote) -> None:
    """What is under way counts for the user: in an ordinary user's grader, all submissions and the grader are the same one."""
    answer = f"""
        import array, os, socket
        def f():
            near, far = socket.socketpair()
            sent = 0
            try:
                near.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))])
                sent = 1
            except PermissionError:
                pass
            return [] if sent == {int(os.getuid() == 0)} else [sent]
        """
    kept(warm, answer)


def test_what_honest_answers_use_still_works(warm: Zygote) -> None:
    answer = """
        import io, multiprocessing, shutil, subprocess, sys, threading
        from pathlib import Path
        import matplotlib.pyplot as plt
        import torch
        def f():
            missing = []
            if subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout != "42\\n":
                missing.append("a process")
            found = []
            thread = threading.Thread(target=found.append, args=(1,))
            thread.start()
            thread.join()
            if not found:
                missing.append("a thread")
            with multiprocessing.get_context("fork").Pool(1) as pool:
                if pool.map(abs, [-1]) != [1]:
                    missing.append("a pool")
            loader = torch.utils.data.DataLoader(torch.arange(4.0), batch_size=2, num_workers=1)
            if [b.tolist() for b in loader] != [[0, 1], [2, 3]]:
                missing.append("a worker")
            plt.plot([1, 2])
            plt.savefig(io.BytesIO())
            torch.save(torch.zeros(2), "x.pt")
            if torch.load("x.pt").tolist() != [0, 0]:
                missing.append("a file")
            Path("new").touch()
            Path("new").touch()
            shutil.copy2("x.pt", "copied")
            if subprocess.run(["touch", "newer"]).returncode or not all(map(Path.exists, map(Path, ("new", "newer", "copied")))):
                missing.append("a new file, or a copy")
            return missing
        """
    kept(warm, answer)


def test_a_virtual_environment_may_be_a_link_in_tmp() -> None:
    """What is shown to students is looked up before their own /tmp covers the machine's."""
    link = Path(tempfile.mkdtemp(dir="/tmp"), "venv")
    link.symlink_to(sys.prefix)
    code = """
from autograder.running.processes import Zygote
from tests.autograder.judging import judge, results
with Zygote() as warm:
    run = judge(warm, "def f(): return 1", ["assert f() == 1"], "def f(): return 1")
    print(results(run))
"""
    try:
        command = [link / "bin" / "python", "-c", code]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.stdout.strip() == "['passed']", done.stderr[-2000:]
    finally:
        shutil.rmtree(link.parent)


def test_what_was_left_in_shared_memory_is_not_there_for_the_next(warm: Zygote) -> None:
    if "/dev/shm" in warm.wait():
        pytest.skip("this system gives an ordinary user no shared memory of its own; every record says so")
    name = f"left-by-{os.getpid()}"
    leave = f"""
        from pathlib import Path
        def f():
            Path("/dev/shm/{name}").write_text("the hidden test asks for 7")
            return []
        """
    kept(warm, leave)
    kept(warm, f"import os\ndef f(): return [n for n in os.listdir('/dev/shm') if n == '{name}']")
    assert not Path("/dev/shm", name).exists()


def test_no_daemon_outlives_its_submission(warm: Zygote) -> None:
    name = f"stays-{os.getpid() % 100_000}"
    answer = f"""
        import ctypes, os, time
        def f():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    ctypes.CDLL(None).prctl(15, b"{name}", 0, 0, 0)
                    time.sleep(600)
                os._exit(0)
            os.wait()
            return []
        """
    kept(warm, answer)
    kept(warm, "def f(): return []")
    end = time.monotonic() + 60
    while any(process.info["name"] == name for process in psutil.process_iter(["name"])) and time.monotonic() < end:
        time.sleep(0.1)
    assert [process.pid for process in psutil.process_iter(["name"]) if process.info["name"] == name] == []


def test_without_namespaces_no_socket_of_this_machine_can_be_reached(warm: Zygote, tmp_path: Path) -> None:
    """Such as a user's session bus, which starts programs for whoever asks."""
    tmp_path.chmod(0o777)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server, socket.socket(socket.AF_UNIX) as abstract:
        server.bind(str(tmp_path / "bus"))
        (tmp_path / "bus").chmod(0o777)
        abstract.bind(f"\0bus-{os.getpid()}")
        abstract.listen()
        answer = f"""
            import socket
            def f():
                done = []
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    for address in ({str(tmp_path / "bus")!r}, "\\0bus-{os.getpid()}"):
                        for make in (socket.socket, lambda *a: socket.socketpair(*a)[0]):
                            try:
                                make(socket.AF_UNIX, kind).connect(address)
                                done.append((int(kind), address, "connect"))
                            except OSError:
                                pass
                            try:
                                make(socket.AF_UNIX, kind).sendto(b"x", address)
                                done.append((int(kind), address, "sendto"))
                            except OSError:
                                pass
                return done
            """
        kept(warm, answer)


def test_processes_of_one_submission_leave_room_for_those_of_another(warm: Zygote) -> None:
    many = """
        import os, time
        def f():
            try:
                while True:
                    if os.fork() == 0:
                        time.sleep(600)
            except OSError:
                os.wait()  # until one of them is ended from outside
            return []
        """
    one = "import os\ndef f():\n    if os.fork() == 0:\n        os._exit(0)\n    return []"
    if os.getuid() != 0 and "namespaces" not in warm.wait():  # they are the same user, so the crowd is ended
        run = judge(warm, REFERENCE, TEST, many, limits=PATIENT)
        assert results(run) == ["crashed"], run.tests
        assert run.out_of_memory
        kept(warm, one)
        return
    thread = threading.Thread(target=lambda: judge(warm, REFERENCE, TEST, many, limits=PATIENT))
    thread.start()
    crowd = wait_for_crowd(warm)
    try:
        kept(warm, one)
        assert thread.is_alive()
    finally:
        crowd[0].kill()
        thread.join()


def wait_for_crowd(warm: Zygote) -> list[psutil.Process]:
    """Return the processes of the submission that starts as many as it may, once they are many."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        for process in psutil.Process(warm._process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                crowd = process.children()
                if len(crowd) >= 50:  # of the 64 processes that a submission may have
                    return crowd
        time.sleep(0.1)
    raise AssertionError("they were not started")


def test_the_filter_and_the_file_rules_hold_by_themselves(tmp_path: Path) -> None:
    """In a process of its own, without the grader: refusals come from the kernel, not from missing rights."""
    code = f"""
import ctypes, errno
from autograder.sandbox import landlock, seccomp
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
(open({str(tmp_path / "inside")!r}, "w")).close()
landlock.confine(["/usr", "/lib", "/lib64"], [{str(tmp_path)!r}])
seccomp.install(seccomp.compiled(namespaces=True))
open({str(tmp_path / "inside")!r}, "w").close()
try:
    open("/etc/hostname")
except PermissionError:
    print("kept")
print(libc.unshare(0x10000000), ctypes.get_errno() == errno.EPERM)
"""
    if not landlock.version() or not seccomp.compiled(namespaces=True):
        pytest.skip("this system has no Landlock or no libseccomp")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.stdout.split() == ["kept", "-1", "True"], done.stderr


def test_the_isolation_says_what_there_is() -> None:
    assert str(Isolation()) == LIMITS_ONLY
    assert str(Isolation(True, True, b"x")) == FULL
    assert str(Isolation(False, True, b"")) == "landlock"
    assert (
        str(Isolation(False, True, b"", True))
        == "landlock (what a submission writes to /dev/shm has no limit and is open to the next)"
    )
    assert str(Isolation(False, False, b"x", True, True)) == (
        "seccomp (what a submission writes to /dev/shm has no limit and is open to the next, and it can send signals to your processes)"
    )


def test_without_libseccomp_there_is_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert seccomp.compiled(namespaces=True) == b""
