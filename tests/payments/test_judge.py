"""The rules of a payment's moves, without anything around them."""

import datetime as dt
from itertools import pairwise, product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.payments.world import NOW
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.payments import Payment, PaymentId, PaymentState
from zaryad.payments.judge import judge, may_move
from zaryad.payments.provider import PaymentRead
from zaryad.payments.schedule import next_check

S = PaymentState
SUM = Money(500_00, "KGS")
PAYMENT = Payment(
    id=PaymentId(new_id()),
    person_id=new_id(),
    account="test",
    amount=SUM,
    state=S.PENDING,
    uncertain=False,
    quarantine=None,
    late=False,
    error=None,
    external={},
    url=None,
    qr=None,
    app=None,
    return_url="",
    created_at=NOW,
    expires_at=NOW + dt.timedelta(minutes=30),
    paid_at=None,
    turn=0,
    next_check_at=None,
)
moments = st.integers(0, 7200).map(lambda s: NOW + dt.timedelta(seconds=s))
reads = st.builds(
    PaymentRead,
    state=st.sampled_from([None, *S]),
    word=st.just("word"),
    amount=st.sampled_from([SUM, SUM, SUM, Money(1, "KGS"), Money(500_00, "RUB")]),
    captured_minor=st.sampled_from([0, 500_00, 500_00, 1]),
)


def _read(state: PaymentState | None) -> PaymentRead:
    return PaymentRead(state=state, word="word", amount=SUM, captured_minor=500_00 if state is S.PAID else 0)


@given(st.lists(st.tuples(reads, moments), max_size=20))
def test_whatever_a_provider_says_money_is_credited_at_most_once_and_only_as_asked(
    story: list[tuple[PaymentRead, dt.datetime]],
) -> None:
    payment, credits = PAYMENT, 0
    for read, now in story:
        verdict = judge(payment, read, now)
        assert verdict.state is payment.state or may_move(payment.state, verdict.state)
        if payment.quarantine is not None:
            assert (verdict.state, verdict.credit) == (payment.state, False)
        if verdict.credit:
            credits += 1
            assert (read.amount, read.captured_minor, verdict.quarantine) == (SUM, 500_00, None)
        payment = msgspec.structs.replace(
            payment, state=verdict.state, quarantine=verdict.quarantine, late=verdict.late
        )
    assert credits == (payment.state in {S.PAID, S.PARTIALLY_REFUNDED, S.REFUNDED})


def test_no_sequence_of_moves_comes_back_to_where_it_was() -> None:
    reach = {state: {other for other in S if may_move(state, other)} for state in S}
    for _ in S:
        reach = {state: seen.union(*(reach[one] for one in seen)) for state, seen in reach.items()}
    for state in S:
        assert state not in reach[state], state


@pytest.mark.parametrize("state", [S.EXPIRED, S.CANCELED, S.FAILED, S.VOIDED])
def test_money_after_the_end_is_late_and_credited(state: PaymentState) -> None:
    verdict = judge(msgspec.structs.replace(PAYMENT, state=state), _read(S.PAID), NOW)
    assert (verdict.state, verdict.credit, verdict.late) == (S.PAID, True, True)


def test_a_word_from_the_past_changes_nothing() -> None:
    paid = msgspec.structs.replace(PAYMENT, state=S.PAID)
    for word in (S.PENDING, S.AUTHORIZED, S.EXPIRED, S.CANCELED, S.PAID):
        verdict = judge(paid, _read(word), NOW)
        assert (verdict.state, verdict.credit) == (S.PAID, False)


def test_an_unknown_word_alarms_and_changes_nothing() -> None:
    verdict = judge(PAYMENT, _read(None), NOW)
    assert (verdict.state, verdict.credit, verdict.alarm) == (S.PENDING, False, "unknown_word:word")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"amount": Money(500_01, "KGS")}, "amount_changed"),
        ({"amount": Money(500_00, "RUB")}, "currency_changed"),
        ({"captured_minor": 499_00}, "amount_changed"),
        ({"refunded_minor": 1}, "refunded_elsewhere"),
    ],
)
def test_what_is_not_as_asked_is_quarantined(change: dict[str, object], why: str) -> None:
    verdict = judge(PAYMENT, msgspec.structs.replace(_read(S.PAID), **change), NOW)
    assert (verdict.state, verdict.credit, verdict.quarantine, verdict.alarm) == (S.PENDING, False, why, why)


def test_pending_past_its_deadline_is_expired() -> None:
    for seconds, state in ((-1, S.PENDING), (0, S.EXPIRED)):
        now = PAYMENT.expires_at + dt.timedelta(seconds=seconds)
        assert judge(PAYMENT, _read(S.PENDING), now).state is state


@pytest.mark.parametrize("life_s", [0, 1, 4, 60, 301, 1800, 86400])
def test_looks_are_planned_forward_and_come_to_an_end(life_s: int) -> None:
    expires = NOW + dt.timedelta(seconds=life_s)
    looks: list[dt.datetime] = []
    while (after := next_check(NOW, expires, looks[-1] if looks else NOW)) is not None:
        looks.append(after)
        assert len(looks) < 2000
    assert all(before < after for before, after in pairwise(looks))
    hours = [0, 1, 6, 24]
    assert [(at - expires) // dt.timedelta(hours=1) for at in looks if at > expires] == hours
    if life_s == 1800:
        assert [(at - NOW).seconds for at in looks[:6]] == [3, 5, 10, 15, 30, 45]
        assert max(b - a for a, b in pairwise(looks[:-3])) <= dt.timedelta(seconds=62)  # the last is just after the end


def test_every_state_is_in_the_table() -> None:
    assert [may_move(a, b) for a, b in product(S, S)]
