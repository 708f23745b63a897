"""A reservation's life: asked for, promised, used, given up, over; and who is believed about it."""

import datetime as dt
from uuid import UUID

import pytest

from tests.stations.network import ID, NOW, build
from zaryad import accounts, booking
from zaryad.accounts import IdToken
from zaryad.booking import Reservation, ReservationStatus
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import ConnectorChanged, ConnectorState, ReservationEnded
from zaryad.link.orders import CancelReservation, OrderState, Placed, Reserve
from zaryad.platform.db import Db

LATER = NOW + dt.timedelta(hours=1)


async def ask(
    db: Db, id: UUID | None = None, *, connector: int = 1, token: str = "CARD", **more: object
) -> Reservation:
    values = {"expires_at": LATER, "author": "staff:test", "now": NOW, **more}
    async with db.begin() as tx:
        return await booking.reserve(tx, id or new_id(), ID, connector, token, **values)  # type: ignore[arg-type]  # a test's shorthand


async def conclude(db: Db, id: UUID, state: OrderState, detail: dict[str, object] | None = None) -> Placed:
    """As the gateway does: the reaction, then the row."""
    async with db.begin() as tx:
        placed = await orders.take_next(tx, ID, epoch=1, now=NOW)
        assert placed is not None
        assert placed.id == id
        ended = orders.Placed(
            **{name: getattr(placed, name) for name in placed.__struct_fields__}
            | {"state": state, "detail": detail or {}, "ended_at": NOW}
        )
        react = booking.reserve_concluded if isinstance(placed.order, Reserve) else booking.cancel_concluded
        await react(tx, ended, NOW)
        assert await orders.conclude(tx, placed.id, state, detail or {}, NOW) is not None
    return ended


async def seen(db: Db, id: UUID) -> Reservation:
    async with db.begin() as tx:
        return await booking.find(tx, id)


async def active(db: Db, **more: object) -> Reservation:
    made = await ask(db, **more)  # type: ignore[arg-type]  # a test's shorthand
    await conclude(db, made.order_id, OrderState.DONE, {"status": "Accepted"})
    return await seen(db, made.id)


async def open_orders(db: Db) -> list[orders.AnyOrder]:
    async with db.begin() as tx:
        return [each.order for each in await orders.page(tx, states=[OrderState.CREATED])]


async def test_the_stations_word_makes_it_active(db: Db) -> None:
    await build(db)
    made = await ask(db)
    assert (made.status, made.number > 0) == (ReservationStatus.REQUESTED, True)
    assert await ask(db, made.id) == made, "asking twice is asking once"
    assert await open_orders(db) == [Reserve(made.number, 1, "CARD", LATER)]
    await conclude(db, made.order_id, OrderState.DONE, {"status": "Accepted"})
    assert (await seen(db, made.id)).status is ReservationStatus.ACTIVE


@pytest.mark.parametrize("word", ["Occupied", "Faulted", "Unavailable", "Rejected"])
async def test_a_refusal_is_an_ordinary_answer(db: Db, word: str) -> None:
    await build(db)
    made = await ask(db)
    await conclude(db, made.order_id, OrderState.REFUSED, {"status": word})
    now = await seen(db, made.id)
    assert (now.status, now.detail["status"]) == (ReservationStatus.REFUSED, word)
    with pytest.raises(DomainError, match="reservation_ended"):
        await ask(db, made.id, token="OTHER")


async def test_no_answer_is_no_promise_and_the_station_is_told_to_forget(db: Db) -> None:
    await build(db)
    made = await ask(db)
    await conclude(db, made.order_id, OrderState.EXPIRED)
    assert (await seen(db, made.id)).status is ReservationStatus.REFUSED
    # the station was sent it before it went silent
    assert await open_orders(db) == [CancelReservation(made.number)]


async def test_a_change_counts_when_it_is_taken_and_keeps_its_number(db: Db) -> None:
    await build(db)
    first = await active(db)
    changed = await ask(db, first.id, token="OTHER")
    assert (changed.number, changed.token, changed.status) == (first.number, "CARD", ReservationStatus.ACTIVE)
    assert await ask(db, first.id, token="OTHER") == changed, "asked for already"
    await conclude(db, changed.order_id, OrderState.REFUSED, {"status": "Occupied"})
    assert (await seen(db, first.id)).token == "CARD", "what was promised stays"
    again = await ask(db, first.id, token="THIRD")
    await conclude(db, again.order_id, OrderState.DONE)
    assert ((await seen(db, first.id)).token, (await seen(db, first.id)).status) == ("THIRD", ReservationStatus.ACTIVE)


async def test_one_connector_is_kept_for_one(db: Db) -> None:
    await build(db)
    made = await ask(db)
    with pytest.raises(DomainError, match="reservation_in_the_way"):
        await ask(db, token="OTHER")
    assert (await ask(db, connector=2)).number != made.number
    for wrong in ({"expires_at": NOW}, {"expires_at": NOW + dt.timedelta(days=8)}, {"connector": 9}):
        with pytest.raises(DomainError):
            await ask(db, **wrong)


async def test_an_order_given_by_hand_makes_a_reservation_too(db: Db) -> None:
    await build(db)
    id = orders.OrderId(new_id())
    async with db.begin() as tx:
        await orders.place(tx, id, ID, Reserve(77, 1, "CARD", LATER), author="staff:x", now=NOW, before=LATER)
    await conclude(db, id, OrderState.DONE)
    assert ((await seen(db, id)).number, (await seen(db, id)).status) == (77, ReservationStatus.ACTIVE)
    other = orders.OrderId(new_id())
    async with db.begin() as tx:
        await orders.place(tx, other, ID, Reserve(77, 2, "OTHER", LATER), author="staff:x", now=NOW, before=LATER)
    await conclude(db, other, OrderState.DONE)
    assert ((await seen(db, id)).connector, (await seen(db, id)).token) == (2, "OTHER"), "the same number replaces"


async def test_it_is_given_up_when_the_station_has_said_so(db: Db) -> None:
    await build(db)
    made = await active(db)
    for _ in range(2):
        async with db.begin() as tx:
            assert (await booking.cancel(tx, made.id, "staff:x", NOW)).status is ReservationStatus.ACTIVE
    assert await open_orders(db) == [CancelReservation(made.number)], "one order, however often it is asked"
    async with db.begin() as tx:
        (placed,) = await orders.page(tx, states=[OrderState.CREATED])
    await conclude(db, placed.id, OrderState.DONE, {"status": "Accepted"})
    assert (await seen(db, made.id)).status is ReservationStatus.CANCELLED


async def test_what_has_not_gone_out_is_given_up_at_once(db: Db) -> None:
    await build(db)
    made = await ask(db)
    async with db.begin() as tx:
        assert (await booking.cancel(tx, made.id, "staff:x", NOW)).status is ReservationStatus.CANCELLED
    assert await open_orders(db) == []


async def test_given_up_while_the_station_is_asked_it_is_told_behind_it(db: Db) -> None:
    await build(db)
    made = await ask(db)
    async with db.begin() as tx:
        sent = await orders.take_next(tx, ID, epoch=1, now=NOW)
    assert sent is not None
    async with db.begin() as tx:
        assert (await booking.cancel(tx, made.id, "staff:x", NOW)).status is ReservationStatus.CANCELLED
    assert await open_orders(db) == [CancelReservation(made.number)]


@pytest.mark.parametrize(
    ("number", "connector", "token"),
    [(True, 1, None), (None, 1, "card"), (None, 1, "FAMILY"), (-1, 1, "CARD")],
    ids=["named", "same token", "same group", "a number that is none"],
)
async def test_use_ends_it(db: Db, number: bool | int | None, connector: int, token: str | None) -> None:
    await build(db)
    made = await active(db, group="G1")
    async with db.begin() as tx:
        await accounts.put_token(tx, IdToken(token="FAMILY", group="g1"), NOW)
    named = made.number if number is True else number
    async with db.begin() as tx:
        used = await booking.used(tx, ID, connector, named, token, NOW, charge_ref="42")
    assert used is not None
    now = await seen(db, made.id)
    assert (now.status, now.charge_ref, now.ended_at) == (ReservationStatus.USED, "42", NOW)


async def test_another_token_or_connector_uses_none(db: Db) -> None:
    await build(db)
    made = await active(db, group="G1")
    async with db.begin() as tx:
        for connector, token in ((1, "STRANGER"), (2, "CARD"), (1, "G1"), (1, None)):
            assert await booking.used(tx, ID, connector, None, token, NOW) is None
    assert (await seen(db, made.id)).status is ReservationStatus.ACTIVE


async def test_one_for_any_connector_is_used_at_any(db: Db) -> None:
    await build(db)
    made = await active(db, connector=0)
    async with db.begin() as tx:
        assert await booking.used(tx, ID, 2, None, "CARD", NOW) is not None
    assert (await seen(db, made.id)).status is ReservationStatus.USED


@pytest.mark.parametrize(
    ("how", "status"), [("expired", "expired"), ("removed", "removed"), ("no_transaction", "expired")]
)
async def test_the_stations_word_ends_it(db: Db, how: str, status: str) -> None:
    await build(db)
    made = await active(db)
    fact = ReservationEnded(station_id=ID, received_at=NOW, reservation=made.number, how=how)  # type: ignore[arg-type]  # one of three
    await booking.note_ended(db, fact)
    assert (await seen(db, made.id)).status.value == status
    await booking.note_ended(db, fact)  # told again, or about a number nobody knows: no matter


async def test_our_clock_ends_it(db: Db) -> None:
    await build(db)
    made = await active(db)
    assert await booking.expire(db, LATER - dt.timedelta(seconds=1)) == 0
    assert await booking.expire(db, LATER) == 1
    assert (await seen(db, made.id)).status is ReservationStatus.EXPIRED


@pytest.mark.parametrize(
    ("connector", "state", "stays"),
    [
        (1, ConnectorState.FAULTED, False),
        (0, ConnectorState.UNAVAILABLE, False),
        (2, ConnectorState.FAULTED, True),
        (1, ConnectorState.RESERVED, True),
    ],
)
async def test_a_connector_out_of_service_keeps_nothing(
    db: Db, connector: int, state: ConnectorState, stays: bool
) -> None:
    await build(db)
    made = await active(db)
    async with db.begin() as tx:
        await booking.connector_changed(
            tx, ConnectorChanged(station_id=ID, received_at=NOW, connector=connector, state=state)
        )
    assert ((await seen(db, made.id)).status is ReservationStatus.ACTIVE) is stays
