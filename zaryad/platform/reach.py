"""What an unprivileged user can reach, and where to keep its things when that is not enough.

PostgreSQL never runs as root. When root starts us, the server runs as another user, and a checkout under /root (mode
700) or a private virtual environment is out of that user's reach: binaries are then copied, and data kept, elsewhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

USERS = ("zaryad", "postgres", "nobody")
ELSEWHERE = Path("/usr/local/var/zaryad" if sys.platform == "darwin" else "/var/lib/zaryad")


class ReachError(RuntimeError):
    """Something is where the unprivileged user cannot get at it; the text says what to do."""


def unprivileged_user() -> int | None:
    """Return the user id to drop to, or None when we are not root and run as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise ReachError("PostgreSQL refuses to run as root; make a user for it: useradd --system zaryad")


def group_of(user: int) -> int:
    """Return the user's own group."""
    return pwd.getpwuid(user).pw_gid


def can(user: int | None, how: str, path: Path) -> bool:
    """Whether the user may read (`r`), write (`w`) or execute/enter (`x`) a path; asked of the system itself."""
    if user is None:
        return os.access(path, {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[how])
    command = ["/bin/sh", "-c", f'test -{how} "$1"', "sh", str(path)]
    return (
        subprocess.run(command, user=user, group=group_of(user), extra_groups=[], cwd="/", check=False).returncode == 0
    )


def reachable_copy(tree: Path, parts: tuple[str, ...], program: str, user: int | None, name: str) -> Path:
    """Return a tree that holds `parts` and whose `program` the user can execute: `tree` itself, or a copy elsewhere.

    The copy is made once for a `name`, which carries the version.
    """
    if can(user, "x", tree / program):
        return tree
    copy = ELSEWHERE / name
    if not (copy / program).exists():
        draft = ELSEWHERE / f"{name}.{os.getpid()}.new"
        try:
            draft.mkdir(parents=True, mode=0o755)
            for part in parts:
                if (tree / part).exists():
                    shutil.copytree(tree / part, draft / part, symlinks=True)
            for directory in (ELSEWHERE, draft):
                directory.chmod(0o755)
            with contextlib.suppress(OSError):  # another start may have been quicker; its copy is as good
                draft.rename(copy)
        except OSError as error:
            raise ReachError(
                f"user {pwd.getpwuid(user or 0).pw_name} cannot reach {tree}, and no copy can be made in {ELSEWHERE} "
                f"({error}). Move the installation to where that user can read it, or start as an ordinary user."
            ) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    if not can(user, "x", copy / program):
        raise ReachError(
            f"user {pwd.getpwuid(user or 0).pw_name} cannot execute {copy / program}: open it to that user"
        )
    return copy


def reachable_home(directory: Path, user: int | None) -> Path:
    """Return where data meant for `directory` is kept: there, or elsewhere when the user cannot enter it.

    The choice is made once and written beside the directory, so that changed permissions never lose data.
    """
    note = directory.with_name(directory.name + ".where")
    if note.exists():
        return Path(note.read_text(encoding="utf-8").strip())
    directory.parent.mkdir(parents=True, exist_ok=True)
    if user is None or can(user, "x", directory.parent):
        return directory
    if directory.exists() and any(directory.iterdir()):
        raise ReachError(
            f"{directory} holds data, and user {pwd.getpwuid(user).pw_name} cannot reach it. "
            f"Let that user enter the directories above it (chmod o+x), or start as the user who made it."
        )
    home = ELSEWHERE / f"{directory.parent.parent.name or 'data'}-{secrets.token_hex(4)}" / directory.name
    try:
        home.parent.mkdir(parents=True, mode=0o755)
        for above in (ELSEWHERE, home.parent):
            above.chmod(0o755)
    except OSError as error:
        raise ReachError(
            f"user {pwd.getpwuid(user).pw_name} cannot reach {directory}, and {home.parent} cannot be made ({error}). "
            "Set [data] dir (or ZARYAD_DATA_DIR) to a directory that user can enter, or start as an ordinary user."
        ) from error
    note.write_text(f"{home}\n", encoding="utf-8")
    return home


def socket_directory(directory: Path, socket_name: str) -> Path:
    """Return where to put a unix socket meant for `directory`: a short place of ours when its path is too long."""
    longest = 103  # bytes that fit in sockaddr_un on every system we run on (107 on Linux)
    if len(os.fsencode(directory / socket_name)) <= longest:
        return directory
    return Path("/tmp") / f"zaryad-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]}"  # noqa: S108  # checked by make_private


def make_private(directory: Path, user: int | None) -> None:
    """Make a directory that only the user can enter. One that somebody else has put there is refused."""
    with contextlib.suppress(FileExistsError):
        directory.mkdir(parents=True, mode=0o700)
        if user is not None:
            os.chown(directory, user, group_of(user))
    found = directory.lstat()
    owner = os.geteuid() if user is None else user
    if directory.is_symlink() or found.st_uid not in {owner, os.geteuid()}:
        raise ReachError(f"{directory} belongs to somebody else. Remove it, or set [data] dir to another place.")
    if user is not None and found.st_uid != user:
        os.chown(directory, user, group_of(user))
    directory.chmod(0o700)
