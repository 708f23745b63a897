"""What a token in a report is answered, and what becomes of a session whose token is told after it began."""

from __future__ import annotations

import msgspec

from zaryad.charging import store as sessions
from zaryad.charging.authorize import ACCEPTED, REFUSED, currency_at, judge_card
from zaryad.charging.begin import Begun, How, judge, payer
from zaryad.charging.give_up import fail
from zaryad.charging.model import EndReason, Session, SessionId, Settings, State, same_token
from zaryad.charging.transaction import store
from zaryad.charging.transaction.sequence import Known, Story
from zaryad.charging.transaction.store import Reported
from zaryad.link import orders
from zaryad.link.answers import TokenStatus, TokenVerdict
from zaryad.link.facts import ChargingBegan, StationId, TransactionReported
from zaryad.link.orders import StartCharging
from zaryad.platform.db import Tx


async def ordered_as(tx: Tx, station_id: StationId, story: Story) -> Session | None:
    """Return the session that the transaction was ordered for: by the order's number, else by its token."""
    if story.remote_start is not None:
        placed = await orders.numbered(tx, station_id, story.remote_start)
        if placed is not None and isinstance(placed.order, StartCharging):
            session = await sessions.find(tx, SessionId(placed.id))
            if session is not None:
                return session
    if story.token is None:
        return None
    return await sessions.by_token(tx, station_id, same_token(story.token.token), lock=False)


async def answer(
    tx: Tx, rules: Settings, fact: TransactionReported, row: Reported, ordered: Session | None
) -> TokenVerdict | None:
    """Judge the token that came with an event. The one that the session is billed by was judged with the session.

    History is not told of other sessions of the same driver: they are no reason to end what has ended.
    """
    if fact.token is None:
        return None
    key = same_token(fact.token)
    own = key != "" and row.token_key == key  # 2.x has a token that says there is none
    if own and row.session_id is not None:
        return TokenVerdict(TokenStatus(row.token_status), row.token_expires_at, row.token_group)
    if ordered is not None and ordered.token == key:
        return ACCEPTED if ordered.state.live else REFUSED
    currency = await currency_at(tx, fact.station_id, fact.received_at)
    judged = await judge_card(tx, rules, key, currency, fact.received_at)
    verdict, stops = judged.verdict, not own and row.token_key != ""
    same_group = verdict.group is not None and verdict.group == row.token_group
    # "Concurrent" is a word for starts alone (2.x, AuthorizationStatusEnumType); a second card is there to end it.
    known = (fact.offline or stops) and verdict.status is TokenStatus.CONCURRENT and judged.answerable
    if known or (stops and same_group and row.session_id is not None):
        verdict = msgspec.structs.replace(verdict, status=TokenStatus.ACCEPTED)
    return verdict


async def judge_late(  # noqa: PLR0917  # what is judged, by what, and for which session
    tx: Tx, rules: Settings, fact: TransactionReported, row: Reported, session: Session, known: Known, story: Story
) -> tuple[Session, Reported]:
    """Give a session that began without a token the payer whom its token names, if it may charge.

    What flowed before is in its bill: whoever presents the token takes the transaction as it is. A start that was
    ordered for it elsewhere ends here, and its limit goes on with this session.
    """
    ordered = await ordered_as(tx, fact.station_id, story)
    if ordered is not None:
        ordered = await sessions.find(tx, ordered.id, lock=True)
    values: dict[str, object] = {}
    if ordered is not None and ordered.state is State.STARTING:
        await fail(tx, ordered, EndReason.OTHER, fact.received_at, session_id=str(session.id))
        values = {"limit_amount_minor": ordered.limit_amount_minor, "limit_energy_wh": ordered.limit_energy_wh}
    key = same_token(known.token)
    past = story.offline or session.state is not State.CHARGING
    it = Begun(
        fact=ChargingBegan(
            station_id=fact.station_id,
            received_at=fact.received_at,
            connector=row.connector,
            token=known.token,
            meter_start_mwh=row.meter_start_mwh,
            at=known.at,
            charge_ref=fact.charge_ref,
        ),
        key=key,
        place=None,
        at=known.at,
        believed=True,
        offline=past,
        how=How(number=row.id),
    )
    judged = await judge(tx, rules, it, ordered, session.currency)
    if session.tariff_version_id is None and judged.accepted:  # nothing is sold without a price
        judged = msgspec.structs.replace(judged, verdict=TokenVerdict(TokenStatus.BLOCKED), answerable=False)
    sole = rules.one_session_per_driver and judged.accepted and session.on_connector
    session = await sessions.update(tx, session.id, driver_id=judged.person_id, token=key, sole=sole, **values)
    session, verdict = await payer(tx, rules, it, session, judged)
    if past and verdict.status is TokenStatus.CONCURRENT:
        verdict = msgspec.structs.replace(verdict, status=TokenStatus.ACCEPTED)
    row = await store.update_row(
        tx,
        row,
        token=known.token[:36].replace("\0", ""),
        token_key=key,
        token_status=verdict.status.value,
        token_expires_at=verdict.expires_at,
        token_group=verdict.group,
    )
    await sessions.note(tx, session.id, "token_known", fact.received_at, verdict=verdict.status.value)
    return session, row
