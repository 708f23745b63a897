"""What a receipt's PDF says, read back from the document."""

import io
import re

import anyio
import pypdf
import pytest

from tests.receipts.samples import sample
from zaryad.charging.receipts.model import Place
from zaryad.charging.receipts.pdf import LAYOUTS, Layout, compile_sheet, set_pdf, sheet

POINTS_PER_MM = 72 / 25.4


def words(document: bytes) -> str:
    """Return the text with every run of white space as one space."""
    pages = pypdf.PdfReader(io.BytesIO(document)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("ru", ["Чек № 2026-000123", "40,00 кВт·ч", "474,00", "138,60", "622,60 сом", "21 ноября 2026, 18:31"]),
        ("ky", ["Чек № 2026-000123", "40,00 кВт·саат", "Жыйынтыгы", "Узактыгы", "52 мүн"]),
        ("en", ["Receipt No. 2026-000123", "40.00 kWh", "474.00", "622.60 som", "21 November 2026, 18:31"]),
    ],
)
def test_says_it_in_the_language(layout: Layout, language: str, told: list[str]) -> None:
    text = words(compile_sheet(sheet(sample(), language), layout))
    for each in told:
        assert each in text
    assert "Өзгөчө түнкү тариф Ң" in text
    assert "+996 *** **-34-56" in text
    assert "17:38" in text, "times are the place's, not UTC"


def test_every_letter_has_a_glyph() -> None:
    alphabet = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя АБВГДЕЁЖЗИЙКЛМНҢОӨПРСТУҮФХЦЧШЩЪЫЬЭЮЯ №«»–—−·×"
    made = compile_sheet(sheet(sample(tariff={"ky": alphabet}), "ky"), "a4")
    text = words(made)
    assert not set(alphabet) - set(text)
    fonts = {str(font["/BaseFont"]) for font in _fonts(made)}
    assert fonts
    assert all("Libertinus" in font for font in fonts), fonts


def _fonts(document: bytes) -> list[pypdf.generic.DictionaryObject]:
    found = []
    for page in pypdf.PdfReader(io.BytesIO(document)).pages:
        resources = page["/Resources"].get_object()
        found += [font.get_object() for font in resources["/Font"].get_object().values()]
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_markup_in_a_name_is_only_letters(layout: Layout) -> None:
    name = '#read("common.typ") *bold* $x$ \\ ] #panic() "'
    place = Place(name, "", "Asia/Bishkek", "X", 1, "type2", 22_000)
    assert name in words(compile_sheet(sheet(sample(place=place), "ru"), layout))


def test_the_roll_is_80_mm_wide_and_one_page() -> None:
    reader = pypdf.PdfReader(io.BytesIO(compile_sheet(sheet(sample(), "ru"), "80mm")))
    assert len(reader.pages) == 1
    assert round(float(reader.pages[0].mediabox.width) / POINTS_PER_MM) == 80


def test_what_is_not_known_is_left_out() -> None:
    text = words(compile_sheet(sheet(sample(customer=None, owed_minor=0), "ru"), "a4"))
    assert "Клиент" not in text
    assert "Долг" not in text


async def test_the_same_receipt_gives_the_same_bytes() -> None:
    limit = anyio.CapacityLimiter(2)
    first = await set_pdf(sample(), "80mm", "ru", limit)
    assert first == await set_pdf(sample(), "80mm", "ru", limit)
