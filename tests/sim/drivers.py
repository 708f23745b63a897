"""People with cars: they top up, plug in, start by phone or card with every kind of limit, stop, and drive away.

Ids are theirs, as a phone makes them; what a phone repeats for want of an answer is repeated here too.
"""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from tests.sim.platform import Platform
from tests.sim.site import Site
from tests.sim.world import World
from zaryad import accounts, charging, wallet
from zaryad.accounts import IdToken, PersonId
from zaryad.charging import Limit, SessionId
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import derived_id
from zaryad.kernel.money import Money
from zaryad.link.facts import StationId
from zaryad.sandbox.model import PlugIn, PresentCard, SetMood, Unplug
from zaryad.wallet import Posting, Transfer, TransferId

CURRENCY = "KGS"


class Driver:
    def __init__(self, world: World, platform: Platform, sites: list[Site], number: int, counts: Counter[str]) -> None:
        self.world = world
        self.platform = platform
        self.sites = sites
        self.name = f"driver {number}"
        self.number = number
        self.counts = counts
        self.card = f"CARD{number:04d}" if number % 2 else None
        self.person: PersonId | None = None
        self.going_home = False

    async def register(self) -> None:
        now = self.world.now()
        async with self.platform.db.begin() as tx:
            person = await accounts.ensure_by_phone(tx, f"+99655500{self.number:04d}", "ru", now)
            if self.card is not None:
                await accounts.put_token(tx, IdToken(token=self.card, person_id=person.id), now)
        self.person = person.id
        self.world.after(self.world.random.uniform(0, 4 * 3_600), self.visit)

    async def visit(self) -> None:
        """Charge once, and come again hours later."""
        if self.going_home:
            return
        random = self.world.random
        self.world.after(random.uniform(2, 9) * 3_600, self.visit)
        await self._top_up()
        place = self._free_place()
        if place is None:
            self.counts["no free connector"] += 1
            return
        site, number = place
        if random.random() < 0.05:  # asks from the sofa, and never comes
            await self._start(site, number)
            return
        car = PlugIn(
            connector=number, capacity_kwh=random.choice((40, 60, 77, 100)), soc_percent=random.randint(5, 90),
            full_at_percent=random.choice((80, 90, 100)), dc_kw=random.choice((50, 100, 150)),
            ac_kw=random.choice((7, 11, 22)), takes_power=random.random() > 0.03,
        )  # fmt: skip
        if not site.do(car):
            return
        self.world.after(random.uniform(600, 9_000), lambda: self._leave(site, number))
        if self.card is not None and random.random() < 0.6:
            self.counts["cards"] += 1
            site.do(PresentCard(token=self._shown_card(), connector=number))
        else:
            await self._start(site, number)

    def _free_place(self) -> tuple[Site, int] | None:
        for _ in range(6):
            site = self.world.random.choice(self.sites)
            number = self.world.random.choice(list(site.station.outlets))
            if site.station.outlets[number].memory.car is None and site.station.powered:
                return site, number
        return None

    def _shown_card(self) -> str:
        assert self.card is not None
        chance = self.world.random.random()
        return "STRANGER" if chance < 0.05 else self.card.lower() if chance < 0.3 else self.card

    async def _top_up(self) -> None:
        assert self.person is not None
        random, now = self.world.random, self.world.now()
        amount, id = random.choice((50_000, 100_000, 200_000)), TransferId(UUID(int=random.getrandbits(128)))
        async with self.platform.db.begin() as tx:
            purse = await wallet.ensure_wallet(tx, self.person, CURRENCY, now)
            poor = (await wallet.standing(tx, purse)).posted.minor < 30_000
        if not poor:
            return
        for _ in range(2 if random.random() < 0.2 else 1):  # providers tell twice
            async with self.platform.db.begin() as tx:
                bank = await wallet.system_account(tx, "clearing", "sim", CURRENCY, now)
                paid = Posting(bank, purse, Money(amount, CURRENCY))
                await wallet.post(tx, Transfer(id, "top_up", (paid,)), now)
        async with self.platform.db.begin() as tx:
            if await wallet.debt(tx, self.person, CURRENCY):
                await wallet.pay_debt(tx, self.person, CURRENCY, TransferId(derived_id("sim", "debt", id)), now)
        self.counts["top-ups"] += 1

    def _limit(self) -> Limit:
        random = self.world.random
        match random.randrange(3):
            case 0:
                return Limit()
            case 1:
                return Limit(amount_minor=random.choice((5_000, 20_000, 50_000)))
            case _:
                return Limit(energy_wh=random.choice((1_000, 8_000, 30_000)))

    async def _start(self, site: Site, number: int) -> None:
        assert self.person is not None
        id, limit = SessionId(UUID(int=self.world.random.getrandbits(128), version=4)), self._limit()
        times = 2 if self.world.chance(0.15) else 1
        for _ in range(times):
            try:
                await charging.start(
                    self.platform.db,
                    self.platform.rules,
                    id,
                    self.person,
                    StationId(site.model.id),
                    number,
                    limit,
                    self.world.now(),
                )
            except DomainError as error:
                self.counts[error.code] += 1
                self.world.tell(self.name, f"may not: {error.code}")
                return
        self.counts["started"] += 1
        self.platform.look_for_jobs()
        if self.world.chance(0.4):
            self.world.after(self.world.random.uniform(5, 5_000), lambda: self._stop(id))

    async def _stop(self, id: SessionId) -> None:
        self.counts["stopped"] += 1
        await charging.stop(self.platform.db, id, f"driver:{self.person}", self.world.now(), self.platform.rules)
        self.platform.look_for_jobs()

    def _leave(self, site: Site, number: int) -> None:
        if self.world.chance(0.1):
            site.do(SetMood(connector=number, takes_power=False))
        if self.card is not None and self.world.chance(0.2):
            site.do(PresentCard(token=self.card, connector=number))
        self.world.after(self.world.random.uniform(5, 120), lambda: site.do(Unplug(connector=number)))
