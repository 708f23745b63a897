"""May this token charge here? A card, or the token we gave a station with an order.

With the database down nobody is told "yes": the exception becomes a CALLERROR, and the station asks again.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad import accounts, certificates, stations, wallet
from zaryad.accounts import PersonId
from zaryad.charging import store
from zaryad.charging.model import Session, Settings, same_token
from zaryad.link.answers import TokenStatus, TokenVerdict
from zaryad.link.facts import StationId, TokenPresented
from zaryad.platform.db import Db, Tx

REFUSED = TokenVerdict(TokenStatus.INVALID)
ACCEPTED = TokenVerdict(TokenStatus.ACCEPTED)


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict, and what stands behind it."""

    verdict: TokenVerdict
    person_id: PersonId | None = None
    answerable: bool = False  # a person in good standing, even if there is no money now
    available_minor: int = 0
    running: Session | None = None  # the person's other session

    @property
    def accepted(self) -> bool:
        """Whether charging may begin."""
        return self.verdict.status is TokenStatus.ACCEPTED


async def authorize(
    db: Db, rules: Settings, fact: TokenPresented, *, contracts: certificates.ContractJudge | None = None
) -> TokenVerdict:
    """Answer Authorize. A driver who charges already is accepted: the tap may mean "stop".

    A contract certificate that comes with the token (Plug & Charge) is judged first, outside of any transaction.
    """
    if fact.contract is None:
        return await _of_token(db, rules, fact)
    proof = certificates.Proof.BROKEN
    if contracts is not None:
        proof = (await contracts.judge(db, fact.contract, fact.token, fact.received_at)).proof
    verdict = await _of_token(db, rules, fact) if proof is certificates.Proof.GOOD else REFUSED
    return certificates.told(proof, verdict)


async def _of_token(db: Db, rules: Settings, fact: TokenPresented) -> TokenVerdict:
    key = same_token(fact.token)
    async with db.begin() as tx:
        ordered = await store.by_token(tx, fact.station_id, key, lock=False)
        if ordered is not None:
            return ACCEPTED if ordered.state.live else REFUSED
        currency = await currency_at(tx, fact.station_id, fact.received_at)
        judged = await judge_card(tx, rules, key, currency, fact.received_at)
    if judged.running is not None and judged.answerable:
        return msgspec.structs.replace(judged.verdict, status=TokenStatus.ACCEPTED)
    return judged.verdict


async def judge_card(tx: Tx, rules: Settings, token: str, currency: str, at: dt.datetime) -> Judged:
    """Judge a card for a start at the moment `at`."""
    card = await accounts.find_token(tx, token)
    if card is None or card.person_id is None:
        return Judged(verdict=REFUSED)
    told = TokenVerdict(TokenStatus.ACCEPTED, card.expires_at, card.group)
    if card.status != "active":
        return Judged(verdict=msgspec.structs.replace(told, status=TokenStatus.BLOCKED), person_id=card.person_id)
    if card.expires_at is not None and card.expires_at <= at:
        return Judged(verdict=msgspec.structs.replace(told, status=TokenStatus.EXPIRED), person_id=card.person_id)
    return await judge_person(tx, rules, card.person_id, currency, told)


async def judge_person(
    tx: Tx, rules: Settings, person_id: PersonId, currency: str, told: TokenVerdict = ACCEPTED
) -> Judged:
    """Judge a person for an unordered start: active, without debt, with money, and not charging elsewhere."""
    blocked = msgspec.structs.replace(told, status=TokenStatus.BLOCKED)
    person = await accounts.find(tx, person_id)
    if person is None or person.status != "active":
        return Judged(verdict=blocked, person_id=person_id)
    running = await store.live_of_driver(tx, person_id) if rules.one_session_per_driver else None
    account = await wallet.ensure_wallet(tx, person_id, currency, person.created_at)
    available = (await wallet.standing(tx, account)).available.minor
    if running is not None:
        verdict = msgspec.structs.replace(told, status=TokenStatus.CONCURRENT)
    elif hold_of_balance(rules, available) < rules.money_min_minor or await wallet.debt(tx, person_id, currency):
        verdict = msgspec.structs.replace(told, status=TokenStatus.NO_CREDIT)
    else:
        verdict = told
    return Judged(verdict=verdict, person_id=person_id, answerable=True, available_minor=available, running=running)


def hold_of_balance(rules: Settings, available_minor: int) -> int:
    """Return what is set aside where no sum was named."""
    return min(available_minor * rules.hold_percent_of_balance // 100, rules.hold_max_minor)


async def currency_at(tx: Tx, station_id: StationId, now: dt.datetime) -> str:
    """Return the currency of the station's location; XXX (none) for a station we do not know."""
    station = await stations.find_station(tx, station_id, now)
    return "XXX" if station is None else (await stations.location(tx, station.location_id)).currency
