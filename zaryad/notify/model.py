"""Words of messages to people."""

from __future__ import annotations

import datetime as dt
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from zaryad.platform.outbound import Outcome

Channel = Literal["development"]
TEXT_MAX = 670  # characters: ten segments
GIVE_UP_AFTER = dt.timedelta(hours=1)  # what nobody could send for so long is old news


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[notify]`. No `sms` channel: the service that sends refuses to start, since nothing would arrive.

    `development` sends nothing: it writes the text to the log and keeps it for the demo page.
    """

    sms: Channel | None = None
    keep_days: int = 90

    def __post_init__(self) -> None:
        if self.keep_days < 1:
            raise ValueError("keep_days is at least 1")


class SmsAccepted(msgspec.Struct, frozen=True):
    """The provider took it."""

    external_id: str | None = None
    segments: int = 1


class SmsProvider(Protocol):
    """Who carries messages. The same `message_id` again is the same message: providers that can, drop the second."""

    name: str
    keeps_text: bool  # whether the text may stay in our database after it is sent

    async def send(self, message_id: UUID, phone: str, text: str) -> Outcome[SmsAccepted]:
        """Hand one message over."""
        ...


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is kept. `text` is erased once sent: it may have been a code."""

    id: UUID
    phone: str
    key: str
    language: str
    text: str | None
    state: Literal["queued", "sent", "failed", "expired"]
    at: dt.datetime
    sent_at: dt.datetime | None
    segments: int
    error: str | None
