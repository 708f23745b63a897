"""Updates and campaigns: what a boot proves, and a campaign that stops itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.maintenance.test_files import RULES as FILES
from tests.maintenance.test_files import kept
from tests.maintenance.world import CONFIG, Network
from tests.stations.network import NOW, PLACE, build
from zaryad import stations
from zaryad.app import wiring
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import Booted, FirmwareReported, StationId
from zaryad.link.orders import OrderState, UpdateFirmware
from zaryad.maintenance.campaigns import run
from zaryad.maintenance.campaigns import store as campaign_store
from zaryad.maintenance.campaigns.model import Campaign, CampaignId, Counts, Plan
from zaryad.maintenance.firmware import store, update
from zaryad.maintenance.firmware.model import Firmware, FirmwareId, Settings, Update, UpdateId
from zaryad.ocpp.gateway import end_order
from zaryad.platform.db import Db

RULES = Settings()
BOSS = "staff:1"
DONE = (OrderState.DONE, {"status": "Accepted"})


async def firmware(db: Db, version: str = "2.0", **more: Any) -> Firmware:
    file = await kept(db, b"firmware " * 1_000, NOW)
    values: dict[str, Any] = {"vendor": "Star*", "model": "*", "version": version}
    it = Firmware(id=FirmwareId(new_id()), file_id=file.id, at=NOW, **(values | more))
    async with db.begin() as tx:
        return await update.bring_firmware(tx, it)


async def ordered(net: Network, it: Firmware) -> UpdateId:
    id = UpdateId(new_id())
    async with net.db.begin() as tx:
        await update.update(tx, RULES, FILES, id, net.id, it.id, BOSS, net.now)
    return id


async def state(db: Db, id: UpdateId) -> Update:
    async with db.begin() as tx:
        found = await store.update(tx, id)
    assert found is not None
    return found


async def said(net: Network, word: str, request: int | None = None) -> None:
    async with net.db.begin() as tx:
        fact = FirmwareReported(station_id=net.id, received_at=net.later(seconds=5), status=word, request=request)
        await update.note_firmware(tx, fact)


async def boots(net: Network, version: str) -> None:
    fact = Booted(
        station_id=net.id, received_at=net.later(seconds=5), vendor="Star Charge", model="A", firmware=version
    )
    async with net.db.begin() as tx:
        await update.booted(tx, fact)
    await net.boot(firmware=version)


async def test_an_update_is_verified_by_the_boot_that_has_the_new_version(db: Db) -> None:
    net = await Network.build(db)
    id = await ordered(net, await firmware(db))
    [order] = await net.answer(lambda _: (OrderState.DONE, {}))
    assert isinstance(order, UpdateFirmware)
    assert order.url.startswith("http://files.test/files/")
    for word in ("Downloading", "Downloaded", "Downloading", "Idle", "Installing", "Installed"):
        await said(net, word)
    assert (await state(db, id)).state == "installed"
    await boots(net, "2.0")
    it = await state(db, id)
    assert (it.state, it.from_version) == ("verified", "1.0")
    assert [word for _, word in it.steps] == [
        "Downloading", "Downloaded", "Downloading", "Installing", "Installed", "boot 2.0",
    ]  # fmt: skip
    await said(net, "InstallationFailed")
    assert (await state(db, id)).state == "verified", "it is over"


@pytest.mark.parametrize(
    ("words", "boot", "ends"),
    [
        (["DownloadFailed"], None, ("failed", "DownloadFailed")),
        (["InvalidSignature"], None, ("failed", "InvalidSignature")),
        (["Downloaded", "Installed"], "1.0", ("failed", "old_version_again")),
        (["Downloaded", "InstallRebooting"], "1.0", ("rebooting", None)),
        ([], "2.0", ("verified", None)),
        (["InstallationFailed"], "2.0", ("verified", None)),
        (["InstallRebooting"], "3.0-other", ("rebooting", None)),
    ],
)
async def test_what_counts_is_what_it_boots_with(
    db: Db, words: list[str], boot: str | None, ends: tuple[str, str | None]
) -> None:
    net = await Network.build(db)
    id = await ordered(net, await firmware(db))
    await net.answer(lambda _: DONE)
    for word in words:
        await said(net, word)
    if boot is not None:
        await boots(net, boot)
    it = await state(db, id)
    assert (it.state, it.why) == ends


async def test_words_with_a_number_are_of_that_update_alone(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    first = await ordered(net, await firmware(db))
    await net.answer(lambda _: DONE)
    number = net.asked[-1].number
    await said(net, "DownloadFailed", request=number)
    second = await ordered(net, await firmware(db, "2.1"))
    await net.answer(lambda _: DONE)
    await said(net, "Installed", request=number)
    assert (await state(db, first)).state == "failed"
    assert (await state(db, second)).state == "accepted"


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ((OrderState.REFUSED, {"status": "Rejected"}), ("refused", "Rejected")),
        ((OrderState.NOT_SUPPORTED, {"error": "NotSupported"}), ("refused", "NotSupported")),
        ((OrderState.EXPIRED, {"why": "not connected"}), ("expired", "not connected")),
    ],
)
async def test_a_station_that_will_not_or_does_not_answer_is_free_for_another_try(
    db: Db, answer: tuple[OrderState, dict[str, object]], ends: tuple[str, str]
) -> None:
    net = await Network.build(db)
    it = await firmware(db)
    id = await ordered(net, it)
    with pytest.raises(DomainError, match="update_under_way"):
        await ordered(net, it)
    await net.answer(lambda _: answer)
    found = await state(db, id)
    assert (found.state, found.why) == ends
    await ordered(net, it)


async def test_what_is_not_for_this_make_or_withdrawn_is_not_ordered(db: Db) -> None:
    net = await Network.build(db)
    with pytest.raises(DomainError, match="firmware_not_for_this"):
        await ordered(net, await firmware(db, vendor="ABB"))
    it = await firmware(db)
    async with db.begin() as tx:
        await store.withdraw(tx, it.id)
    with pytest.raises(DomainError, match="firmware_withdrawn"):
        await ordered(net, it)
    with pytest.raises(DomainError, match="firmware_invalid"):
        await firmware(db, signature="abc")


async def test_an_update_that_goes_silent_ends(db: Db) -> None:
    net = await Network.build(db)
    id = await ordered(net, await firmware(db))
    await net.answer(lambda _: DONE)
    await said(net, "Installed")
    assert await update.sweep(db, RULES, net.later(minutes=29)) == 0
    assert await update.sweep(db, RULES, net.later(minutes=2)) == 1
    assert ((await state(db, id)).state, (await state(db, id)).why) == ("expired", "not_verified")


# Campaigns


class Fleet:
    """Many stations of one make; each update ends as `ends` says."""

    def __init__(self, db: Db, ids: list[StationId]) -> None:
        self.db = db
        self.ids = ids
        self.now = NOW
        self.told: list[str] = []

    @classmethod
    async def build(cls, db: Db, count: int) -> Fleet:
        ids = [StationId(f"KG-{number:03}") for number in range(count)]
        await build(db, *ids)
        it = cls(db, ids)
        await it.online()
        for id in ids:
            await it.boot(id, "1.0")
        return it

    async def online(self) -> None:
        for id in self.ids:
            async with self.db.begin() as tx:
                await stations.connected(tx, id, "node", "ocpp1.6", "10.0.0.1", self.now)

    async def boot(self, id: StationId, version: str) -> None:
        fact = Booted(station_id=id, received_at=self.now, vendor="Star Charge", model="A", firmware=version)
        async with self.db.begin() as tx:
            await update.booted(tx, fact)
        await stations.note_boot(self.db, stations.DEFAULTS, fact)

    async def step(self, id: CampaignId, *, good: bool = True, hours: int = 0) -> int:
        """Let the campaign go a step, and every station that was told end its update."""
        self.now += dt.timedelta(minutes=1, hours=hours)
        await self.online()
        ordered = await run.advance(self.db, RULES, FILES, id, self.now)
        for station in self.ids:
            async with self.db.begin() as tx:
                placed = await orders.take_next(tx, station, epoch=10**9, now=self.now)
            if placed is None or placed.id in self.told:
                continue
            self.told.append(station)
            await end_order(self.db, wiring.order_ended(CONFIG), placed, OrderState.DONE, {}, self.now)
            if good:
                await self.boot(station, "2.0")
            else:
                async with self.db.begin() as tx:
                    fact = FirmwareReported(station_id=station, received_at=self.now, status="InstallationFailed")
                    await update.note_firmware(tx, fact)
        return ordered

    async def campaign(self, plan: Plan, it: Firmware | None = None) -> CampaignId:
        id = CampaignId(new_id())
        target = it or await firmware(self.db)
        async with self.db.begin() as tx:
            await run.create(tx, id, "Spring", target, plan, BOSS, self.now)
            await run.command(tx, id, "start", self.now)
        return id

    async def look(self, id: CampaignId) -> tuple[Campaign, Counts]:
        async with self.db.begin() as tx:
            return await run.find(tx, id), await campaign_store.counts(tx, id)


ALL_DAY: dict[str, Any] = {"from_hour": 0, "to_hour": 24}


async def test_a_campaign_sends_canaries_first_and_the_rest_a_few_at_a_time(db: Db) -> None:
    fleet = await Fleet.build(db, 10)
    id = await fleet.campaign(Plan(canary_percent=20, parallel=3, **ALL_DAY))
    assert [await fleet.step(id) for _ in range(5)] == [2, 3, 3, 2, 0]
    it, have = await fleet.look(id)
    assert (it.state, have.done, sorted(fleet.told)) == ("done", 10, sorted(fleet.ids))


async def test_one_bad_canary_stops_it_and_nobody_else_is_touched(db: Db) -> None:
    fleet = await Fleet.build(db, 10)
    id = await fleet.campaign(Plan(canary_percent=10, parallel=5, **ALL_DAY))
    await fleet.step(id, good=False)
    assert [await fleet.step(id) for _ in range(3)] == [0, 0, 0]
    it, have = await fleet.look(id)
    assert (it.state, it.why, have.failed, have.waiting) == ("halted", "too_many_failed", 1, 9)
    async with db.begin() as tx:
        await run.command(tx, id, "resume", fleet.now)
    for _ in range(4):
        await fleet.step(id)
    it, have = await fleet.look(id)
    assert (it.state, have.done, have.failed) == ("done", 10, 0)


async def test_it_halts_when_too_large_a_share_has_failed_after_their_tries(db: Db) -> None:
    fleet = await Fleet.build(db, 10)
    id = await fleet.campaign(Plan(canary_percent=10, parallel=2, stop_at_percent=30, stop_after=3, tries=1, **ALL_DAY))
    await fleet.step(id)
    await fleet.step(id, good=False)
    assert await fleet.step(id) == 0
    it, have = await fleet.look(id)
    assert (it.state, have.done, have.failed, have.waiting) == ("halted", 1, 2, 7)


async def test_one_that_failed_is_tried_again_and_is_not_counted_before(db: Db) -> None:
    fleet = await Fleet.build(db, 3)
    id = await fleet.campaign(Plan(canary_percent=0, canary_least=0, parallel=1, tries=2, **ALL_DAY))
    await fleet.step(id, good=False)
    for _ in range(5):
        await fleet.step(id)
    it, have = await fleet.look(id)
    assert (it.state, have.done, have.failed) == ("done", 3, 0)
    assert len(fleet.told) == 4


async def test_it_waits_for_the_locations_own_night(db: Db) -> None:
    fleet = await Fleet.build(db, 2)  # 15:00 in Bishkek
    id = await fleet.campaign(Plan(from_hour=22, to_hour=5))
    assert await fleet.step(id) == 0
    assert await fleet.step(id, hours=6) == 0, "21:02"
    assert await fleet.step(id, hours=1) == 1, "22:03"


async def test_the_day_ends_where_it_says_and_a_night_goes_over_midnight() -> None:
    night = Plan(from_hour=22, to_hour=5)
    assert [night.open_at(NOW.replace(hour=hour)) for hour in (21, 22, 23, 0, 4, 5)] == [
        False, True, True, True, True, False,
    ]  # fmt: skip
    assert all(Plan(from_hour=0, to_hour=24).open_at(NOW.replace(hour=hour)) for hour in range(24))
    with pytest.raises(DomainError, match="campaign_plan_invalid"):
        Plan(parallel=0).check()


async def test_what_is_away_or_has_it_already_waits_or_is_left_out(db: Db) -> None:
    fleet = await Fleet.build(db, 3)
    id = await fleet.campaign(Plan(canary_percent=0, canary_least=0, parallel=9, **ALL_DAY))
    await fleet.boot(fleet.ids[0], "2.0")
    async with db.begin() as tx:
        await stations.put_station(tx, fleet.ids[1], PLACE, admin_state="disabled")
    await fleet.step(id)
    assert fleet.told == [fleet.ids[2]]
    await fleet.step(id)
    it, have = await fleet.look(id)
    assert (it.state, have.done, have.skipped) == ("done", 1, 2)


async def test_a_withdrawn_firmware_halts_its_campaign(db: Db) -> None:
    fleet = await Fleet.build(db, 3)
    bad = await firmware(db)
    id = await fleet.campaign(Plan(**ALL_DAY), bad)
    async with db.begin() as tx:
        await store.withdraw(tx, bad.id)
    assert await fleet.step(id) == 0
    assert (await fleet.look(id))[0].why == "firmware_withdrawn"


async def test_two_workers_take_one_step_once(db: Db) -> None:
    import asyncio  # noqa: PLC0415  # only here

    fleet = await Fleet.build(db, 6)
    id = await fleet.campaign(Plan(canary_percent=0, canary_least=0, parallel=2, **ALL_DAY))
    took = await asyncio.gather(*(run.advance(db, RULES, FILES, id, NOW) for _ in range(4)))
    assert sum(took) == 2


async def test_a_campaign_written_twice_is_one(db: Db) -> None:
    fleet = await Fleet.build(db, 3)
    it, id = await firmware(db), CampaignId(new_id())
    for _ in range(2):
        async with db.begin() as tx:
            await run.create(tx, id, "Spring", it, Plan(), BOSS, fleet.now)
    async with db.begin() as tx:
        with pytest.raises(DomainError, match="campaign_id_taken"):
            await run.create(tx, id, "Spring", it, Plan(parallel=9), BOSS, fleet.now)
        with pytest.raises(DomainError, match="campaign_not_now"):
            await run.command(tx, id, "pause", fleet.now)
