"""A system that lacks what Windows or macOS lack, for our modules alone.

Other packages look after themselves on such systems, so they see the real one. For a module of ours, an import of what is
missing there fails, and `os`, `signal`, `socket`, `select` and `sys` are copies without the names that are missing there.
"""

MODULES = (
    *("resource", "fcntl", "pwd", "grp", "termios", "tty", "pty", "syslog", "_posixshmem", "_posixsubprocess", "crypt"),
    *("spwd", "nis", "posix"),
)
NAMES = {
    "os": (
        *("fork", "forkpty", "fchmod", "fchown", "chown", "chroot", "getuid", "geteuid", "getgid", "getegid", "setsid"),
        *("setresuid", "setresgid", "setgroups", "killpg", "getpgid", "setpgid", "wait", "wait3", "wait4", "waitid"),
        *(
            "WNOHANG",
            "WIFEXITED",
            "O_NOFOLLOW",
            "O_NONBLOCK",
            "O_DIRECTORY",
            "O_CLOEXEC",
            "O_PATH",
            "sched_getaffinity",
        ),
        *("sched_setaffinity", "pread", "pwrite", "pipe2", "memfd_create", "mkfifo", "mknod", "nice", "getloadavg"),
        *("sysconf", "statvfs", "fdatasync", "posix_fadvise", "register_at_fork", "pidfd_open", "unshare", "uname"),
        *("get_blocking", "set_blocking", "getxattr", "sendfile", "getpriority", "setpriority", "fchdir"),
    ),
    "signal": (
        *("SIGKILL", "SIGALRM", "SIGCHLD", "SIGPIPE", "SIGHUP", "SIGUSR1", "SIGSTOP", "SIGXCPU", "alarm", "setitimer"),
        *("pidfd_send_signal", "pthread_sigmask", "pthread_kill", "sigwait", "set_wakeup_fd", "ITIMER_REAL"),
    ),
    "socket": ("AF_UNIX", "socketpair", "SCM_RIGHTS", "send_fds", "recv_fds", "SO_PEERCRED"),
    "select": ("poll", "epoll", "kqueue"),
}

# The first argument is the platform, as `sys.platform` names it.
HIDE = f"""
import builtins, importlib, sys, types

MODULES, NAMES = {MODULES!r}, {NAMES!r}
platform = sys.argv.pop(1)
real_import = builtins.__import__


class Without(types.ModuleType):
    def __init__(self, name, missing, **changed):
        super().__init__(name)
        self.__dict__.update(changed, _missing=missing)

    def __getattr__(self, name):
        if name in self._missing:
            raise AttributeError(f"module {{self.__name__!r}} has no attribute {{name!r}}: it is not there on this system")
        return getattr(importlib.import_module(self.__name__), name)


copies = {{name: Without(name, missing) for name, missing in NAMES.items()}}
copies["sys"] = Without("sys", ("getdlopenflags", "setdlopenflags", "abiflags"), platform=platform)


def import_elsewhere(name, globals=None, locals=None, fromlist=(), level=0):
    importer = (globals or {{}}).get("__name__", "")
    if level == 0 and importer.split(".")[0] == "autograder":
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {{name!r}}: it is not there on this system", name=name)
        if name in copies:
            return copies[name]
    return real_import(name, globals, locals, fromlist, level)


builtins.__import__ = import_elsewhere
"""
# The argument after the platform is a list of command lines, as JSON, which are run one after the other. Printed is, likewise, what
# each came to: its exit status and what it wrote to standard output and to standard error.
VERBS = f"""{HIDE}
import contextlib, io, json
from autograder.cli import main

ended = []
for arguments in json.loads(sys.argv.pop(1)):
    for stream in ("stdout", "stderr"):  # a verb looks after its streams, which sets them in our modules' copy of `sys`
        vars(copies["sys"]).pop(stream, None)
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as error:
        try:
            status = main(arguments)
        except SystemExit as end:
            status = end.code
    ended.append((status, out.getvalue(), error.getvalue()))
print(json.dumps(ended))
"""
