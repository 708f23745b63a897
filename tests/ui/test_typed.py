"""What people type, and where a form may lead."""

import pytest

from zaryad.ui.typed import decimal, own_path


@pytest.mark.parametrize(
    ("text", "places", "value"),
    [
        ("500", 2, 50_000),
        (" 1 000,5 ", 2, 100_050),
        ("12.50", 2, 1_250),
        ("10\u202f000", 2, 1_000_000),
        ("0,30", 2, 30),
        ("12,345", 2, None),
        ("12,300", 2, 1_230),
        ("-5", 2, None),
        ("1e3", 2, None),
        ("", 2, None),
        ("5.", 2, None),
        ("7", 0, 7),
        ("٣", 0, None),
        ("9" * 13, 0, None),
    ],
)
def test_numbers(text: str, places: int, value: int | None) -> None:
    assert decimal(text, places) == value


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/start/A/1?x=1", "/start/A/1?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nb", "/"),
        (None, "/"),
        ("/" + "a" * 600, "/"),
    ],
)
def test_a_form_leads_only_to_ourselves(text: str | None, path: str) -> None:
    assert own_path(text) == path
