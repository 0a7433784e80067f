"""What the kernel refuses to a process that reads foreign files: tried for real, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from safelight.media.sandbox import Decoder

_PROBE = """
import ctypes, os, resource, socket, sys, threading
from safelight.media.protection import protect
target = sys.argv[1]
names = protect()

def attempt(name, action):
    try:
        action()
    except (OSError, ValueError) as error:
        print(name, "denied")
    else:
        print(name, "allowed")

def traced():
    if ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0) != 0:
        raise OSError

print("protections", *names)
attempt("socket", lambda: socket.socket(socket.AF_INET))
attempt("unix", lambda: socket.socket(socket.AF_UNIX))
attempt("socketpair", socket.socketpair)
attempt("write", lambda: open(target, "w"))
attempt("append", lambda: os.open(target, os.O_WRONLY | os.O_APPEND))
attempt("create", lambda: os.open(target + ".new", os.O_RDWR | os.O_CREAT))
attempt("nameless", lambda: os.open(os.path.dirname(target), os.O_TMPFILE | os.O_WRONLY))
attempt("unlink", lambda: os.unlink(target))
attempt("rename", lambda: os.rename(target, target + ".moved"))
attempt("link", lambda: os.link(target, target + ".linked"))
attempt("mkdir", lambda: os.mkdir(target + ".folder"))
attempt("chmod", lambda: os.chmod(target, 0o777))
attempt("utime", lambda: os.utime(target))
attempt("fork", os.fork)
attempt("spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
attempt("kill", lambda: os.kill(os.getppid(), 0))
attempt("ptrace", traced)
attempt("memfd", lambda: os.memfd_create("x"))
attempt("limits", lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
attempt("foreign", lambda: open(target).read())
attempt("thread", lambda: [each.start() or each.join() for each in [threading.Thread(target=int)]])
attempt("library", lambda: __import__("decimal"))
attempt("own limits", lambda: resource.getrlimit(resource.RLIMIT_CPU))
"""

_DENIED = [
    *("socket", "unix", "socketpair", "write", "append", "create", "nameless", "unlink", "rename", "link", "mkdir"),
    *("chmod", "utime", "fork", "spawn", "exec", "kill", "ptrace", "memfd", "limits"),
]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    target = tmp_path_factory.mktemp("outside") / "precious.txt"
    target.write_text("precious")
    found = subprocess.run(
        [sys.executable, "-c", _PROBE, str(target)], capture_output=True, text=True, check=True, timeout=240
    )
    assert target.read_text() == "precious"
    assert [each.name for each in target.parent.iterdir()] == ["precious.txt"]
    return dict(
        line.rsplit(" ", 1) if not line.startswith("protections") else line.split(" ", 1)
        for line in found.stdout.splitlines()
    )


def _needs(outcome: dict[str, str], protection: str) -> None:
    if protection not in outcome["protections"].split():
        pytest.skip(f"this kernel does not offer {protection}")


@pytest.mark.parametrize("attempt", _DENIED)
def test_a_decoding_process_is_denied(outcome, attempt):
    _needs(outcome, "seccomp")
    assert outcome[attempt] == "denied"


def test_a_decoding_process_cannot_read_files_that_it_was_not_handed(outcome):
    _needs(outcome, "landlock")
    assert outcome["foreign"] == "denied"


@pytest.mark.parametrize("attempt", ["thread", "library", "own limits"])
def test_a_decoding_process_may_still(outcome, attempt):
    assert outcome[attempt] == "allowed"


def test_a_decoder_tells_which_protections_are_in_force(decoder: Decoder):
    assert {"rlimits", "no_new_privileges"} <= set(decoder.protections)


def test_the_numbers_of_the_filter_are_those_of_the_kernel_headers():
    header = next((each for each in map(Path, _HEADERS) if each.exists()), None)
    if header is None:
        pytest.skip("the kernel's headers are not installed")
    from safelight.media import protection

    numbers = dict(
        line.split()[1:3]
        for line in header.read_text().splitlines()
        if line.startswith("#define __NR_") and line.split()[2].isdigit()
    )
    known = {name.removeprefix("__NR_"): int(number) for name, number in numbers.items()}
    names = [
        *("socket", "connect", "bind", "execve", "fork", "ptrace", "unlink", "rename", "renameat2"),
        *("ftruncate", "mount", "bpf", "memfd_create", "kill"),
    ]
    for name in names:
        assert known[name] in protection._X86_64.denied, name
    assert (known["clone"], known["clone3"], known["open"], known["openat"], known["openat2"], known["prlimit64"]) == (
        protection._X86_64.clone,
        protection._X86_64.clone3,
        protection._X86_64.open,
        protection._X86_64.openat,
        protection._X86_64.openat2,
        protection._X86_64.prlimit,
    )


_HEADERS = ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h")
