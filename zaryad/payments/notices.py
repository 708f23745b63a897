"""A provider tells us something happened: believed, written down once, answered, and then the truth is read."""

from __future__ import annotations

import datetime as dt
import hmac

import structlog
from prometheus_client import Counter

from zaryad.kernel.errors import DomainError, Kind
from zaryad.payments import store
from zaryad.payments.accounts import Providers
from zaryad.payments.provider import Forged, RawRequest, RawResponse
from zaryad.platform import jobs
from zaryad.platform.db import Db

log = structlog.get_logger()

NOTICES = Counter("zaryad_payment_notices_total", "Notices from payment providers", ["provider", "account", "verdict"])
BODY_MAX = 64 << 10


async def take_notice(
    db: Db, providers: Providers, *, kind: str, name: str, secret: str, request: RawRequest, now: dt.datetime
) -> RawResponse:
    """Judge a notice and write it down before it is acknowledged; the job `payments.check` does the rest.

    NOT_FOUND `no_such_hook` for a wrong provider, account or secret, without saying which.
    """
    try:
        account = providers.choose(name)
    except DomainError:
        account = None
    expected = "" if account is None else f"{account.kind}/{account.name}/{account.hook_secret}"
    if account is None or not hmac.compare_digest(expected.encode(), f"{kind}/{name}/{secret}".encode()):
        NOTICES.labels("unknown", "unknown", "no_hook").inc()
        raise DomainError(Kind.NOT_FOUND, "no_such_hook")
    notice = account.provider.verify_notice(request)
    if isinstance(notice, Forged):
        NOTICES.labels(account.kind, account.name, "forged").inc()
        log.warning("notice.forged", account=account.name, why=notice.why, address=request.address)
        return account.provider.ack(accepted=False)
    async with db.begin() as tx:
        new = await store.insert_notice(
            tx,
            provider=account.kind,
            account=account.name,
            key=notice.key,
            payment_id=notice.payment_id,
            word=notice.word,
            evidence=notice.evidence,
            at=now,
        )
        payment = None if notice.payment_id is None else await store.find_payment(tx, notice.payment_id)
        ours = payment is not None and payment.account == account.name
        if new and ours:
            await jobs.defer(tx, "payments.check", payment_id=str(notice.payment_id))
    verdict = "repeated" if not new else "taken" if ours else "foreign"
    NOTICES.labels(account.kind, account.name, verdict).inc()
    if verdict == "foreign":
        log.warning("notice.foreign", account=account.name, payment_id=str(notice.payment_id))
    return account.provider.ack(accepted=True)
