"""Make the virtual environment and run what was asked in it. Standard library only; called by the Makefile.

    python3 tools/bootstrap.py run|test|check|lock|env [arguments]

Dependencies come from the hash-locked requirement files, and only when those have changed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # older ones have to be able to read as far as here
    import os
    import subprocess

    for _name in ("python3.13", "python3.12", "python3.11", "python3.14"):
        try:
            if subprocess.call([_name, "-c", "import venv"], stderr=subprocess.DEVNULL) == 0:
                os.execvp(_name, [_name, *sys.argv])  # noqa: S606  # the same script under a newer interpreter
        except OSError:
            continue
    sys.exit(
        f"Zaryad needs Python 3.11 or newer; this is {sys.version_info[0]}.{sys.version_info[1]} ({sys.executable}).\n"
        "Install a newer one (Debian 12: apt-get install python3; macOS: brew install python@3.13),\n"
        "then say which: make run PYTHON=/path/to/python3"
    )

import hashlib
import importlib.util
import os
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
COMPILE = (
    "pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate"
)
INSTALL_WITHIN_S = 1800


def main(verb: str, arguments: list[str]) -> int:
    """Do one verb and return its exit code."""
    os.chdir(ROOT)
    if verb == "run":
        environment("run")
        replace_us(BIN / "python", "-m", "zaryad", "up", *(arguments or ["--demo"]))
    environment("dev")
    if verb == "test":
        replace_us(BIN / "python", "-m", "pytest", *at_once(arguments), *arguments)
    if verb == "check":
        return check()
    if verb == "lock":
        return lock()
    if verb == "migration":
        replace_us(BIN / "python", "tools/revise.py", *arguments)
    if verb != "env":
        sys.exit(f"unknown verb {verb}: run, test, check, lock, migration or env")
    return 0


def replace_us(program: Path, *arguments: str) -> None:
    """Become the program: signals and the exit code are its own."""
    sys.stdout.flush()
    os.execv(program, [str(program), *arguments])  # noqa: S606  # no shell is wanted


def at_once(arguments: list[str]) -> list[str]:
    """Use the cores there are, unless the call says otherwise or names a test."""
    told = any(a.startswith(("-n", "-p", "-s", "--pdb", "tests")) for a in arguments)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return [] if told or cores < 2 else ["-n", str(min(cores, 4)), "--dist", "loadfile"]


def environment(kind: str) -> None:
    """Make the environment what the lock says; nothing is done when it is already."""
    if not usable():
        make_venv()
    lock = LOCKS[kind]
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f".installed-{kind}"
    if not stamp.exists() or stamp.read_text() != wanted:
        install(lock)
        stamp.write_text(wanted)
        if kind == "dev":  # its pins are the same: `run` finds everything it needs
            (VENV / ".installed-run").write_text(hashlib.sha256(LOCKS["run"].read_bytes()).hexdigest())
    link_project()


def usable() -> bool:
    """Whether the environment is there and its interpreter still works; a moved or half-made one does not count."""
    python = BIN / "python"
    if not python.exists():
        return False
    done = subprocess.run(
        [python, "-c", "import pip, sys; print(sys.prefix)"], capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and Path(done.stdout.strip()).resolve() == VENV.resolve()


def make_venv() -> None:
    """Make the environment anew."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        install_ensurepip()
    say("making the virtual environment .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(f"the virtual environment could not be made:\n{done.stdout}{done.stderr}")


def install_ensurepip() -> None:
    """Debian keeps ensurepip in a package of its own: get it if we may, or say how."""
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    command = f"apt-get update && apt-get install -y --no-install-recommends {package}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"this Python has no ensurepip; installing {package}")
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
        importlib.invalidate_caches()
        if done.returncode == 0:
            replace_us(Path(sys.executable), *sys.argv)
        sys.exit(f"{package} could not be installed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    sys.exit(f"this Python has no ensurepip, so it can make no virtual environment. Install it:\n  {hint(command)}")


def hint(command: str) -> str:
    """Return the command for a person to type."""
    return f"sudo sh -c '{command}'" if shutil.which("apt-get") else "your system's package for Python's venv module"


def install(lock: Path) -> None:
    """Install what a lock pins, hashes checked, showing how far it has come."""
    total = sum(1 for line in lock.read_text().splitlines() if line and line[0] not in "# ")
    say(f"installing {total} pinned packages from {lock.name}")
    command = [
        str(BIN / "python"),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--no-input",
        "--no-deps",
        "-r",
        str(lock),
    ]
    began = time.monotonic()
    seen = 0
    tail: list[str] = []
    with subprocess.Popen(
        [*command, "--disable-pip-version-check", "--progress-bar", "off"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            tail = [*tail[-40:], line.rstrip()]
            if line.startswith(("Collecting ", "Requirement already satisfied: ", "Ignoring ")):
                seen += 1
                progress(
                    min(seen, total),
                    total,
                    line.split()[-1] if line.startswith("Ig") else line.split("==")[0].split()[-1],
                )
            elif line.startswith("Installing collected"):
                progress(total, total, "unpacking")
    finish_progress()
    if process.returncode:
        sys.exit(
            "\n".join(tail) + f"\npip could not install {lock.name} (see above). Is the network there? Then: make env"
        )
    say(f"installed in {time.monotonic() - began:.0f} s")


def progress(done: int, total: int, what: str) -> None:
    """Show one line that changes in place on a terminal; elsewhere a line per ten packages."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r  [{done:>3}/{total}] {what:<50.50}")
        sys.stdout.flush()
    elif done % 10 == 0 or what == "unpacking":
        say(f"  [{done}/{total}] {what}")


def finish_progress() -> None:
    """Leave the line that changes in place."""
    if sys.stdout.isatty():
        sys.stdout.write("\r" + " " * 66 + "\r")


def link_project() -> None:
    """Make the checkout importable and `zaryad` a command, without building anything."""
    packages = next((VENV / "lib").glob("python3*")) / "site-packages"
    write_if_other(packages / "zaryad.pth", f"{ROOT}\n")
    command = BIN / "zaryad"
    write_if_other(command, '#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -m zaryad "$@"\n')
    command.chmod(0o755)


def write_if_other(path: Path, text: str) -> None:
    """Write a file unless it is the same already."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def check() -> int:
    """Run every checker, all of them even when one complains."""
    python = str(BIN / "python")
    checks = {
        "ruff check": [str(BIN / "ruff"), "check", "."],
        "ruff format": [str(BIN / "ruff"), "format", "--check", "."],
        "mypy": [python, "-m", "mypy"],
        "import contracts": [str(BIN / "lint-imports")],
        "tidy": [
            python,
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "-p",
            "no:cacheprovider",
            "--noconftest",
            "tests/test_tidy.py",
        ],
    }
    failed = []
    for name, command in checks.items():
        say(name)
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def lock() -> int:
    """Resolve the dependencies anew. The files name no index: whoever installs uses their own."""
    for options in ("-o requirements.lock", "--group dev -c requirements.lock -o requirements-dev.lock"):
        command = [
            str(BIN / "uv"),
            *COMPILE.split(),
            *options.split(),
            "--custom-compile-command",
            "make lock",
            "--upgrade",
        ]
        if subprocess.run([*command, "-q"], check=False).returncode:
            return 1
    say("requirements.lock and requirements-dev.lock are new; read the difference before you commit it")
    return 0


def say(text: str) -> None:
    """Tell how it goes."""
    sys.stdout.write(f"-- {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "env", sys.argv[2:]))
