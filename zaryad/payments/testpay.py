r"""The test provider: signed JSON over real HTTP to the Test Bank of the sandbox, by the bank's own rules.

A call carries `x-bank-merchant`, `x-bank-time` (Unix seconds) and `x-bank-signature`: hex HMAC-SHA256 over
`METHOD\npath\ntime\nbody`. A notice carries the same two over `notice\ntime\nbody`, with another secret.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

import msgspec

from zaryad.kernel.clock import Clock
from zaryad.kernel.money import Money
from zaryad.payments.model import PaymentState, TestPayAccount
from zaryad.payments.provider import (
    Capabilities,
    Created,
    CreatePayment,
    Forged,
    Notice,
    NoticeAuth,
    PaymentRead,
    PaymentRef,
    Presentation,
    RawRequest,
    RawResponse,
    RefundRead,
    Refunds,
    RefundState,
    Ways,
)
from zaryad.platform.outbound import Accepted, Limits, Outcome, Rejected, Site, decoded, settled

T = TypeVar("T")

WORDS = {
    "waiting": PaymentState.PENDING,
    "paid": PaymentState.PAID,
    "declined": PaymentState.FAILED,
    "expired": PaymentState.EXPIRED,
    "canceled": PaymentState.CANCELED,
    "partly_refunded": PaymentState.PARTIALLY_REFUNDED,
    "refunded": PaymentState.REFUNDED,
}
REFUND_WORDS = {"processing": RefundState.PENDING, "done": RefundState.DONE, "failed": RefundState.FAILED}


class _Payment(msgspec.Struct, frozen=True):
    id: UUID
    order: str
    state: str
    amount: int
    currency: str
    paid: int
    refunded: int
    page_url: str


class _Refund(msgspec.Struct, frozen=True):
    id: UUID
    state: str
    amount: int
    currency: str


class _Refusal(msgspec.Struct, frozen=True):
    code: str


class _Told(msgspec.Struct, frozen=True):
    event: str
    payment: _Payment


class TestPay:
    """One merchant account at the Test Bank."""

    __test__ = False  # its name begins like a test's

    def __init__(
        self,
        account: TestPayAccount,
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        self._account = account
        self._site = Site(account.base_url, limits or Limits(connect_s=3, total_s=10, body_bytes=64 << 10))
        self._clock = clock

    @property
    def caps(self) -> Capabilities:
        """Sales by a page or a QR code of it, cancelled while unpaid, given back in parts; no holds."""
        return Capabilities(
            currencies=frozenset({self._account.currency}),
            presentations=frozenset({Presentation.URL, Presentation.QR}),
            refunds=Refunds.PARTIAL,
            notice_auth=NoticeAuth.HMAC,
            cancel_unpaid=True,
        )

    async def create(self, wanted: CreatePayment) -> Outcome[Created]:
        """Make the payment, or find it made."""
        body = {
            "amount": wanted.amount.minor,
            "currency": wanted.amount.currency,
            "description": wanted.description,
            "expires_at": wanted.expires_at,
            "return_url": wanted.return_url,
            "notify_url": wanted.notify_url,
        }
        outcome = await self._call("PUT", f"/v1/payments/{wanted.id}", "testpay.create", _Payment, body)
        if not isinstance(outcome, Accepted):
            return outcome
        made = outcome.value
        return Accepted(Created(external={"order": made.order}, ways=Ways(url=made.page_url, qr=made.page_url)))

    async def read(self, ref: PaymentRef) -> Outcome[PaymentRead]:
        """Ask for the truth."""
        return _read(await self._call("GET", f"/v1/payments/{ref.id}", "testpay.read", _Payment))

    async def capture(self, ref: PaymentRef, amount: Money, key: UUID) -> Outcome[PaymentRead]:  # noqa: ARG002  # the interface's
        """Refuse: this bank takes money at once."""
        return Rejected("not_supported")

    async def void(self, ref: PaymentRef, key: UUID) -> Outcome[PaymentRead]:  # noqa: ARG002  # cancelling is idempotent by the payment
        """Cancel what is unpaid."""
        return _read(await self._call("POST", f"/v1/payments/{ref.id}/cancel", "testpay.cancel", _Payment, {}))

    async def refund(self, ref: PaymentRef, amount: Money, refund_id: UUID, reason: str) -> Outcome[RefundRead]:
        """Give back all or a part."""
        body = {"amount": amount.minor, "reason": reason}
        path = f"/v1/payments/{ref.id}/refunds/{refund_id}"
        return _refund(await self._call("PUT", path, "testpay.refund", _Refund, body))

    async def read_refund(self, ref: PaymentRef, refund_id: UUID) -> Outcome[RefundRead]:
        """Ask for the truth about a refund."""
        path = f"/v1/payments/{ref.id}/refunds/{refund_id}"
        return _refund(await self._call("GET", path, "testpay.read_refund", _Refund))

    def verify_notice(self, request: RawRequest) -> Notice | Forged:
        """Believe what our notice secret signed and has a notice's shape."""
        at = request.headers.get("x-bank-time", "")
        given = request.headers.get("x-bank-signature", "")
        expected = sign(self._account.notice_secret, b"notice", at.encode(), request.body)
        if not hmac.compare_digest(expected.encode(), given.encode()):
            return Forged("signature")
        if request.headers.get("x-bank-merchant") != self._account.merchant:
            return Forged("merchant")
        try:
            told = msgspec.json.decode(request.body, type=_Told)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Forged("shape")
        evidence: dict[str, str | int | None] = {
            "order": told.payment.order,
            "amount": told.payment.amount,
            "currency": told.payment.currency,
        }
        return Notice(key=told.event[:100], payment_id=told.payment.id, word=told.payment.state, evidence=evidence)

    def ack(self, *, accepted: bool) -> RawResponse:
        """The bank wants 200 and the word OK; anything else makes it tell again."""
        return RawResponse(200, b"OK") if accepted else RawResponse(403, b"NO")

    async def close(self) -> None:
        """Close connections."""
        await self._site.close()

    async def _call(
        self, method: str, path: str, what: str, type: type[T], body: Mapping[str, object] | None = None
    ) -> Outcome[T]:
        raw = b"" if body is None else msgspec.json.encode(body)
        at = str(int(self._clock.now().timestamp()))
        headers = {
            "content-type": "application/json",
            "x-bank-merchant": self._account.merchant,
            "x-bank-time": at,
            "x-bank-signature": sign(self._account.secret, method.encode(), path.encode(), at.encode(), raw),
        }
        outcome = await self._site.call(method, path, what=what, headers=headers, body=raw or None)
        if isinstance(outcome, Accepted):
            outcome = settled(outcome.value)
        if not isinstance(outcome, Accepted):
            return outcome
        if outcome.value.status >= 400:
            refusal = decoded(outcome.value, _Refusal)
            return Rejected(refusal.value.code) if isinstance(refusal, Accepted) else refusal
        return decoded(outcome.value, type)


def sign(secret: str, *parts: bytes) -> str:
    """Return the bank's signature over the parts."""
    return hmac.new(secret.encode(), b"\n".join(parts), hashlib.sha256).hexdigest()


def _read(outcome: Outcome[_Payment]) -> Outcome[PaymentRead]:
    if not isinstance(outcome, Accepted):
        return outcome
    told = outcome.value
    return Accepted(
        PaymentRead(
            state=WORDS.get(told.state),
            word=told.state,
            amount=Money(told.amount, told.currency),
            captured_minor=told.paid,
            refunded_minor=told.refunded,
            external={"order": told.order},
        )
    )


def _refund(outcome: Outcome[_Refund]) -> Outcome[RefundRead]:
    if not isinstance(outcome, Accepted):
        return outcome
    told = outcome.value
    return Accepted(RefundRead(told.id, REFUND_WORDS.get(told.state), told.state, Money(told.amount, told.currency)))
