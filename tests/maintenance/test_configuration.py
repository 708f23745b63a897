"""A station's settings: read, wanted, brought to it, verified after a reboot, and brought back when they drift."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.maintenance.world import Network, accepted
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import Booted, CustomerPart, VariablesPart, VariableValue
from zaryad.link.orders import (
    AnyOrder,
    ChangeConfiguration,
    CustomerData,
    OrderState,
    ReadConfiguration,
    ReadVariables,
    ReportBase,
    Variable,
    WriteVariables,
)
from zaryad.maintenance.settings import change, keep, note, store
from zaryad.maintenance.settings.bring import bring, configuration, read_all, read_some, target_of
from zaryad.maintenance.settings.model import Reported, Setting, Settings, Template, TemplateId
from zaryad.platform.db import Db

RULES = Settings()
BOSS = "staff:1"


async def settings(net: Network) -> dict[str, Setting]:
    async with net.db.begin() as tx:
        return {it.key: it for it in await configuration(tx, await target_of(tx, net.id, net.now))}


async def want(net: Network, changes: dict[str, str | None]) -> int:
    async with net.db.begin() as tx:
        return len(await change.want(tx, await target_of(tx, net.id, net.now), changes, RULES, BOSS, net.now))


def tells(**keys: Any) -> Any:
    """GetConfiguration's answer: name -> (value, read-only)."""
    rows = [{"key": key, "readonly": only, "value": value} for key, (value, only) in keys.items()]

    def say(order: AnyOrder) -> tuple[OrderState, dict[str, Any]]:
        if isinstance(order, ReadConfiguration):
            asked = {key.lower() for key in order.keys}
            return OrderState.DONE, {"configurationKey": [r for r in rows if not asked or r["key"].lower() in asked]}
        return accepted(order)

    return say


async def test_a_1_6_station_is_read_and_what_it_no_longer_names_is_gone(db: Db) -> None:
    net = await Network.build(db)
    async with db.begin() as tx:
        await read_all(tx, await target_of(tx, net.id, net.now), RULES, BOSS, net.now)
    await net.answer(tells(HeartbeatInterval=("300", False), AuthorizationKey=("s3cret", False), Old=("1", True)))
    found = await settings(net)
    assert found["HeartbeatInterval"].value == "300"
    assert found["Old"].mutability == "read_only"
    assert found["AuthorizationKey"].value is None, "a secret is not kept"
    assert found["AuthorizationKey"].secret
    net.later(minutes=1)
    async with db.begin() as tx:
        await read_all(tx, await target_of(tx, net.id, net.now), RULES, BOSS, net.now)
    await net.answer(tells(HeartbeatInterval=("60", False)))
    found = await settings(net)
    assert set(found) == {"HeartbeatInterval"}
    assert found["HeartbeatInterval"].value == "60"


async def test_what_is_wanted_is_ordered_believed_and_not_ordered_again(db: Db) -> None:
    net = await Network.build(db)
    assert await want(net, {"HeartbeatInterval": "120"}) == 1
    assert (await settings(net))["HeartbeatInterval"].state == "waiting"
    async with db.begin() as tx:
        assert await bring(tx, await target_of(tx, net.id, net.now), RULES, keep.AUTHOR, net.now) == [], "under way"
    taken = await net.answer(accepted)
    assert taken == [ChangeConfiguration("HeartbeatInterval", "120")]
    found = (await settings(net))["HeartbeatInterval"]
    assert (found.state, found.value, found.wanted_by) == ("as_wanted", "120", BOSS)
    assert await want(net, {"HeartbeatInterval": None}) == 0
    assert (await settings(net))["HeartbeatInterval"].state == "free"


@pytest.mark.parametrize(
    ("status", "state"),
    [("Rejected", "refused"), ("NotSupported", "not_supported"), ("RebootRequired", "reboot_needed")],
)
async def test_what_a_station_says_to_a_change_is_shown_and_not_asked_in_vain(db: Db, status: str, state: str) -> None:
    net = await Network.build(db)
    await want(net, {"HeartbeatInterval": "120"})
    done = OrderState.DONE if status == "RebootRequired" else OrderState.REFUSED
    await net.answer(lambda _: (done, {"status": status}))
    assert (await settings(net))["HeartbeatInterval"].state == state
    async with db.begin() as tx:
        assert await bring(tx, await target_of(tx, net.id, net.now), RULES, keep.AUTHOR, net.now) == []
    assert await want(net, {"HeartbeatInterval": "120"}) == 1, "a person insists"


async def test_after_a_reboot_it_is_read_again_and_verified(db: Db) -> None:
    net = await Network.build(db)
    await want(net, {"HeartbeatInterval": "120"})
    await net.answer(lambda _: (OrderState.DONE, {"status": "RebootRequired"}))
    net.later(hours=1)
    fact = Booted(station_id=net.id, received_at=net.now, vendor="Star Charge", model="Artemis 120", firmware="1.0")
    await store_model(db, net)
    await keep.booted(db, RULES, fact)
    await keep.look_at(db, RULES, net.id, net.now, whole=False, keys="heartbeatinterval")
    assert await net.answer(tells(HeartbeatInterval=("300", False))) == [], "unknown settings are not asked by name"


async def store_model(db: Db, net: Network) -> None:
    async with db.begin() as tx:
        await store.write_model(tx, net.id, asked_at=net.now, firmware="1.0", protocol="ocpp1.6")


async def test_a_setting_that_came_back_after_a_reboot_drifts_and_is_brought_back(db: Db) -> None:
    net = await Network.build(db)
    async with db.begin() as tx:
        await read_all(tx, await target_of(tx, net.id, net.now), RULES, BOSS, net.now)
    await net.answer(tells(HeartbeatInterval=("300", False)))
    await want(net, {"HeartbeatInterval": "120"})
    await net.answer(lambda _: (OrderState.DONE, {"status": "RebootRequired"}))
    async with db.begin() as tx:
        assert await store.rebooted(tx, net.id) == ["heartbeatinterval"]
    net.later(minutes=5)
    await keep.look_at(db, RULES, net.id, net.now, whole=False, keys="heartbeatinterval")
    taken = await net.answer(tells(HeartbeatInterval=("300", False)))
    assert ReadConfiguration(("HeartbeatInterval",)) in taken
    assert (await settings(net))["HeartbeatInterval"].state in ("off", "as_wanted")
    await keep.bring_back(db, RULES, net.id, net.now)
    await net.answer(accepted)
    found = (await settings(net))["HeartbeatInterval"]
    assert (found.state, found.value) == ("as_wanted", "120")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"AuthorizationKey": "x"}, "setting_secret"),
        ({"OCPPCommCtrlr/Nothing16Has": "1"}, "setting_not_of_version"),
        ({"NumberOfConnectors": "9"}, "setting_read_only"),
        ({"HeartbeatInterval": "x" * 501}, "setting_value_invalid"),
        ({"": "1"}, "setting_key_invalid"),
    ],
)
async def test_what_no_station_could_be_told_is_refused_with_its_name(
    db: Db, changes: dict[str, str | None], code: str
) -> None:
    net = await Network.build(db)
    async with db.begin() as tx:
        await read_all(tx, await target_of(tx, net.id, net.now), RULES, BOSS, net.now)
    await net.answer(tells(NumberOfConnectors=("2", True), HeartbeatInterval=("300", False)))
    with pytest.raises(DomainError) as refused:
        await want(net, changes)
    assert refused.value.code == code
    assert await net.answer(accepted) == []


def variable(number: int, **more: Any) -> VariableValue:
    return VariableValue(variable=Variable(component="Ctrlr", name=f"V{number}"), value=str(number), **more)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_a_report_in_parts_is_whole_in_any_order_and_ends_what_it_does_not_name(
    db: Db, order: tuple[int, ...]
) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    old = VariablesPart(
        station_id=net.id, received_at=net.now, request=9, seq_no=0, last=True, variables=(variable(99),)
    )
    await note.note_variables(db, old)
    net.later(minutes=1)
    async with db.begin() as tx:
        id = await read_all(tx, await target_of(tx, net.id, net.now), RULES, BOSS, net.now)
    assert await net.answer(accepted) == [ReportBase("full")]
    number = net.asked[-1].number
    assert net.asked[-1].id == id
    for seq in (*order, order[0]):  # one comes twice
        net.later(seconds=1)
        told = tuple(variable(each) for each in (2 * seq, 2 * seq + 1))
        part = VariablesPart(
            station_id=net.id, received_at=net.now, request=number, seq_no=seq, last=seq == 2, variables=told
        )
        await note.note_variables(db, part)
    assert set(await settings(net)) == {f"Ctrlr/V{each}" for each in range(6)}
    async with db.begin() as tx:
        report = await store.report(tx, net.id, number)
    assert report is not None
    assert report["complete_at"] is not None


async def test_variables_are_written_in_messages_no_longer_than_the_station_takes(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    limit = VariableValue(
        variable=Variable(component="DeviceDataCtrlr", name="ItemsPerMessage", instance="SetVariables"),
        value="3",
        mutability="read_only",
    )
    told = (limit, *(variable(each) for each in range(8)))
    await note.note_variables(
        db, VariablesPart(station_id=net.id, received_at=net.now, request=1, seq_no=0, last=True, variables=told)
    )
    assert await want(net, {f"Ctrlr/V{each}": "77" for each in range(8)}) == 3

    def mixed(order: AnyOrder) -> tuple[OrderState, dict[str, Any]]:
        assert isinstance(order, WriteVariables)
        words = {"V0": "Rejected", "V1": "RebootRequired", "V2": "UnknownVariable"}
        results = [
            {
                "attributeStatus": words.get(it.variable.name, "Accepted"),
                "component": {"name": it.variable.component},
                "variable": {"name": it.variable.name},
            }
            for it in order.variables
        ]
        return OrderState.DONE, {"setVariableResult": results}

    taken = await net.answer(mixed)
    assert [len(it.variables) for it in taken if isinstance(it, WriteVariables)] == [3, 3, 2]
    found = await settings(net)
    states = [found[f"Ctrlr/V{each}"].state for each in range(8)]
    assert states == ["refused", "reboot_needed", "not_supported", *["as_wanted"] * 5]
    assert found["Ctrlr/V7"].value == "77"


async def test_an_older_part_does_not_overwrite_what_was_told_later(db: Db) -> None:
    net = await Network.build(db, "ocpp2.1")
    early, late = net.now, net.later(minutes=1)
    for at, value in ((late, "new"), (early, "old")):
        told = (VariableValue(variable=Variable(component="A", name="B"), value=value),)
        await note.note_variables(
            db, VariablesPart(station_id=net.id, received_at=at, request=1, seq_no=0, last=True, variables=told)
        )
    assert (await settings(net))["A/B"].value == "new"


async def test_a_read_of_some_variables_updates_their_values_alone(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    await note.note_variables(
        db,
        VariablesPart(
            station_id=net.id, received_at=net.now, request=1, seq_no=0, last=True, variables=(variable(1, unit="s"),)
        ),
    )
    net.later(minutes=1)
    async with db.begin() as tx:
        await read_some(tx, await target_of(tx, net.id, net.now), RULES, ["Ctrlr/V1"], BOSS, net.now)
    result = {
        "attributeStatus": "Accepted",
        "attributeValue": "5",
        "component": {"name": "Ctrlr"},
        "variable": {"name": "V1"},
    }
    taken = await net.answer(lambda _: (OrderState.DONE, {"getVariableResult": [result, {"component": 1}, 7]}))
    assert isinstance(taken[0], ReadVariables)
    found = (await settings(net))["Ctrlr/V1"]
    assert (found.value, found.unit) == ("5", "s")


def template(**more: Any) -> Template:
    values: dict[str, Any] = {"id": TemplateId(new_id()), "name": "All", "settings": {"HeartbeatInterval": "180"}}
    return Template(**(values | more))


async def test_templates_fit_by_pattern_and_the_more_exact_wins(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1", vendor="Star Charge")
    async with db.begin() as tx:
        for it in (
            template(),
            template(name="Star", vendor="star*", settings={"HeartbeatInterval": "60", "VendorsOwn": "1"}),
            template(name="Other", vendor="ABB", settings={"HeartbeatInterval": "1"}, priority=9),
        ):
            await change.put_template(tx, it, BOSS, net.now, version=None)
    await keep.bring_back(db, RULES, net.id, net.now)
    taken = await net.answer(lambda _: None)
    assert len(taken) == 1
    assert isinstance(taken[0], WriteVariables)
    [only] = taken[0].variables
    assert (only.variable.component, only.variable.name, only.value) == ("OCPPCommCtrlr", "HeartbeatInterval", "60")


async def test_a_template_is_changed_only_by_whom_has_seen_its_last_version(db: Db) -> None:
    net = await Network.build(db)
    it = template()
    async with db.begin() as tx:
        first = await change.put_template(tx, it, BOSS, net.now, version=None)
        await change.put_template(tx, it, BOSS, net.now, version=first.version)
    for version in (None, 1):
        async with db.begin() as tx:
            with pytest.raises(DomainError, match="template_changed_meanwhile"):
                await change.put_template(tx, it, BOSS, net.now, version=version)
    async with db.begin() as tx:
        with pytest.raises(DomainError, match="template_name_taken"):
            await change.put_template(tx, template(), BOSS, net.now, version=None)


async def test_stations_are_read_again_now_and_then_a_few_at_a_time(db: Db) -> None:
    net = await Network.build(db)
    assert await keep.sweep(db, RULES, net.now) == 1
    assert await keep.sweep(db, RULES, net.now) == 0, "asked a moment ago"
    net.later(hours=RULES.read_again_after_h + 1)
    assert await keep.sweep(db, RULES, net.now) == 0, "it is not connected any more"
    await net.connect()
    assert await keep.sweep(db, RULES, net.now) == 1


async def test_what_is_told_of_a_customer_is_put_together_and_forgotten(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    async with db.begin() as tx:
        id = orders.OrderId(new_id())
        order = CustomerData(report=True, clear=False, token="CARD", token_kind="rfid")
        await orders.place(tx, id, net.id, order, author=BOSS, now=net.now, before=net.later(minutes=5))
    for seq, text in ((1, "world"), (0, "hello "), (1, "world")):
        await note.note_customer(
            db, CustomerPart(station_id=net.id, received_at=net.now, request=4, seq_no=seq, last=seq == 1, text=text)
        )
    async with db.begin() as tx:
        report = await store.report(tx, net.id, 4)
        assert report is not None
        assert (report["texts"], report["complete_at"]) == ({"0": "hello ", "1": "world"}, net.now)
    await keep.sweep(db, RULES, net.later(days=31))
    async with db.begin() as tx:
        assert await store.report(tx, net.id, 4) is None


async def test_a_station_that_invents_settings_without_end_fills_no_table(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    told = [Reported(key=f"A/V{each}", value="1", reported_at=net.now) for each in range(50)]
    async with db.begin() as tx:
        assert await store.write_reported(tx, net.id, told[:20], most=30, whole=True) == 20
        assert await store.write_reported(tx, net.id, told, most=30, whole=True) == 30
        assert len(await store.reported(tx, net.id)) == 30
