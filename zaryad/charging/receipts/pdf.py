"""Set a receipt as a PDF: 80 mm roll or A4, in any of our languages. The same receipt gives the same bytes.

Python decides every word and number (`sheet`), typst only where they stand. Fonts are those inside
typst itself, which have Ң Ө Ү, so that a machine without fonts prints the same.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

import anyio
import typst

from zaryad.charging.receipts.model import Line, Receipt
from zaryad.kernel.ids import readable
from zaryad.kernel.money import Money
from zaryad.ui import format as f
from zaryad.ui.i18n import catalogue, t

Layout = Literal["80mm", "a4"]
LAYOUTS: tuple[Layout, ...] = ("80mm", "a4")
TEMPLATES = Path(__file__).parent / "templates"


async def set_pdf(receipt: Receipt, layout: Layout, language: str, limit: anyio.CapacityLimiter) -> bytes:
    """Return the document; at most `limit` are set at once, each in a thread."""
    return await anyio.to_thread.run_sync(compile_sheet, sheet(receipt, language), layout, "pdf", limiter=limit)


def compile_sheet(words: dict[str, Any], layout: Layout, form: Literal["pdf", "png"] = "pdf") -> bytes:
    """Run typst over the words. They travel as one JSON value: markup in a station's name is only letters."""
    compiler = typst.Compiler(TEMPLATES / f"receipt_{layout}.typ", root=TEMPLATES, font_paths=_fonts())
    made = compiler.compile(
        format=form,
        ppi=150 if form == "png" else None,
        sys_inputs={"sheet": json.dumps(words, ensure_ascii=False)},
        timestamp=words["timestamp"],
    )
    if isinstance(made, list):
        made = made[0]
    assert made is not None
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def sheet(receipt: Receipt, language: str) -> dict[str, Any]:
    """Return every word of the document, in reading order; what is not known is left out."""
    zone = receipt.place.timezone
    seller = receipt.seller
    details = [
        t(language, "receipt.tax_id", tax_id=seller.tax_id) if seller.tax_id else None,
        seller.address,
        t(language, "receipt.support", phone=seller.phone) if seller.phone else None,
    ]
    return {
        "language": language,
        "timestamp": int(receipt.issued_at.timestamp()),
        "title": t(language, "receipt.number", number=receipt.number),
        "issued": t(language, "receipt.issued", moment=f.moment(language, receipt.issued_at, zone, year=True)),
        "seller": {"name": seller.name, "details": [detail for detail in details if detail]},
        "facts": [{"name": name, "value": value} for name, value in _facts(receipt, language) if value],
        "headings": {
            "bill": t(language, "receipt.bill"),
            "columns": _columns(receipt, language),
        },
        "lines": [line_told(line, receipt.currency, zone, language) for line in receipt.lines],
        "total": {"name": t(language, "receipt.total"), "value": f.money_exact(language, receipt.total, unit=True)},
        "paid": _paid(receipt, language),
        "reason": {"name": t(language, "receipt.reason"), "value": t(language, f"end.{receipt.end_reason}")},
        "notes": [t(language, "receipt.vat"), t(language, "receipt.zone", zone=_zone_told(receipt))],
    }


def _columns(receipt: Receipt, language: str) -> list[str]:
    what, when, quantity, price, amount = (
        t(language, f"receipt.{column}") for column in ("what", "when", "quantity", "price", "amount")
    )
    word = f.currency_word(language, receipt.currency)
    return [what, when, quantity, f"{price}, {word}", f"{amount}, {word}"]


def _facts(receipt: Receipt, language: str) -> list[tuple[str, str | None]]:
    place, zone = receipt.place, receipt.place.timezone
    kind = t(language, f"ui.kind.{place.kind}")
    lasted = max(int((receipt.ended_at - receipt.started_at).total_seconds()), 0)
    return [
        (t(language, "receipt.location"), place.location),
        (t(language, "receipt.address"), place.address),
        (t(language, "receipt.station"), place.station_id),
        (
            t(language, "receipt.connector"),
            f"{place.connector} · {kind} · {f.rated_power(language, place.power_w)}",
        ),
        (t(language, "receipt.phone"), receipt.customer),
        (t(language, "receipt.card"), receipt.token),
        (t(language, "receipt.started"), f.moment(language, receipt.started_at, zone)),
        (t(language, "receipt.ended"), f.moment(language, receipt.ended_at, zone)),
        (t(language, "receipt.duration"), f.duration(language, lasted)),
        (t(language, "receipt.energy"), f.energy(language, receipt.energy_mwh)),
        (t(language, "receipt.tariff"), receipt.tariff.get(language) or next(iter(receipt.tariff.values()), None)),
        (t(language, "receipt.session"), readable(receipt.session_id)),
    ]


def line_told(line: Line, currency: str, zone: str, language: str) -> dict[str, str]:
    """Return a bill's line as words: what, when, how much, at what price, the sum."""
    key = f"receipt.line.{line.kind}"
    quantity, price = _reckoned(line, currency, language)
    when = ""
    if line.begins_at is not None and line.ends_at is not None:
        when = f"{f.clock_time(line.begins_at, zone)}–{f.clock_time(line.ends_at, zone)}"
    return {
        "name": t(language, key if catalogue().has(language, key) else "receipt.line.other"),
        "when": when,
        "quantity": quantity,
        "price": price,
        "reckoning": f"{quantity} × {price}" if quantity and price else quantity,
        "amount": f.money_exact(language, Money(line.amount_minor, currency)),
    }


def _reckoned(line: Line, currency: str, language: str) -> tuple[str, str]:
    """Return quantity and price; a price per hour is told per minute where that is exact, as before the start."""
    if line.quantity is None or line.rate_e4 is None:
        return "", ""
    if line.unit == "kwh":
        return f.energy_exact(language, line.quantity), f.rate(language, line.rate_e4, currency)
    quantity = f.duration_exact(language, line.quantity)
    if line.rate_e4 % 60 == 0:
        return quantity, f.rate(language, line.rate_e4 // 60, currency)
    return quantity, f"{f.rate(language, line.rate_e4, currency)}/{t(language, 'ui.unit.hour')}"


def _paid(receipt: Receipt, language: str) -> list[dict[str, str]]:
    shares = [("wallet", receipt.from_balance_minor), ("owed", receipt.owed_minor)]
    return [
        {
            "name": t(language, f"receipt.paid.{key}"),
            "value": f.money_exact(language, Money(minor, receipt.currency), unit=True),
        }
        for key, minor in shares
        if minor
    ]


def _zone_told(receipt: Receipt) -> str:
    offset = f.local(receipt.ended_at, receipt.place.timezone).utcoffset() or dt.timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"{receipt.place.timezone} (UTC{'−' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''})"
