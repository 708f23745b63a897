"""`zaryad user ...` on a real database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Said = subprocess.CompletedProcess[str]
Call = Callable[..., Said]
PHRASE = "a long enough phrase"


@pytest.fixture
def call(database_url: str, tmp_path: Path) -> Call:
    """The program of a deployment whose database is the test's; what is typed comes through a pipe."""
    environment = os.environ | {
        "ZARYAD_DATABASE__URL": database_url,
        "ZARYAD_SECURITY__SECRET": "s" * 40,
        "ZARYAD_NOTIFY__SMS": "development",
        "ZARYAD_DATA__DIR": str(tmp_path / "data"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "COLUMNS": "120",
    }
    program = [sys.executable, "-c", "from zaryad.app.cli import main; main()", "user"]

    def call(*arguments: str, typed: str = PHRASE) -> Said:
        return subprocess.run(
            [*program, *arguments],
            input=typed + "\n",
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return call


def test_staff_are_made_listed_and_changed(call: Call) -> None:
    made = call("add", "aibek", "--role", "operator", "--role", "technician", "--name", "Айбек")
    assert made.returncode == 0, made.stderr
    assert "operator, technician" in made.stdout
    assert PHRASE not in made.stdout + made.stderr
    assert call("roles", "aibek", "--role", "admin").returncode == 0
    listed = call("list")
    assert listed.stdout.rstrip().splitlines()[-1].split()[:3] == ["aibek", "Айбек", "admin"]
    assert "password: " in call("password", "aibek", "--generate").stdout


def test_mistakes_are_told_in_words(call: Call) -> None:
    unknown = call("password", "nobody")
    assert (unknown.returncode, "There is no such person." in unknown.stderr) == (1, True)
    weak = call("add", "aibek", "--role", "operator", typed="12345")
    assert (weak.returncode, "at least 30 bits" in weak.stderr) == (1, True)
    assert call("add", "aibek", "--role", "king").returncode == 2
