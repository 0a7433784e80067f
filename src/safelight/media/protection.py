"""What a process that reads foreign files is not allowed to do, enforced by the kernel.

- rlimits: no files grow, no core, few descriptors (memory and processor time: set by the parent, per request)
- no new privileges, and no capabilities
- seccomp: no network, no new programs or processes (threads are fine), no opening for writing, no changes to the
  file system, no looking into other processes
- Landlock, where the kernel has it: reads only where Python and its libraries live

All of it through ctypes: no library beyond the kernel's own interface.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_FILTER = 38, 22, 2
_EPERM, _ENOSYS = 1, 38

# Classic BPF, linux/filter.h and linux/seccomp.h.
_LOAD, _JUMP_EQUAL, _JUMP_ABOVE, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_X32_BIT = 0x40000000
_CLONE_THREAD = 0x00010000


@dataclass(frozen=True)
class _Machine:
    """The numbers of one processor architecture; `denied` are system calls that are refused whatever they ask."""

    audit: int
    denied: tuple[int, ...]
    clone: int
    clone3: int
    open: int | None
    openat: int
    openat2: int
    prlimit: int
    write_flags: int


# asm/unistd_64.h, by name for the reader: order as in the comments.
_X86_64 = _Machine(
    audit=0xC000003E,
    denied=(
        # socket connect accept sendmmsg bind listen socketpair accept4 recvmmsg
        41, 42, 43, 307, 49, 50, 53, 288, 299,
        # fork vfork execve execveat kill tkill ptrace process_vm_readv process_vm_writev pidfd_*
        57, 58, 59, 322, 62, 200, 101, 310, 311, 424, 434, 438,
        # rename mkdir rmdir creat link unlink symlink chmod fchmod chown fchown lchown mknod truncate ftruncate
        82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 133, 76, 77,
        # mkdirat mknodat fchownat unlinkat renameat linkat symlinkat fchmodat renameat2 fchmodat2 utime utimes
        258, 259, 260, 263, 264, 265, 266, 268, 316, 452, 132, 235, 261, 280,
        # setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
        188, 189, 190, 197, 198, 199,
        # setuid setgid setreuid setregid setgroups setresuid setresgid setfsuid setfsgid capset setrlimit
        105, 106, 113, 114, 116, 117, 119, 122, 123, 126, 160,
        # mount umount2 pivot_root chroot unshare setns swapon swapoff reboot sethostname setdomainname
        165, 166, 155, 161, 272, 308, 167, 168, 169, 170, 171,
        # init_module delete_module finit_module kexec_load kexec_file_load bpf perf_event_open userfaultfd
        175, 176, 313, 246, 320, 321, 298, 323,
        # add_key request_key keyctl io_uring_setup io_uring_enter io_uring_register open_by_handle_at
        248, 249, 250, 425, 426, 427, 304,
        # fanotify_init inotify_add_watch acct quotactl settimeofday clock_settime adjtimex ioperm iopl personality
        300, 254, 163, 179, 164, 227, 159, 173, 172, 135,
        # shmget shmat msgget semget mq_open memfd_create memfd_secret open_tree move_mount fsopen fsmount mount_setattr
        29, 30, 68, 64, 240, 319, 447, 428, 429, 430, 432, 442,
    ),
    clone=56,
    clone3=435,
    open=2,
    openat=257,
    openat2=437,
    prlimit=302,
    # O_WRONLY O_RDWR O_CREAT O_TRUNC O_APPEND and the bit of O_TMPFILE that is not O_DIRECTORY
    write_flags=0x1 | 0x2 | 0x40 | 0x200 | 0x400 | 0x400000,
)  # fmt: skip

# asm-generic/unistd.h
_AARCH64 = _Machine(
    audit=0xC00000B7,
    denied=(
        # socket socketpair bind listen accept connect accept4 recvmmsg sendmmsg
        198, 199, 200, 201, 202, 203, 242, 243, 269,
        # execve execveat kill tkill ptrace process_vm_readv process_vm_writev pidfd_*
        221, 281, 129, 130, 117, 270, 271, 424, 434, 438,
        # mknodat mkdirat unlinkat symlinkat linkat renameat truncate ftruncate fchmod fchmodat fchownat fchown
        33, 34, 35, 36, 37, 38, 45, 46, 52, 53, 54, 55, 276, 452, 88,
        # setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
        5, 6, 7, 14, 15, 16,
        # setregid setgid setreuid setuid setresuid setresgid setfsuid setfsgid setgroups capset setrlimit
        143, 144, 145, 146, 147, 149, 151, 152, 159, 91, 164,
        # umount2 mount pivot_root chroot unshare setns swapon swapoff reboot sethostname setdomainname
        39, 40, 41, 51, 97, 268, 224, 225, 142, 161, 162,
        # init_module delete_module finit_module kexec_load kexec_file_load bpf perf_event_open userfaultfd
        105, 106, 273, 104, 294, 280, 241, 282,
        # add_key request_key keyctl io_uring_* open_by_handle_at fanotify_init inotify_add_watch acct quotactl
        217, 218, 219, 425, 426, 427, 265, 262, 27, 89, 60,
        # settimeofday clock_settime adjtimex personality shmget shmat msgget semget mq_open memfd_create memfd_secret
        170, 112, 171, 92, 194, 196, 186, 190, 180, 279, 447,
        # open_tree move_mount fsopen fsmount mount_setattr
        428, 429, 430, 432, 442,
    ),
    clone=220,
    clone3=435,
    open=None,
    openat=56,
    openat2=437,
    prlimit=261,
    write_flags=0x1 | 0x2 | 0x40 | 0x200 | 0x400 | 0x400000,
)  # fmt: skip

_MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64}


def protect(readable: Iterable[str] = ()) -> tuple[str, ...]:
    """Give up, for the rest of this process's life, what reading a picture does not need.

    Parameters
    ----------
    readable : iterable of str
        Folders that may be read besides those of Python and the system's libraries.

    Returns
    -------
    tuple of str
        What is in force, of ``"rlimits"``, ``"no_new_privileges"``, ``"no_capabilities"``, ``"landlock"``
        and ``"seccomp"``. What the kernel does not offer is missing from it.

    Notes
    -----
    Call it with one thread running: a filter holds for the calling thread and those it starts.
    """
    attempts: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("rlimits", _limit_resources),
        ("no_new_privileges", _refuse_new_privileges),
        ("no_capabilities", _drop_capabilities),
        ("landlock", lambda: _read_only(readable)),
        ("seccomp", _filter_system_calls),
    )
    return tuple(name for name, attempt in attempts if attempt())


def _limit_resources() -> bool:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    return True


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _refuse_new_privileges() -> bool:
    return bool(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def _drop_capabilities() -> bool:
    """capset(2) version 3 with empty sets: a root without the powers of root."""
    header = struct.pack("<Ii", 0x20080522, 0)
    return bool(_libc().syscall({"x86_64": 126, "aarch64": 91}.get(platform.machine(), -1), header, bytes(24)) == 0)


def _filter_system_calls() -> bool:
    machine = _MACHINES.get(platform.machine())
    if machine is None or sys.maxsize < 2**32:
        return False
    program = b"".join(_program(machine))
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: unsigned short, padding, pointer
    head = struct.pack("@HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    return bool(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, head, 0, 0) == 0)


def _program(machine: _Machine) -> list[bytes]:
    """The filter: wrong architecture dies, denied calls get EPERM, everything else passes."""
    denied = _step(_RETURN, _ERRNO | _EPERM)
    unknown = _step(_RETURN, _ERRNO | _ENOSYS)
    number = _step(_LOAD, _NUMBER_AT)
    lines = [_step(_LOAD, _ARCH_AT), _step(_JUMP_EQUAL, machine.audit, 1, 0), _step(_RETURN, _KILL), number]
    if machine is _X86_64:
        lines += [_step(_JUMP_ABOVE, _X32_BIT, 0, 1), unknown]
    for each in machine.denied:
        lines += [_step(_JUMP_EQUAL, each, 0, 1), denied]
    # Their arguments are structures, which a filter cannot see; "not implemented" makes libc use the older call.
    for each in (machine.clone3, machine.openat2):
        lines += [_step(_JUMP_EQUAL, each, 0, 1), unknown]
    lines += _unless_bit(machine.clone, 0, _CLONE_THREAD, number)
    lines += _if_bits(machine.openat, 2, machine.write_flags, number)
    if machine.open is not None:
        lines += _if_bits(machine.open, 1, machine.write_flags, number)
    lines += _if_bits(machine.prlimit, 2, 0xFFFFFFFF, number)  # reading one's limits is fine, new ones are not
    return [*lines, _step(_RETURN, _ALLOW)]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _if_bits(call: int, argument: int, bits: int, number: bytes) -> list[bytes]:
    """Deny `call` when the low half of an argument has any of `bits`."""
    return [
        _step(_JUMP_EQUAL, call, 0, 5),
        _step(_LOAD, _ARGUMENTS_AT + 8 * argument),
        _step(_AND, bits),
        _step(_JUMP_EQUAL, 0, 1, 0),
        _step(_RETURN, _ERRNO | _EPERM),
        number,
    ]


def _unless_bit(call: int, argument: int, bit: int, number: bytes) -> list[bytes]:
    """Deny `call` when an argument lacks `bit`."""
    return [
        _step(_JUMP_EQUAL, call, 0, 5),
        _step(_LOAD, _ARGUMENTS_AT + 8 * argument),
        _step(_AND, bit),
        _step(_JUMP_EQUAL, bit, 1, 0),
        _step(_RETURN, _ERRNO | _EPERM),
        number,
    ]


# Landlock, linux/landlock.h; the same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_FIRST_ABI_RIGHTS = (1 << 13) - 1
_PATH_BENEATH = 1


def _read_only(readable: Iterable[str]) -> bool:
    """Handle every right of the first Landlock version; grant reading beneath a few folders."""
    libc = _libc()
    attributes = struct.pack("<Q", _FIRST_ABI_RIGHTS)
    rules = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return False
    try:
        for path in dict.fromkeys((*_library_folders(), *readable)):
            _grant(libc, rules, path)
        return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _grant(libc: ctypes.CDLL, rules: int, path: str) -> None:
    with suppress(OSError):
        at = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rights = _READ_FILE | _EXECUTE | (_READ_DIR if Path(path).is_dir() else 0)
            libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("<Qi", rights, at), 0)
        finally:
            os.close(at)


def _library_folders() -> tuple[str, ...]:
    system = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc/self", "/proc/cpuinfo")
    cores = ("/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/dev/null", "/dev/urandom")
    return (sys.prefix, sys.base_prefix, *(each for each in sys.path if each), *system, *cores)
