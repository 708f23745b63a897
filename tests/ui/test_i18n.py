"""Texts: all languages say the same things, and a missing word never breaks a page."""

import ast
import json
import string
from collections import defaultdict
from pathlib import Path

import pytest

import zaryad
from zaryad.ui.i18n import DIRECTORY, LANGUAGES, PLURAL_FORMS, Catalogue, catalogue, plural_form, t
from zaryad.ui.language import negotiate

SOURCE = Path(zaryad.__file__).parent
FORMS = ("one", "few", "many", "other")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def areas() -> list[str]:
    return sorted({path.stem.rpartition(".")[0] for path in DIRECTORY.glob("*.json")})


def read(area: str, language: str) -> dict[str, str]:
    texts = json.loads((DIRECTORY / f"{area}.{language}.json").read_text(encoding="utf-8"))
    assert isinstance(texts, dict)
    return texts


def plurals(texts: dict[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for key, text in texts.items():
        base, _, form = key.rpartition(".")
        if form in FORMS and f"{base}.one" in texts:
            found[base][form] = text
    return found


@pytest.mark.parametrize("area", areas())
def test_languages_agree(area: str) -> None:
    shapes = {}
    for language in LANGUAGES:
        texts = read(area, language)
        several = plurals(texts)
        for base, forms in several.items():
            assert set(forms) == set(PLURAL_FORMS[language]), f"{language} {base}"
        shapes[language] = {
            key: placeholders(text) for key, text in texts.items() if key.rpartition(".")[0] not in several
        } | {base: placeholders(forms["other"]) for base, forms in several.items()}
        assert all(text.strip() for text in texts.values()), f"{area}.{language} has an empty text"
    for language in LANGUAGES[1:]:
        assert shapes[language] == shapes[LANGUAGES[0]], f"{area}: {language} differs from {LANGUAGES[0]}"


def test_every_error_code_has_a_text() -> None:
    missing = {code for code in error_codes() if not catalogue().has("ru", f"error.{code}")}
    assert not missing


def error_codes() -> set[str]:
    """Codes of `DomainError(Kind.X, "code", ...)` anywhere in the source."""
    codes = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "DomainError":
                second = node.args[1] if len(node.args) > 1 else None
                if isinstance(second, ast.Constant) and isinstance(second.value, str):
                    codes.add(second.value)
    return codes


@pytest.mark.parametrize(
    ("count", "form"),
    [
        (0, "many"),
        (1, "one"),
        (2, "few"),
        (5, "many"),
        (11, "many"),
        (12, "many"),
        (21, "one"),
        (22, "few"),
        (111, "many"),
    ],
)
def test_russian_plurals(count: int, form: str) -> None:
    assert plural_form("ru", count) == form


def test_plural_forms_are_chosen_by_count() -> None:
    texts = {
        "ru": {"a.one": "{count} станция", "a.few": "{count} станции", "a.many": "{count} станций", "a.other": "x"}
    }
    own = Catalogue(texts)
    assert [own.text("ru", "a", count=n) for n in (1, 3, 7)] == ["1 станция", "3 станции", "7 станций"]


def test_falls_back_to_russian_then_to_the_key() -> None:
    own = Catalogue({"ru": {"a": "а {x}"}, "ky": {}, "en": {"b": "b {gone}"}})
    assert own.text("ky", "a", x=1) == "а 1"
    assert own.text("ky", "none") == "none"
    assert own.text("en", "b") == "b {gone}"


def test_a_key_may_be_defined_once(tmp_path: Path) -> None:
    (tmp_path / "one.ru.json").write_text('{"a": "1"}')
    (tmp_path / "two.ru.json").write_text('{"a": "2"}')
    with pytest.raises(ValueError, match="defined twice"):
        Catalogue.load(tmp_path)


def test_the_programs_own_texts() -> None:
    assert t("en", "ui.price.kwh", price="1") == "1 per kWh"


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ({"cookie": "en", "person": "ky", "accept": "ru"}, "en"),
        ({"cookie": "xx", "person": "ky", "accept": "ru"}, "ky"),
        ({"accept": "de-DE,de;q=0.9,en;q=0.5,ru;q=0.7"}, "ru"),
        ({"accept": "ky-KG"}, "ky"),
        ({"accept": "kk,en;q=0.3"}, "ru"),
        ({"accept": "de", "default": "en"}, "en"),
        ({"accept": ";;;,q=,en;q=zero", "default": "ky"}, "ky"),
        ({"accept": "en;q=0, ru;q=0.1"}, "ru"),
        ({"default": "xx"}, "ru"),
    ],
)
def test_language_is_negotiated(given: dict[str, str], language: str) -> None:
    assert negotiate(**given) == language
