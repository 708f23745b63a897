"""Texts for people: flat JSON catalogues `messages/<area>.<language>.json`, merged, and looked up by key.

A text has `{placeholders}`. A text that depends on a number has one key per plural form
(`driver.stations.one`, `.few`, `.many`, `.other`) and is asked for without the suffix, with `count`.
A missing text falls back to Russian, then to its key, and is logged once: a page never breaks for a word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import structlog

log = structlog.get_logger()

LANGUAGES = ("ru", "ky", "en")
FALLBACK = "ru"
PLURAL_FORMS: Mapping[str, tuple[str, ...]] = {
    "ru": ("one", "few", "many", "other"),
    "ky": ("one", "other"),
    "en": ("one", "other"),
}
DIRECTORY = Path(__file__).parent / "messages"


def plural_form(language: str, count: int) -> str:
    """Return the CLDR plural category of a whole number."""
    count = abs(count)
    if language != "ru":
        return "one" if count == 1 else "other"
    if count % 10 == 1 and count % 100 != 11:
        return "one"
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return "few"
    return "many"


class Catalogue:
    """All texts of all languages."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts
        self._missed: set[tuple[str, str]] = set()

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> Catalogue:
        """Read every file of the directory; a key that two areas define is an error of ours."""
        texts: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
        for path in sorted(directory.glob("*.json")):
            area, _, language = path.stem.rpartition(".")
            if not area or language not in texts:
                raise ValueError(f"{path.name}: a catalogue is named <area>.<{'|'.join(LANGUAGES)}>.json")
            for key, text in json.loads(path.read_text(encoding="utf-8")).items():
                if key in texts[language]:
                    raise ValueError(f"{path.name}: {key} is defined twice")
                texts[language][key] = text
        return cls(texts)

    def texts(self, language: str) -> Mapping[str, str]:
        """Return every text of the language by key."""
        return self._texts[language]

    def has(self, language: str, key: str) -> bool:
        """Whether the language itself has the text, plural or not."""
        texts = self._texts.get(language, {})
        return key in texts or f"{key}.one" in texts

    def text(self, language: str, key: str, **values: object) -> str:
        """Return the text filled with the values: in the language, else in Russian, else the key itself."""
        for candidate in dict.fromkeys((language, FALLBACK)):
            found = self._find(candidate, key, values)
            if found is None:
                self._miss(candidate, key)
                continue
            return found.format_map(_Values(values))
        return key

    def _find(self, language: str, key: str, values: Mapping[str, object]) -> str | None:
        texts = self._texts.get(language, {})
        count = values.get("count")
        if isinstance(count, int):
            form = texts.get(f"{key}.{plural_form(language, count)}", texts.get(f"{key}.other"))
            if form is not None:
                return form
        return texts.get(key)

    def _miss(self, language: str, key: str) -> None:
        if (language, key) not in self._missed:
            self._missed.add((language, key))
            log.warning("i18n.missing", language=language, key=key)


class _Values(dict[str, object]):
    """Leaves a placeholder without a value as it is written."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


@cache
def catalogue() -> Catalogue:
    """Return the program's own catalogue, read once."""
    return Catalogue.load()


def t(language: str, key: str, **values: object) -> str:
    """Return the text `key` in the language, filled with the values (see `Catalogue.text`)."""
    return catalogue().text(language, key, **values)
