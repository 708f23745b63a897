"""Predicts the books from what the stations' meters said, and from the price list, by its own arithmetic.

It looks at the stations' queues and memories, not at what arrived, and knows nothing of the tariff engine: energy is
cut at 6, 18 and 23 o'clock of Bishkek, on the straight line between two readings, in exact fractions; a session's
sum is rounded once to whole tyiyn. The platform may differ by that rounding: at most one tyiyn a session.
"""

from __future__ import annotations

from typing import Any

from tests.sim.platform import rows
from tests.sim.told import Events, Key, Told, begun, meter_wh, register, time_of
from zaryad.link.station import evse_of
from zaryad.sandbox.body import Body
from zaryad.sandbox.model import Message
from zaryad.sandbox.v2 import Station2


class Auditor:
    def __init__(self) -> None:
        self._starts: dict[tuple[str, int], Told] = {}  # 1.6
        self._events: dict[tuple[str, int], Events] = {}  # 2.x
        self._seen: dict[str, list[Message]] = {}

    @property
    def told(self) -> list[Told]:
        """All charges there were, whoever pays for them."""
        return [*self._starts.values(), *(it.told(station) for (station, _), it in self._events.items())]

    def look(self, station: Body) -> None:
        """Note what the station has decided to tell. It stays in its queue at least until it is looked at."""
        queue, seen = station.memory.queue, self._seen.get(station.model.id, ())
        known = {id(message) for message in seen}
        for message in queue:
            if id(message) in known:
                continue
            if isinstance(station, Station2):
                self._event(station, message)
            else:
                self._note(station.model.id, message)
        self._seen[station.model.id] = list(queue)

    def _event(self, station: Station2, message: Message) -> None:
        key = (station.model.id, message.transaction)
        if key not in self._events:
            self._events[key] = begun(station, station.memory.charges[message.transaction])
        self._events[key].add(station, message)

    def _note(self, station: str, message: Message) -> None:
        key, body = (station, message.transaction), message.body
        match message.action:
            case "StartTransaction":
                told = Told(station, body["connectorId"], body["idTag"], time_of(body), body["meterStart"])  # type: ignore[arg-type]  # a wire body
                again = self._starts.setdefault(key, told)
                assert (again.key) == told.key, "a station changed its story"
            case "MeterValues":
                value: Any = body["meterValue"]
                reading = (time_of(value[0]), register(value[0]))
                if reading not in self._starts[key].readings[-3:]:
                    self._starts[key].readings.append(reading)
            case "StopTransaction":
                told = self._starts[key]
                assert told.stop_wh in (None, body["meterStop"]), "a station changed its story"
                told.ended_at, told.stop_wh, told.reason = time_of(body), body["meterStop"], str(body["reason"])  # type: ignore[assignment]  # a wire body

    def audit(self, url: str, stations: list[Body]) -> list[str]:
        """Return everything that is wrong with the books."""
        charges = self.told
        wrong = [f"never stopped: {told}" for told in charges if told.stop_wh is None]
        charges = [told for told in charges if told.stop_wh is not None]
        return [*wrong, *self._registers(stations, charges), *self._sessions(url, charges), *self._money(url)]

    def _registers(self, stations: list[Body], charges: list[Told]) -> list[str]:
        """Energy flowed in transactions only: the registers stand where the sum of all charges leaves them."""
        wrong = []
        for station in stations:
            memory, id = station.memory, station.model.id
            if memory.queue or memory.transactions or memory.charges or memory.given_up:
                wrong.append(f"{id} still has {len(memory.queue)} messages to tell")
            for number, outlet in station.outlets.items():
                shared = isinstance(station, Station2)  # an EVSE's connectors share a meter
                shown = meter_wh(station, number) if isinstance(station, Station2) else outlet.register_wh
                mine = [
                    it
                    for it in charges
                    if it.station == id
                    and (evse_of(it.connector)[0] == evse_of(number)[0] if shared else it.connector == number)
                ]
                if sum(it.energy_wh for it in mine) != shown:
                    wrong.append(f"{id}:{number} stands at {shown} Wh")
        return wrong

    def _sessions(self, url: str, charges: list[Told]) -> list[str]:
        """Every transaction of every station is one session, settled, with its energy and its price.

        One that nobody began, or no car came to, is known and is no session.
        """
        found = rows(
            url,
            "select s.*, t.station_id, t.connector, t.token_key, t.began_at, t.meter_start_mwh, t.charge_ref, "
            "t.missing, t.events, t.session_id "
            "from charging_transaction t left join session s on s.id = t.session_id",
        )
        books = {_key(row): row for row in found}
        expected = {told.key: told for told in charges}
        wrong = [f"never heard of {told}" for key, told in expected.items() if key not in books]
        wrong += [f"nobody told of {key}" for key in books if key not in expected]
        sold = [row["session_id"] for row in found if row["session_id"] is not None]
        if len(books) != len(found) or len(expected) != len(charges) or len(set(sold)) != len(sold):
            wrong.append("two transactions are one")
        alone = rows(url, "select id, state from session where began_at is not null")
        wrong += [f"a session of no transaction: {row}" for row in alone if row["id"] not in set(sold)]
        for key, row in books.items():
            if key in expected:
                wrong += _compare(expected[key], row)
        return wrong

    def _money(self, url: str) -> list[str]:
        """What was paid is what the sessions cost, and nothing is held or lost on the way."""
        wrong = []
        sums = rows(
            url,
            "select (select coalesce(sum(amount_minor), 0) from posting p join account a on a.id = p.credit_id "
            "  where a.kind = 'revenue') as revenue, "
            "(select coalesce(sum(held_minor), 0) from account_guard) as held, "
            "(select count(*) from session where state in ('starting', 'charging', 'ended')) as open, "
            "(select coalesce(sum(cost_minor), 0) from session "
            "  where payer_id is not null and state = 'settled') as cost, "
            "(select count(*) from stray_stop) as strays",
        )[0]
        if sums["revenue"] != sums["cost"]:
            wrong.append(f"revenue {sums['revenue']} is not the sum of all sessions {sums['cost']}")
        wrong += [f"{name}: {sums[name]}" for name in ("held", "open", "strays") if sums[name]]
        return wrong


def _key(row: dict[str, Any]) -> Key:
    """Return how a station would name a transaction of the books."""
    station = row["station_id"]
    if row["events"]:
        return station, row["charge_ref"]
    return station, row["connector"], row["token_key"], row["began_at"], row["meter_start_mwh"] // 1_000


def _compare(told: Told, row: dict[str, Any]) -> list[str]:
    who = f"{told.station}:{told.connector} {told.uid or ''} {told.began_at:%d %H:%M:%S} {told.reason}"
    who += f" ({row['origin']} {row['id']} {row['flags']})"
    if not told.owed:
        return [] if row["session_id"] is None else [f"{who} is a session, and nobody charged"]
    if row["session_id"] is None:
        return [f"{who} is no session: {told}"]
    if row["state"] != "settled":
        return [f"{who} is {row['state']}"]
    wrong = []
    if told.uid is not None:
        said = (told.connector, told.token.upper(), told.began_at, told.events, 0)
        books = (row["connector"], row["token_key"], row["began_at"], row["events"], row["missing"])
        if said != books:
            wrong.append(f"{who}: the station says {said}, the books {books}")
    if row["energy_mwh"] != told.energy_wh * 1_000:
        wrong.append(f"{who} is billed for {row['energy_mwh']} mWh, its meter says {told.energy_wh} Wh")
    parts = [row[name] or 0 for name in ("captured_minor", "from_balance_minor", "receivable_minor", "unpaid_minor")]
    if sum(parts) != row["cost_minor"]:
        wrong.append(f"{who}: {parts} are not {row['cost_minor']}")
    own = told.price()
    if abs(row["cost_minor"] - own) > 1:
        wrong.append(f"{who} costs {row['cost_minor']} tyiyn, by the price list {float(own):.2f}")
    if (row["payer_id"] is None) != bool(row["unpaid_minor"]) and row["cost_minor"]:
        wrong.append(f"{who}: nobody pays, or somebody does not")
    return wrong
