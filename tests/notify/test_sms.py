"""Messages: sent after the commit, once, or said not to have been; texts erased; no silent success."""

from __future__ import annotations

import datetime as dt
import re
from uuid import UUID

import pytest
import sqlalchemy as sa

from zaryad import notify
from zaryad.notify import NotSentYetError, Settings, SmsAccepted, segments
from zaryad.notify.tables import sms_message
from zaryad.platform.db import Db
from zaryad.platform.outbound import Accepted, Outcome, Rejected, Uncertain
from zaryad.ui.i18n import LANGUAGES, catalogue

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
PHONE = "+996555123456"


class Carrier:
    """A provider that answers as it is told."""

    name = "carrier"
    keeps_text = False

    def __init__(self, *outcomes: Outcome[SmsAccepted]) -> None:
        self.outcomes = list(outcomes)
        self.carried: list[tuple[UUID, str, str]] = []

    async def send(self, message_id: UUID, phone: str, text: str) -> Outcome[SmsAccepted]:
        self.carried.append((message_id, phone, text))
        return self.outcomes.pop(0)


async def queued(db: Db, **options: dt.datetime) -> str:
    async with db.begin() as tx:
        return str(await notify.send_sms(tx, PHONE, "sms.code", "en", NOW, code="123456", minutes=5, **options))


async def row(db: Db, id: str) -> sa.Row[tuple[object, ...]]:
    async with db.begin() as tx:
        return (await tx.execute(sa.select(sms_message).where(sms_message.c.id == UUID(id)))).one()


async def test_a_message_is_a_row_and_a_job_that_carries_no_secret(db: Db) -> None:
    id = await queued(db)
    async with db.begin() as tx:
        job = (await tx.execute(sa.text("select task_name, args from procrastinate_jobs"))).one()
    assert (job.task_name, job.args) == ("notify.send_sms", {"message_id": id})
    assert (await row(db, id)).text == "Zaryad: code 123456. Good for 5 min. Tell nobody."


async def test_nothing_is_sent_of_what_was_rolled_back(db: Db) -> None:
    async def fail() -> None:
        async with db.begin() as tx:
            await notify.send_sms(tx, PHONE, "sms.code", "en", NOW, code="1", minutes=5)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with db.begin() as tx:
        assert await tx.scalar(sa.text("select count(*) from procrastinate_jobs")) == 0


async def test_it_is_carried_once_though_the_job_runs_twice_and_the_text_is_erased(db: Db) -> None:
    id, carrier = await queued(db), Carrier(Accepted(SmsAccepted("ext-1", 1)))
    await notify.send(db, carrier, NOW, id)
    await notify.send(db, carrier, NOW, id)
    assert carrier.carried == [(UUID(id), PHONE, "Zaryad: code 123456. Good for 5 min. Tell nobody.")]
    kept = await row(db, id)
    assert (kept.state, kept.text, kept.external_id, kept.channel) == ("sent", None, "ext-1", "carrier")


async def test_uncertain_and_busy_come_back_with_the_same_id_until_it_is_out_of_date(db: Db) -> None:
    id = await queued(db, not_after=NOW + dt.timedelta(minutes=5))
    carrier = Carrier(Uncertain("timeout"), Rejected("busy", retryable=True))
    for _ in range(2):
        with pytest.raises(NotSentYetError):
            await notify.send(db, carrier, NOW, id)
    assert {each[0] for each in carrier.carried} == {UUID(id)}
    await notify.send(db, carrier, NOW + dt.timedelta(minutes=5), id)
    kept = await row(db, id)
    assert (kept.state, kept.text, len(carrier.carried)) == ("expired", None, 2)


async def test_what_the_provider_refuses_for_good_has_failed(db: Db) -> None:
    id = await queued(db)
    await notify.send(db, Carrier(Rejected("stop_word")), NOW, id)
    kept = await row(db, id)
    assert (kept.state, kept.error, kept.text) == ("failed", "stop_word", None)


async def test_the_development_channel_keeps_the_text_for_the_demo_page(db: Db) -> None:
    id = await queued(db)
    await notify.send(db, notify.build_channel(Settings(), demo=True), NOW, id)
    async with db.begin() as tx:
        (shown,) = await notify.recent(tx)
    assert (shown.phone, shown.state) == (PHONE, "sent")
    assert "123456" in (shown.text or "")
    await notify.tidy(db, Settings(keep_days=1), NOW + dt.timedelta(days=2))
    async with db.begin() as tx:
        assert await notify.recent(tx) == []


def test_without_a_channel_nothing_pretends_to_send() -> None:
    with pytest.raises(ValueError, match=r"\[notify\] sms"):
        notify.build_channel(Settings())
    assert notify.build_channel(Settings(sms="development")).name == "development"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("к" * 70, 1),
        ("к" * 71, 2),
        ("к" * 134, 2),
        ("к" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments(text: str, count: int) -> None:
    assert segments(text) == count


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_fits_one_segment(language: str) -> None:
    texts = {key: text for key, text in catalogue().texts(language).items() if key.startswith("sms.")}
    assert texts
    for key, text in texts.items():
        assert segments(re.sub(r"\{\w+\}", "000000", text)) == 1, key
