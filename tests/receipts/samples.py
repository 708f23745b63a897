"""A receipt as it is after a session that crossed a price step."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from zaryad.charging.receipts.model import Line, Place, Receipt, Seller

SESSION = UUID("01934d5c-7d1e-7a90-b0a1-7d4d3c2b1a09")


def at(hour: int, minute: int) -> dt.datetime:
    return dt.datetime(2026, 11, 21, hour, minute, tzinfo=dt.UTC)


def sample(**changes: Any) -> Receipt:
    receipt = Receipt(
        number="2026-000123",
        session_id=SESSION,
        issued_at=at(12, 31),
        seller=Seller("ОсОО «Заряд Демо»", "01234567890123", "г. Бишкек, пр. Чүй, 114", "+996 312 00-00-00"),
        place=Place(
            "ТЦ Дордой Плаза",
            "г. Бишкек, ул. Ибраимова, 115",
            "Asia/Bishkek",
            "KG-BIS-0003",
            1,
            "gbt_dc",
            120_000,
        ),
        customer="+996 *** **-34-56",
        token=None,
        started_at=at(11, 38),
        ended_at=at(12, 30),
        energy_mwh=40_000_000,
        tariff={"ru": "Өзгөчө түнкү тариф Ң"},
        lines=(
            Line(
                kind="energy",
                unit="kwh",
                quantity=31_600_000,
                rate_e4=15_000_000,
                begins_at=at(11, 38),
                ends_at=at(12, 0),
                amount_minor=47_400,
            ),
            Line(
                kind="energy",
                unit="kwh",
                quantity=8_400_000,
                rate_e4=16_500_000,
                begins_at=at(12, 0),
                ends_at=at(12, 30),
                amount_minor=13_860,
            ),
            Line(kind="session", amount_minor=1_000),
        ),
        total_minor=62_260,
        from_balance_minor=60_000,
        owed_minor=2_260,
        currency="KGS",
        end_reason="car_full",
    )
    return msgspec.structs.replace(receipt, **changes)
