"""What no checker knows: words we do not use, lengths, documents that name what exists, catalogues that agree."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from zaryad.app.load import load, masked

ROOT = Path(__file__).parents[1]
LINES_MAX = 400
FUNCTION_LINES_MAX = 60
EXACT = ("wallet", "payments", "tariffs", "charging", "kernel/money.py")  # where a float would be a wrong bill
LANGUAGES = ("ru", "ky", "en")


@cache
def tracked() -> tuple[Path, ...]:
    """Return the repository's files: those git knows, and those it would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:  # an unpacked archive
        found = [p for p in ROOT.rglob("*") if not any(part.startswith(".") for part in p.relative_to(ROOT).parts)]
    else:
        found = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return tuple(sorted(p for p in found if p.is_file()))


def sources(*under: str) -> Iterator[Path]:
    for path in tracked():
        if path.suffix == ".py" and (not under or path.relative_to(ROOT).as_posix().startswith(under)):
            yield path


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def uses(path: Path, word: str) -> list[str]:
    pattern = re.compile(word)
    return [
        f"{named(path)}:{number}: {line.strip()}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line.split("#")[0])
    ]


def test_only_the_clock_asks_what_time_it_is() -> None:
    asked = [
        use
        for path in sources("zaryad/")
        if named(path) != "zaryad/kernel/clock.py"
        for use in uses(path, r"datetime\.(now|utcnow|today)\(|date\.today\(")
    ]
    assert not asked, "take `now` as an argument, or hold a Clock"


def test_money_and_energy_are_whole_numbers() -> None:
    found = [use for path in sources(*(f"zaryad/{place}" for place in EXACT)) for use in uses(path, r"\bfloat\(")]
    assert not found, "integers of minor units, milliwatt-hours and milliwatts"


def test_nothing_is_patched() -> None:
    found = [
        use
        for path in sources("tests/", "zaryad/")
        if path != Path(__file__)
        for use in uses(path, r"mock\.patch|mocker\.|from unittest import mock|import mock\b|monkeypatch\.setattr")
    ]
    assert not found, "hand it a real neighbour or a small twin instead"


def test_files_and_functions_can_be_read_in_one_sitting() -> None:
    long = []
    for path in sources("zaryad/", "bench/", "tools/"):
        if path.name == "wire.py":  # shapes of a protocol, one after another
            continue
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LINES_MAX:
            long.append(f"{named(path)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long.append(f"{named(path)}:{node.lineno}: {node.name} has {lines} lines")
    assert not long, f"at most {LINES_MAX} lines a file, {FUNCTION_LINES_MAX} a function"


def test_files_are_named_for_what_they_decide() -> None:
    banned = {"service.py", "utils.py", "util.py", "manager.py", "helpers.py", "helper.py", "common.py", "misc.py"}
    assert not [named(path) for path in sources("zaryad/") if path.name in banned]


def test_documents_name_only_files_that_exist() -> None:
    known = [f"/{named(path)}" for path in tracked()]

    def there(name: str) -> bool:
        return any(path.endswith(f"/{name}") for path in known)

    lost: list[str] = []
    for path in tracked():
        if path.suffix != ".md" or not (named(path) == "README.md" or named(path).startswith("docs/")):
            continue
        text = path.read_text(encoding="utf-8")
        names = re.findall(r"`([\w./-]+/[\w.-]+\.(?:py|md|toml|mako))(?::\w+)?`", text)
        lost += [f"{named(path)}: {name}" for name in names if not (there(name) or (path.parent / name).exists())]
        links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
        lost += [f"{named(path)}: link to {link}" for link in links if not (path.parent / link).exists()]
    assert not lost


def test_a_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:5] for path in tracked() if path.parent == ROOT / "docs" / "adr"]
    assert sorted(set(numbers)) == sorted(numbers)
    assert all(re.fullmatch(r"\d{4}-", number) for number in numbers)


def test_migrations_are_one_chain() -> None:
    files = [path for path in sources("migrations/versions/") if path.name != "__init__.py"]
    for number, path in enumerate(files, 1):
        found = dict(
            re.findall(r"^(revision|down_revision)(?:: [^=]+)? = (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        )
        assert path.name.startswith(f"{number:04d}_"), path.name
        assert found["revision"].strip("'\"") == f"{number:04d}", path.name
        assert found["down_revision"].strip("'\"") == (f"{number - 1:04d}" if number > 1 else "None"), path.name


def test_nothing_names_a_machine_or_a_registry() -> None:
    pattern = re.compile(
        r"--(?:extra-)?index-url|--find-links|files\.pythonhosted|registry\.npmjs|"
        r"/home/\w+/|/Users/\w+/|(?<![\w./])/(?:root/\w|work/)"
    )
    texts = {".py", ".md", ".toml", ".lock", ".json", ".html", ".ts", ".css", ".yml", ".yaml", ".mako", ".txt", ""}
    found = [
        f"{named(path)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path.suffix in texts and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found


def catalogues() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for path in sorted((ROOT / "zaryad" / "ui" / "messages").glob("*.json")):
        area, _, language = path.stem.rpartition(".")
        found.setdefault(area, {})[language] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("area", sorted(catalogues()))
def test_catalogues_agree_in_all_languages(area: str) -> None:
    texts = catalogues()[area]
    assert sorted(texts) == sorted(LANGUAGES)
    shapes = {language: shape(texts[language]) for language in LANGUAGES}
    for language in LANGUAGES[1:]:
        assert set(shapes[language]) == set(shapes["ru"]), f"keys of {area}.{language}.json differ from ru"
        differing = [key for key, holes in shapes[language].items() if holes != shapes["ru"][key]]
        assert not differing, f"placeholders of {area}.{language}.json differ from ru"
    for language in LANGUAGES:
        empty = [key for key, text in texts[language].items() if not text.strip()]
        assert not empty, f"{area}.{language}.json says nothing for these"


def shape(texts: dict[str, str]) -> dict[str, frozenset[str]]:
    """Return the placeholders of each key; plural forms count as one key, since languages have different ones."""
    found: dict[str, frozenset[str]] = {}
    for key, text in texts.items():
        holes = frozenset(re.findall(r"\{(\w+)", text))
        stem, _, form = key.rpartition(".")
        if form in {"one", "few", "many", "other"}:
            found[stem] = found.get(stem, frozenset()) | holes
        else:
            found[key] = holes
    return found


def test_every_error_code_has_a_text() -> None:
    texts = {key for area in catalogues().values() for key in area.get("ru", {})}
    codes: dict[str, str] = {}
    for path in sources("zaryad/"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "DomainError":
                code = node.args[1] if len(node.args) > 1 else None
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    codes.setdefault(code.value, f"{named(path)}:{node.lineno}")
    missing = {code: where for code, where in codes.items() if not {f"error.{code}", f"error.{code}.other"} & texts}
    assert not missing


def test_running_documents_every_key_of_the_platform_and_no_other() -> None:
    text = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    values = masked(load(None, {"ZARYAD_SECURITY__SECRET": "s" * 40, "ZARYAD_NOTIFY__SMS": "development"}))
    known = {f"{section}.{key}" for section, keys in values.items() for key in keys}
    told = set(re.findall(r"`((?:" + "|".join(values) + r")\.\w+)`", text))
    assert not told - known
    whole = (
        "System",
        "data",
        "database",
        "nats",
        "security",
        "services",
        "modules",
        "demo",
        "log",
        "metrics",
        "testbank",
    )
    assert not {key for key in known if key.split(".")[0] in whole} - told
