"""The fleet's remote control: requests and answers on the bus, and the functions that send them."""

from __future__ import annotations

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.bus import Bus, part
from zaryad.sandbox.model import AnyCommand
from zaryad.sandbox.view import StationView

SUBJECT = "sandbox.control"
ADOPTED = "sandbox.adopted"  # hint: there are new stations


def changed_subject(station_id: str) -> str:
    """Return the subject of hints that a virtual station has changed."""
    return f"sandbox.station.{part(station_id)}"


class Wanted(msgspec.Struct, frozen=True):
    """Without a station: list all. Without a command: look."""

    station: str | None = None
    command: AnyCommand | None = None


class Given(msgspec.Struct, frozen=True, omit_defaults=True):
    """Stations as they are now, or the error."""

    stations: tuple[StationView, ...] = ()
    error_kind: str | None = None
    error_code: str = ""
    error_facts: dict[str, str] = {}


async def all_stations(bus: Bus) -> tuple[StationView, ...]:
    """Return every virtual station."""
    return await _ask(bus, Wanted())


async def one(bus: Bus, station_id: str) -> StationView:
    """Return a virtual station, or DomainError NOT_FOUND."""
    return (await _ask(bus, Wanted(station_id)))[0]


async def do(bus: Bus, station_id: str, command: AnyCommand) -> StationView:
    """Do something to a virtual station and return how it is then."""
    return (await _ask(bus, Wanted(station_id, command)))[0]


async def _ask(bus: Bus, wanted: Wanted) -> tuple[StationView, ...]:
    try:
        answer = await bus.request(SUBJECT, msgspec.json.encode(wanted))
    except DomainError as error:
        if error.code == "nobody_answers":
            raise DomainError(Kind.UNAVAILABLE, "sandbox_is_off") from error
        raise
    given = msgspec.json.decode(answer, type=Given)
    if given.error_kind is not None:
        raise DomainError(Kind(given.error_kind), given.error_code, **given.error_facts)
    return given.stations


def refused(error: DomainError) -> Given:
    """Put an error into an answer."""
    facts = {name: str(value) for name, value in error.facts.items()}
    return Given(error_kind=error.kind.value, error_code=error.code, error_facts=facts)
