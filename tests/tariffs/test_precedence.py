"""Which tariff of several: contract, group, connector, station, location, network; and each "no" has its reason."""

import datetime as dt
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.tariffs.samples import element
from zaryad import tariffs
from zaryad.kernel.ids import derived_id, new_id
from zaryad.platform.db import Db
from zaryad.tariffs import Assignment, Element, Scope, Tariff, TariffId, TariffVersion, TariffVersionId, Where, Why
from zaryad.tariffs.assigned import holidays_of, store
from zaryad.tariffs.assigned.store import Day, Member
from zaryad.tariffs.precedence import InForce, pick

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
STRONGEST_FIRST = list(Scope)


def _tariff(name: str) -> TariffId:
    return TariffId(derived_id("tariff", name))


def _known(*names: str, currency: str = "KGS") -> dict[TariffId, InForce]:
    return {_tariff(name): InForce(currency, TariffVersionId(derived_id("v", name))) for name in names}


def _assigned(kind: Scope, name: str, **more: object) -> Assignment:
    id = derived_id("assignment", kind.value, name)
    return Assignment(kind=kind, scope="x", tariff_id=_tariff(name), id=id, **more)  # type: ignore[arg-type]  # shorthand


@given(st.permutations(STRONGEST_FIRST), st.sets(st.sampled_from(STRONGEST_FIRST), min_size=1))
def test_the_nearer_goes_first_in_any_order_of_rows(order: list[Scope], there: set[Scope]) -> None:
    rows = [_assigned(kind, kind.value) for kind in order if kind in there]
    choice = pick(rows, "KGS", NOW, _known(*(kind.value for kind in there)))
    expected = [kind for kind in STRONGEST_FIRST if kind in there]
    assert [candidate.assignment.kind for candidate in choice.candidates] == expected
    assert choice.chosen is not None
    assert choice.chosen.kind is expected[0]
    assert [candidate.why for candidate in choice.candidates] == [Why.CHOSEN] + [Why.OUTRANKED] * (len(expected) - 1)


def test_every_candidate_that_is_not_chosen_has_a_reason() -> None:
    rows = [
        _assigned(Scope.CONTRACT, "later", valid_from=NOW + HOUR),
        _assigned(Scope.CONTRACT, "past", valid_from=NOW - 2 * HOUR, valid_to=NOW),
        _assigned(Scope.GROUP, "rubles"),
        _assigned(Scope.GROUP, "empty"),
        _assigned(Scope.STATION, "first", priority=5, valid_from=NOW - HOUR),
        _assigned(Scope.STATION, "second", priority=5, valid_from=NOW - 2 * HOUR),
        _assigned(Scope.STATION, "third", priority=1, valid_from=NOW),
        Assignment(kind=Scope.NETWORK, scope="KGS", tariff_id=_tariff("default")),
    ]
    known = _known("later", "past", "first", "second", "third", "default") | _known("rubles", currency="RUB")
    known[_tariff("empty")] = InForce("KGS", None)
    choice = pick(rows, "KGS", NOW, known)
    whys = {candidate.assignment.tariff_id: candidate.why for candidate in choice.candidates}
    assert [whys[row.tariff_id] for row in rows] == [
        Why.NOT_YET,
        Why.OVER,
        Why.OTHER_CURRENCY,
        Why.NO_VERSION,
        Why.CHOSEN,
        Why.OLDER,
        Why.LOWER_PRIORITY,
        Why.OUTRANKED,
    ]
    assert choice.version_id == derived_id("v", "first")


async def _publish(db: Db, per_kwh: str, *, default: bool = False, elements: tuple[Element, ...] = ()) -> TariffVersion:
    id = TariffId(new_id())
    async with db.begin() as tx:
        await tariffs.name_tariff(tx, Tariff(id=id, names={"en": per_kwh}, currency="KGS", network_default=default))
        prices = elements or (element(per_kwh=per_kwh),)
        return await tariffs.publish(tx, id, 1, prices, valid_from=None, now=NOW)


async def _assign(db: Db, kind: Scope, scope: str, tariff_id: UUID, **more: object) -> None:
    it = Assignment(kind=kind, scope=scope, tariff_id=TariffId(tariff_id), id=new_id(), valid_from=NOW, **more)  # type: ignore[arg-type]  # shorthand
    async with db.begin() as tx:
        await store.put(tx, it, "staff:test")


async def test_assignments_in_the_database_go_before_what_connectors_and_the_network_name(db: Db) -> None:
    network, own, station, group, contract = [
        await _publish(db, price, default=price == "10") for price in ("10", "11", "12", "13", "14")
    ]
    driver, other, place = new_id(), new_id(), new_id()
    await _assign(db, Scope.STATION, "BOX", station.tariff_id)
    await _assign(db, Scope.LOCATION, str(place), network.tariff_id)
    await _assign(db, Scope.GROUP, "staff", group.tariff_id)
    await _assign(db, Scope.CONTRACT, "taxi", contract.tariff_id)
    async with db.begin() as tx:
        for name in ("staff", "guests"):
            await store.put_member(tx, Member(person_id=driver, kind="group", name=name, valid_from=NOW))
        taxi = Member(person_id=driver, kind="contract", name="taxi", valid_from=NOW, valid_to=NOW + HOUR)
        await store.put_member(tx, taxi)

    def where(tariff: UUID | None = None, person: UUID | None = None, box: str = "BOX") -> Where:
        return Where(currency="KGS", tariff_id=tariff, station_id=box, connector=1, location_id=place, person_id=person)

    asked = [
        where(person=driver),
        where(person=other),
        where(own.tariff_id, other),
        where(box="OTHER"),
        Where(currency="RUB"),
    ]
    async with db.begin() as tx:
        found = await tariffs.quotes(tx, asked, NOW)
        later = await tariffs.quotes(tx, asked[:1], NOW + HOUR)
        one = await tariffs.quote(tx, own.tariff_id, "KGS", NOW, where=where(own.tariff_id, driver))
    assert found == [contract, station, own, network, None]
    assert later == [group]
    assert one == contract


async def test_the_networks_calendar_has_the_last_word_over_the_countrys(db: Db) -> None:
    new_year, march = dt.date(2027, 1, 1), dt.date(2027, 3, 8)
    async with db.begin() as tx:
        await store.put_day(tx, Day(calendar="KG", day=new_year))
        await store.put_day(tx, Day(calendar="KG", day=march))
        await store.put_day(tx, Day(calendar="RU", day=dt.date(2027, 1, 2)))
        await store.put_day(tx, Day(calendar="network", day=march, holiday=False))
        await store.put_day(tx, Day(calendar="network", day=dt.date(2027, 1, 3)))
        found = await holidays_of(tx, "Asia/Bishkek", dt.date(2026, 12, 1), dt.date(2027, 4, 1))
        moscow = await holidays_of(tx, "Europe/Moscow", new_year, new_year + dt.timedelta(days=1))
    assert found == {new_year, dt.date(2027, 1, 3)}
    assert moscow == {dt.date(2027, 1, 2)}


async def test_what_a_version_is_judged_by_is_read_only_where_it_asks(db: Db) -> None:
    simple = await _publish(db, "10")
    asking = await _publish(db, "0", elements=(element(per_kwh="1", holiday=True), element(per_kwh="2")))
    driver = new_id()
    async with db.begin() as tx:
        await store.put_day(tx, Day(calendar="KG", day=dt.date(2026, 11, 22)))
        await store.put_member(tx, Member(person_id=driver, kind="group", name="staff", valid_from=NOW))
        both = [
            await tariffs.about_for(
                tx, it, timezone="Asia/Bishkek", at=NOW, connector="ccs2", plate_w=60_000, person_id=driver
            )
            for it in (simple, asking)
        ]
    assert both == [
        tariffs.NOTHING,
        tariffs.About("ccs2", 60_000, frozenset({"staff"}), None, frozenset({dt.date(2026, 11, 22)})),
    ]
