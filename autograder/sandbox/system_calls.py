"""Which system calls a student's process may make. What stands in none of these lists, the filter answers as an older kernel would.

`ALLOWED` holds what Python, PyTorch, NumPy, IPython, a shell and its programs need, by kind. `FORBIDDEN` names what exists on every
system but is no business of an answer: it fails with EPERM, as for lack of a right. Everything else fails with ENOSYS, for which
libraries have another way: calls that Linux has gained since, and `MISSING`, named here with the reason.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass

FILES = """
    access chdir close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fallocate fchdir fdatasync fgetxattr
    flistxattr flock fstat fstatfs fsync ftruncate getcwd getdents getdents64 getxattr lgetxattr link linkat listxattr
    llistxattr lseek lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64 preadv pwrite64 pwritev read readlink
    readlinkat readv rename renameat renameat2 rmdir sendfile stat statfs statx symlink symlinkat umask unlink unlinkat write
    writev
""".split()
# `madvise` and `membarrier` concern the process's own memory alone.
MEMORY = "brk madvise membarrier mmap mprotect mremap msync munmap".split()
# Rights are gone by now: who sets a user or a group can name only its own.
PROCESSES = """
    arch_prctl capget execve execveat exit exit_group fork futex futex_requeue futex_wait futex_waitv futex_wake
    get_robust_list getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getresgid getresuid
    getrlimit getrusage getsid gettid getuid kill pidfd_open pidfd_send_signal restart_syscall rseq rt_sigaction
    rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
    sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
    sched_rr_get_interval sched_yield set_robust_list set_tid_address setfsgid setfsuid setgid setpgid setregid setresgid
    setresuid setreuid setrlimit setuid sigaltstack sysinfo tgkill times tkill uname vfork wait4 waitid
""".split()
TIME = """
    alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep pause setitimer time timer_create timer_delete
    timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime
""".split()
WAITING = """
    epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 pipe pipe2 poll ppoll pselect6 select
    signalfd signalfd4
""".split()
# On a socket that exists already. Making one, and giving it an address, are apart: see `rules` and `ADDRESSES`.
TALKING = """
    getpeername getrandom getsockname getsockopt recvfrom recvmmsg recvmsg sendto shutdown
""".split()
ALLOWED = (*FILES, *MEMORY, *PROCESSES, *TIME, *WAITING, *TALKING)

# They change a file that is named by its path, or one that can only be read, if its owner asks, and Landlock does not hold them. So a
# process that is the same user as others and sees their files may not: honest programs go on without the mode or the time that they set.
OWNERS_CHANGES = """
    chmod chown fchmod fchmodat fchmodat2 fchown fchownat lchown
""".split()
# With them whoever may write to a file sets its times to the present: those of /dev/null and /tmp, which every submission sees, would be
# signs for the next. So a process that has no view of the system of its own sets none.
SETTING_TIMES = ("futimesat", "utime", "utimes")
OWNERS_CUTS = ("truncate",)  # by its path; Landlock holds it from version 3 on

# They reach other processes of the same user, too: to lessen their limits, or their share of the processor. So a process that is the
# same user as others may name none but itself: these arguments, counted from 0, must be 0 (the first of `setpriority` says what is named).
OWNERS_PROCESSES = {"prlimit64": (0,), "setpriority": (0, 1)}

# With them go open files from process to process. The kernel counts those under way for each user: one submission could take all that
# there may be from the grader and from others, so only a process that is a user of its own may send any.
SENDING_FILES = ("sendmmsg", "sendmsg")

# Only in a network of its own: without one, a path or a name leads to servers of this machine.
ADDRESSES = "accept accept4 bind connect listen".split()

FORBIDDEN = (
    # The machine and its devices.
    *"acct create_module delete_module finit_module init_module ioperm iopl kexec_file_load kexec_load modify_ldt nfsservctl".split(),
    *"personality quotactl quotactl_fd reboot setdomainname sethostname swapoff swapon syslog uselib vhangup".split(),
    *"adjtimex clock_adjtime clock_settime settimeofday".split(),
    # File systems, namespaces, and files by other ways than a path.
    *"chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount name_to_handle_at open_by_handle_at open_tree".split(),
    *"pivot_root setns umount2 unshare".split(),
    *"fremovexattr fsetxattr lremovexattr lsetxattr removexattr setxattr".split(),  # they take memory of the kernel's
    # Other processes' memory and descriptors, and the tools that look into processes and the kernel.
    *"bpf capset kcmp lookup_dcookie perf_event_open pidfd_getfd process_madvise process_mrelease process_vm_readv".split(),
    *"process_vm_writev ptrace seccomp userfaultfd".split(),
    # What outlives a process or is shared between processes, and is counted towards nobody's memory.
    *"add_key keyctl request_key".split(),
    *"mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink".split(),
    *"msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget".split(),
    # More of the processor, the memory or the disks than a fair share.
    *"ioprio_set mlock mlock2 mlockall munlock munlockall sched_setaffinity sched_setattr sched_setparam".split(),
    *"sched_setscheduler sync sync_file_range syncfs".split(),
)

# They seem to succeed, for honest programs ask for them: a session of its own would have a share of the processor of its own.
WITHOUT_EFFECT = ("setsid",)

MISSING = (
    # They tell which pages of a file of the environment somebody has read, or make others read them anew.
    *"cachestat fadvise64 mincore move_pages preadv2 pwritev2 readahead".split(),
    # They tell when somebody else reads such a file.
    *"fanotify_init fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch".split(),
    # Memory that belongs to no address space is counted nowhere.
    *"memfd_create memfd_secret".split(),
    # What they ask of the kernel lies in memory, where no filter can look.
    *"clone3 io_uring_enter io_uring_register io_uring_setup".split(),
    # Ways around the calls above that only the kernel's own holes have made use of.
    *"io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit remap_file_pages splice tee vmsplice".split(),
    *"get_mempolicy mbind migrate_pages set_mempolicy set_mempolicy_home_node".split(),
    *"landlock_add_rule landlock_create_ruleset landlock_restrict_self map_shadow_stack pkey_alloc pkey_free pkey_mprotect".split(),
)

NEW_NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)  # linux/sched.h
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
MAX_FAMILY = 64
SOCK_STREAM, KIND_OF_SOCKET = 1, 0xF  # the other bits are flags
PROTOCOLS = (0, 6, 41)  # IP, TCP, IPv6: each with all its options
# asm-generic/socket.h. Left out is the size of a socket's buffers, which lie in the kernel's memory.
SOL_SOCKET = 1
SOCKET_OPTIONS = {
    "SO_REUSEADDR": 2,
    "SO_BROADCAST": 6,
    "SO_KEEPALIVE": 9,
    "SO_OOBINLINE": 10,
    "SO_LINGER": 13,
    "SO_REUSEPORT": 15,
    "SO_PASSCRED": 16,
    "SO_RCVTIMEO": 20,
    "SO_SNDTIMEO": 21,
    "SO_TIMESTAMP": 29,
}
# fcntl.h, linux/fcntl.h. Left out are leases, which make others wait for a file, notes of who reads a folder, and the size of pipes,
# which lie in the kernel's memory.
FILE_COMMANDS = {
    "F_DUPFD": 0,
    "F_GETFD": 1,
    "F_SETFD": 2,
    "F_GETFL": 3,
    "F_SETFL": 4,
    "F_GETLK": 5,
    "F_SETLK": 6,
    "F_SETLKW": 7,
    "F_SETOWN": 8,
    "F_GETOWN": 9,
    "F_SETSIG": 10,
    "F_GETSIG": 11,
    "F_SETOWN_EX": 15,
    "F_GETOWN_EX": 16,
    "F_OFD_GETLK": 36,
    "F_OFD_SETLK": 37,
    "F_OFD_SETLKW": 38,
    "F_GETLEASE": 1025,
    "F_DUPFD_QUERY": 1027,
    "F_DUPFD_CLOEXEC": 1030,
    "F_GETPIPE_SZ": 1032,
    "F_ADD_SEALS": 1033,
    "F_GET_SEALS": 1034,
}
# asm-generic/ioctls.h, linux/sockios.h, linux/fs.h: what terminals, pipes and sockets are asked for, and copies that share their blocks.
# Left out is what else file systems and devices offer: it lets the owner of a file change what no mode or Landlock speaks of, such as that
# it can never be written again.
REQUESTS = {
    "TCGETS": 0x5401,
    "TIOCGPGRP": 0x540F,
    "TIOCOUTQ": 0x5411,
    "TIOCGWINSZ": 0x5413,
    "FIONREAD": 0x541B,
    "FIONBIO": 0x5421,
    "FIONCLEX": 0x5450,
    "FIOCLEX": 0x5451,
    "FIOASYNC": 0x5452,
    "SIOCATMARK": 0x8905,
    "SIOCGIFNAME": 0x8910,
    "SIOCGIFCONF": 0x8912,
    "SIOCGIFFLAGS": 0x8913,
    "SIOCGIFADDR": 0x8915,
    "SIOCGIFNETMASK": 0x891B,
    "SIOCGIFMTU": 0x8921,
    "SIOCGIFHWADDR": 0x8927,
    "SIOCGIFINDEX": 0x8933,
    "TCGETS2": 0x802C542A,
    "FICLONERANGE": 0x4020940D,
    "FICLONE": 0x40049409,
}
# linux/prctl.h. Beside what only asks: names of threads and of memory, and what a process gives up for good. Left out is what would draw
# others' orphans to itself, move the bounds of its memory, or keep others off the processor.
PROCESS_OPTIONS = {
    "PR_SET_PDEATHSIG": 1,
    "PR_GET_PDEATHSIG": 2,
    "PR_GET_DUMPABLE": 3,
    "PR_SET_DUMPABLE": 4,
    "PR_GET_KEEPCAPS": 7,
    "PR_SET_NAME": 15,
    "PR_GET_NAME": 16,
    "PR_GET_SECCOMP": 21,
    "PR_CAPBSET_READ": 23,
    "PR_SET_TIMERSLACK": 29,
    "PR_GET_TIMERSLACK": 30,
    "PR_GET_CHILD_SUBREAPER": 37,
    "PR_SET_NO_NEW_PRIVS": 38,
    "PR_GET_NO_NEW_PRIVS": 39,
    "PR_SET_THP_DISABLE": 41,
    "PR_GET_THP_DISABLE": 42,
    "PR_SVE_GET_VL": 51,
    "PR_GET_TAGGED_ADDR_CTRL": 56,
    "PR_SET_VMA": 0x53564D41,
}


@dataclass(frozen=True)
class Condition:
    """An argument of a call, counted from 0, whose bits under `mask` are `value`; or, if it `differs`, that is any other number."""

    argument: int
    value: int
    mask: int = 0xFFFFFFFF
    differs: bool = False


POINTER = 0xFFFFFFFF_FFFFFFFF
NO_PATH, NO_TIMES = Condition(1, 0, POINTER), Condition(2, 0, POINTER)
A_PATH, SOME_TIMES = Condition(1, 0, differs=True), Condition(2, 0, differs=True)
# `utimensat`, which belongs to SETTING_TIMES. Python's `touch` makes a file only where the present time cannot be given to one.
TIMES = ((0, (SOME_TIMES,)), (0, (NO_TIMES, NO_PATH)), (errno.EPERM, (NO_TIMES, A_PATH)))


@dataclass(frozen=True)
class Rule:
    """What becomes of a call where all conditions hold: it is let through (None), fails with an error, or has no effect (0)."""

    call: str
    error: int | None
    conditions: tuple[Condition, ...] = ()


def rules(namespaces: bool, alone: bool, own_user: bool) -> Iterator[Rule]:
    """Yield the rules for a student's process.

    `namespaces`: whether it has a network and a view of the system of its own. `alone`: whether no file that it sees and may not
    write belongs to its user. `own_user`: whether no other process is the same user to the kernel.
    """
    yield from (Rule(call, None) for call in ALLOWED)
    yield from (Rule(call, errno.EPERM) for call in FORBIDDEN)
    yield from (Rule(call, 0) for call in WITHOUT_EFFECT)
    yield from (Rule(call, None if own_user else errno.EPERM) for call in SENDING_FILES)
    yield from (Rule(call, None if namespaces else errno.EPERM) for call in ADDRESSES)
    yield from (Rule(call, None if alone else 0) for call in OWNERS_CHANGES)
    yield from (Rule(call, None if namespaces else 0) for call in SETTING_TIMES)
    yield from (Rule("utimensat", error, conditions) for error, conditions in ([(None, ())] if namespaces else TIMES))
    yield from (Rule(call, None if alone else errno.EPERM) for call in OWNERS_CUTS)
    for call, arguments in OWNERS_PROCESSES.items():
        yield Rule(call, None, () if alone else tuple(Condition(argument, 0) for argument in arguments))
        if not alone:
            yield from (Rule(call, errno.EPERM, (Condition(argument, 0, differs=True),)) for argument in arguments)
    yield from (Rule("fcntl", None, (Condition(1, command),)) for command in FILE_COMMANDS.values())
    yield from (Rule("ioctl", None, (Condition(1, request),)) for request in REQUESTS.values())
    yield Rule("clone", None, (Condition(0, 0, sum(NEW_NAMESPACES)),))
    yield from (Rule("clone", errno.EPERM, (Condition(0, flag, flag),)) for flag in NEW_NAMESPACES)
    yield from (Rule("prctl", None, (Condition(0, option),)) for option in PROCESS_OPTIONS.values())
    families = (AF_UNIX, AF_INET, AF_INET6) if namespaces else ()
    for family in range(MAX_FAMILY):
        yield Rule("socket", None if family in families else errno.EPERM, (Condition(0, family),))
    yield from (Rule("setsockopt", None, (Condition(1, level),)) for level in PROTOCOLS)
    yield from (
        Rule("setsockopt", None, (Condition(1, SOL_SOCKET), Condition(2, option))) for option in SOCKET_OPTIONS.values()
    )
    # A pair needs no address. Of datagrams each may name another receiver, so without a network there are pairs of streams only.
    stream = Condition(1, SOCK_STREAM, KIND_OF_SOCKET)
    yield Rule("socketpair", None, (Condition(0, AF_UNIX), *(() if namespaces else (stream,))))
