"""A file of stations: what each line would do is found out first, then all of it is done or nothing.

The same file again changes nothing: a line says how a station should be, not what to do to it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError
from zaryad.platform.bus import part
from zaryad.platform.db import Tx
from zaryad.stations import network
from zaryad.stations.model import CONNECTORS_MAX, ConnectorKind, ConnectorPlan, LocationId, speakable
from zaryad.stations.onboarding import store as strangers
from zaryad.stations.onboarding.csv_read import Line, read
from zaryad.stations.password import new_password, password_fits, password_hash

KINDS = ("type2", "ccs2", "chademo", "gbt_ac", "gbt_dc")
ADMIN_STATES = ("active", "maintenance", "disabled")
Did = Literal["new", "changed", "same", "problem"]
_LATER = ("location", "vendor", "model", "admin_state", "password")  # may stand in a station's first line alone


class Problem(msgspec.Struct, frozen=True):
    """Why a line cannot be done; the text key is `csv.{code}`."""

    column: str
    code: str
    facts: dict[str, str] = {}


class LineOutcome(msgspec.Struct):
    """What a line does, or would do."""

    line: int
    station_id: str
    connector: int | None = None
    outcome: Did = "same"
    problems: list[Problem] = []


class Imported(msgspec.Struct, frozen=True):
    """What the file does, or would do; `passwords` are shown this once."""

    applied: bool
    outcomes: list[LineOutcome]
    passwords: dict[str, str] = {}

    def count(self, outcome: Did) -> int:
        """Count lines."""
        return sum(each.outcome == outcome for each in self.outcomes)


class _Wanted(msgspec.Struct):
    """A station as the file wants it; None is "as it is"."""

    first: LineOutcome
    location_id: LocationId | None = None
    vendor: str | None = None
    model: str | None = None
    admin_state: str | None = None
    password: str | None = None
    connectors: dict[int, tuple[ConnectorPlan, LineOutcome]] = {}


async def import_stations(
    tx: Tx, data: bytes, *, apply: bool, make_passwords: bool, key: bytes, now: dt.datetime
) -> Imported:
    """Say what the file would do, line by line, and with `apply` do it, unless any line has a problem.

    `make_passwords`: stations that are new, and have none in the file, get one. DomainError INVALID for a file that
    cannot be read at all.
    """
    lines = read(data)
    outcomes, wanted = await _understood(tx, lines)
    ids = sorted(wanted)
    stations = await strangers.stations_as_they_are(tx, ids)
    connectors = await strangers.connectors_as_they_are(tx, ids)
    rows = _stations(wanted, stations, key, now)
    plugs = _connectors(wanted, connectors)
    sound = not any(each.problems for each in outcomes)
    if not apply or not sound:
        return Imported(applied=False, outcomes=outcomes)
    made: dict[str, str] = {}
    for id, values in rows.items():
        if make_passwords and id not in stations and values["password_hash"] is None:
            made[id] = new_password()
            values |= {"password_hash": password_hash(key, id, made[id].encode()), "password_set_at": now}
    await strangers.put_stations(tx, list(rows.values()))
    await strangers.put_connectors(tx, plugs)
    await strangers.out_of_the_inbox(tx, [id for id in ids if id not in stations])
    for id in {*rows, *(plug["station_id"] for plug in plugs)}:
        tx.hint(f"station.{part(id)}", b"station")
    return Imported(applied=True, outcomes=outcomes, passwords=made)


async def _understood(tx: Tx, lines: list[Line]) -> tuple[list[LineOutcome], dict[str, _Wanted]]:
    """Read the lines as wishes about stations, noting what is wrong with each."""
    places = await strangers.places(tx, {line["location"] for line in lines if line["location"]})
    outcomes: list[LineOutcome] = []
    wanted: dict[str, _Wanted] = {}
    for line in lines:
        outcome = LineOutcome(line.number, line["station_id"], problems=[])
        outcomes.append(outcome)
        if not speakable(outcome.station_id):
            _object(outcome, "station_id", "station_id_invalid")
            continue
        own = wanted.get(outcome.station_id)
        if own is None:
            own = wanted[outcome.station_id] = _Wanted(outcome, connectors={})
        _station_of(own, outcome, line, places)
        if line["connector"]:
            _connector_of(own, outcome, line)
        elif line["kind"] or line["power_kw"] or line["tariff_id"]:
            _object(outcome, "connector", "connector_missing")
    return outcomes, wanted


def _station_of(own: _Wanted, outcome: LineOutcome, line: Line, places: dict[str, list[LocationId]]) -> None:
    values: dict[str, Any] = {name: line[name] or None for name in _LATER}
    if values["location"] is not None:
        found = places.get(values["location"], [])
        if len(found) != 1:
            code = "location_ambiguous" if found else "location_unknown"
            _object(outcome, "location", code, location=values["location"])
        values["location"] = found[0] if len(found) == 1 else None
    if values["admin_state"] is not None and values["admin_state"] not in ADMIN_STATES:
        _object(outcome, "admin_state", "word_unknown", word=values["admin_state"], words=", ".join(ADMIN_STATES))
        values["admin_state"] = None
    if values["password"] is not None:
        try:
            network.check_password(values["password"])
        except DomainError:
            _object(outcome, "password", "password_length")
    values["location_id"] = values.pop("location")
    for name, value in values.items():
        if value is None:
            continue
        before = getattr(own, name)
        if before is not None and before != value:
            _object(outcome, name.removesuffix("_id"), "contradicts", line=str(own.first.line))
        elif len(str(value)) > 50 and name in ("vendor", "model"):
            _object(outcome, name, "text_too_long", most="50")
        else:
            setattr(own, name, value)


def _connector_of(own: _Wanted, outcome: LineOutcome, line: Line) -> None:
    text = line["connector"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    if not 1 <= number <= CONNECTORS_MAX:
        _object(outcome, "connector", "connector_invalid", most=str(CONNECTORS_MAX))
        return
    outcome.connector = number
    kind: ConnectorKind = line["kind"].lower()  # type: ignore[assignment]  # the next line sees to it
    if kind not in KINDS:
        _object(outcome, "kind", "word_unknown", word=line["kind"], words=", ".join(KINDS))
    power_w = _watts(line["power_kw"])
    if power_w is None:
        _object(outcome, "power_kw", "power_invalid", power=line["power_kw"])
    tariff_id: UUID | None = None
    if line["tariff_id"]:
        try:
            tariff_id = UUID(line["tariff_id"])
        except ValueError:
            _object(outcome, "tariff_id", "tariff_invalid")
    if number in own.connectors:
        _object(outcome, "connector", "repeated", line=str(own.connectors[number][1].line))
    elif not outcome.problems:
        plan = ConnectorPlan(number=number, kind=kind, power_w=power_w or 0, tariff_id=tariff_id)
        own.connectors[number] = plan, outcome


def _stations(
    wanted: dict[str, _Wanted], stations: dict[str, dict[str, Any]], key: bytes, now: dt.datetime
) -> dict[str, dict[str, Any]]:
    """Return the rows to write, by id, and mark the lines that they come from."""
    rows: dict[str, dict[str, Any]] = {}
    for id, own in wanted.items():
        row = stations.get(id)
        if row is None:
            row = dict.fromkeys(("location_id", "vendor", "model", "password_hash", "password_set_at"))
            row |= {"id": id, "admin_state": "active", "last_boot_at": None}
            if own.location_id is None and not any(each.column == "location" for each in own.first.problems):
                _object(own.first, "location", "location_missing")
        fresh = {name: row[name] for name in row if name != "last_boot_at"}
        given = {"location_id": own.location_id, "admin_state": own.admin_state}
        if row["last_boot_at"] is None:  # else its own word stands
            given |= {"vendor": own.vendor, "model": own.model}
        fresh |= {name: value for name, value in given.items() if value is not None}
        if own.password is not None and (
            row["password_hash"] is None or password_fits(row, own.password.encode(), key) is None
        ):
            fresh |= {"password_hash": password_hash(key, id, own.password.encode()), "password_set_at": now}
        if id not in stations or any(fresh[name] != row[name] for name in fresh):
            rows[id] = fresh
            _mark(own.first, "changed" if id in stations else "new")
    return rows


def _connectors(wanted: dict[str, _Wanted], connectors: dict[tuple[str, int], dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for id, own in wanted.items():
        for number, (plan, outcome) in own.connectors.items():
            row = connectors.get((id, number))
            fresh = {
                "station_id": id,
                "number": number,
                "kind": plan.kind,
                "power_w": plan.power_w,
                "tariff_id": plan.tariff_id or (row["tariff_id"] if row else None),
                "admin_state": row["admin_state"] if row else "active",
            }
            if fresh != row:
                rows.append(fresh)
                _mark(outcome, "changed" if row else "new")
    return rows


def _mark(outcome: LineOutcome, did: Did) -> None:
    if outcome.outcome == "same":
        outcome.outcome = did


def _object(outcome: LineOutcome, column: str, code: str, **facts: str) -> None:
    outcome.outcome = "problem"
    outcome.problems.append(Problem(column, code, facts))


def _watts(text: str) -> int | None:
    try:
        watts = Decimal(text.replace(",", ".")) * 1_000
    except InvalidOperation:
        return None
    whole = int(watts) if watts.is_finite() else 0
    return whole if watts == whole and 0 < whole <= network.POWER_W_MAX else None
