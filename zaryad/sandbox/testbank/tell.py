"""The bank tells its merchant: a notice is a row, sent until the merchant answers 2xx, and outlives a restart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec
import structlog

from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db, Tx
from zaryad.platform.outbound import Accepted, Limits, Site
from zaryad.sandbox.testbank import store
from zaryad.sandbox.testbank.model import BankPayment, Settings, Telling
from zaryad.sandbox.testbank.signing import notice_headers

log = structlog.get_logger()

AGAIN_S = (1, 2, 5, 10, 30, 60, 300, 900, 3600)
ATTEMPTS_MAX = 30
LEASE = dt.timedelta(seconds=30)
TOLD_LATE = dt.timedelta(seconds=60)


async def tell(tx: Tx, payment: BankPayment, now: dt.datetime) -> None:
    """Write down the notice of what the payment has become."""
    if payment.telling is Telling.NONE:
        return
    body = msgspec.json.encode({"event": str(new_id()), "at": now, "payment": shown(payment, "")})
    due_at = now + TOLD_LATE if payment.telling is Telling.LATE else now
    for _ in range(2 if payment.telling is Telling.TWICE else 1):
        await store.insert_notice(tx, new_id(), payment.notify_url, body, due_at)


def shown(payment: BankPayment, public_url: str) -> dict[str, object]:
    """Make the bank's public form of a payment."""
    return {
        "id": payment.id,
        "order": payment.order,
        "state": payment.state.value,
        "amount": payment.amount_minor,
        "currency": payment.currency,
        "paid": payment.paid_minor,
        "refunded": payment.refunded_minor,
        "page_url": f"{public_url.rstrip('/')}/pay/{payment.token}",
    }


class Teller:
    """Sends what is due. Only to configured origins: a merchant cannot make the bank call anyone else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        limits = Limits(connect_s=3, total_s=10, body_bytes=4096)
        self._sites: Mapping[str, Site] = {_origin(url): Site(url, limits) for url in settings.notify_origins}

    async def send_due(self, db: Db, now: dt.datetime) -> int:
        """Send what is due at `now`; return how many notices were tried."""
        async with db.begin() as tx:
            due = await store.take_notices(tx, now, now + LEASE)
        for row in due:
            status = await self._send(row, now)
            told = status is not None and 200 <= status < 300
            over = told or row.attempts >= ATTEMPTS_MAX
            again = now + dt.timedelta(seconds=AGAIN_S[min(row.attempts, len(AGAIN_S)) - 1])
            async with db.begin() as tx:
                await store.end_attempt(tx, row.id, status, None if over else again)
        return len(due)

    async def close(self) -> None:
        """Close connections."""
        for site in self._sites.values():
            await site.close()

    async def _send(self, row: store.NoticeRow, now: dt.datetime) -> int | None:
        site = self._sites.get(_origin(row.url))
        if site is None:
            log.error("testbank.notice_to_foreign_host")
            return None
        headers = notice_headers(self._settings, row.body, now=now)
        outcome = await site.call(
            "POST", urlsplit(row.url).path, what="testbank.notice", headers=headers, body=row.body
        )
        return outcome.value.status if isinstance(outcome, Accepted) else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
