"""Every template of every module: its words exist, nothing is inline, forms are protected."""

import datetime as dt
import re
from pathlib import Path

import pytest

import zaryad
from zaryad.ui import static
from zaryad.ui.i18n import LANGUAGES, catalogue
from zaryad.ui.render import POLICY, Frame, Templates

SOURCE = Path(zaryad.__file__).parent
# The Test Bank is another party's server, with a page of its own.
TEMPLATES = sorted(path for path in SOURCE.rglob("templates/*.html") if "sandbox" not in path.parts)
NOW = dt.datetime(2026, 11, 21, 9, 5, tzinfo=dt.UTC)
HIDDEN_FIELD = "{{ csrf(frame) }}"


def frame(language: str = "ru") -> Frame:
    return Frame(language=language, now=NOW, csrf="token", demo=True)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_word_exists(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for key, joined in re.findall(r"""\bt\(["']([a-z0-9_.]+)["'](\s*~)?""", source):
        if joined:
            assert any(known.startswith(key) for known in catalogue().texts("ru")), key
        else:
            assert all(catalogue().has(language, key) for language in LANGUAGES), key


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_inline_or_from_elsewhere(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"\son[a-z]+\s*=", source)
    assert not re.search(r"<(script(?![^>]*\ssrc=)|style)", source)
    assert not re.search(r"(src|@import|url\()\s*=?\s*[\"']?https?:", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_is_protected(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form.*?</form>", source, re.DOTALL):
        assert 'method="get"' in form or HIDDEN_FIELD in form, form


def test_policy_allows_only_ourselves() -> None:
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
    assert not re.search(r"https?:|\*", POLICY)


def test_text_of_people_is_escaped() -> None:
    page = Templates().render("error.html", frame(), title="<script>", text='"><b>', code=None, sign_in=False)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_its_language_and_offers_the_others(language: str) -> None:
    page = Templates().render("error.html", frame(language), title="x", text="y", code=None, sign_in=False)
    assert f'<html lang="{language}">' in page
    for other in set(LANGUAGES) - {language}:
        assert f'href="/language/{other}?next=/"' in page


def test_static_files_are_named_by_their_content() -> None:
    for name, asset in static.assets().items():
        assert static.url(name) == f"/static/{asset.version}/{name}"
        assert re.fullmatch(r"[0-9a-f]{10}", asset.version)
    assert len(static.assets()["zaryad.css"].packed or b"") + len(static.assets()["live.js"].packed or b"") < 8_000


@pytest.mark.parametrize("name", ["zaryad.css", "live.js"])
def test_static_files_reach_no_other_host(name: str) -> None:
    assert not re.search(rb"https?://(?!www\.w3\.org/)", static.assets()[name].content)
