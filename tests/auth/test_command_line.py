"""`zaryad user ...` on a real database."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from zaryad.app.cli import call


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    """A deployment whose database is the test's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZARYAD_DATABASE__URL", database_url)
    monkeypatch.setenv("ZARYAD_SECURITY__SECRET", "s" * 40)
    monkeypatch.setenv("ZARYAD_NOTIFY__SMS", "development")
    monkeypatch.setenv("ZARYAD_DATA__DIR", str(tmp_path / "data"))


def type_in(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))


def test_staff_are_made_listed_and_changed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "a long enough phrase")
    assert call(["user", "add", "aibek", "--role", "operator", "--role", "technician", "--name", "Айбек"]) == 0
    assert call(["user", "roles", "aibek", "--role", "admin"]) == 0
    assert call(["user", "list"]) == 0
    said = capsys.readouterr().out
    assert "operator, technician" in said
    assert said.rstrip().splitlines()[-1].split()[:3] == ["aibek", "Айбек", "admin"]
    assert call(["user", "password", "aibek", "--generate"]) == 0
    assert "password: " in capsys.readouterr().out


def test_mistakes_are_told_in_words(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "a long enough phrase")
    assert call(["user", "password", "nobody"]) == 1
    assert "There is no such person." in capsys.readouterr().err
    type_in(monkeypatch, "12345")
    assert call(["user", "add", "aibek", "--role", "operator"]) == 1
    assert "at least 30 bits" in capsys.readouterr().err
    assert call(["user", "add", "aibek", "--role", "king"]) == 2
