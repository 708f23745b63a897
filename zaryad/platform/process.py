"""What can be known of another process: whether it lives, what it is, and whether it is still the same one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def alive(pid: int) -> bool:
    """Whether a process of that number runs; a zombie does not."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return _stat(pid)[0] != "Z" if Path("/proc/self/stat").exists() else _signalled(pid)
    return False


def born(pid: int) -> str | None:
    """Return when the process began, in the system's own words: with the number it names one process for ever."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, IndexError):
        if Path("/proc/self/stat").exists():
            return _stat(pid)[19]
        return _ps(pid, "lstart") or None
    return None


def command_of(pid: int) -> str:
    """Return its command line, as far as we may see it."""
    with contextlib.suppress(OSError):
        if Path("/proc/self/stat").exists():
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return _ps(pid, "command")
    return ""


def dying_with_parent(how: signal.Signals) -> Callable[[], None] | None:
    """Return what a child does before exec so that the kernel sends it `how` when we die; None where there is no such.

    It is for programs that are not ours: our own services watch their supervisor themselves (`lifecycle`).
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:  # we died in between
            os._exit(1)

    return before_exec


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third (state) on; the name before them may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()


def _signalled(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    return not _ps(pid, "state").startswith("Z")


def _ps(pid: int, what: str) -> str:
    done = subprocess.run(["/bin/ps", "-o", f"{what}=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip()
