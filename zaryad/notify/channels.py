"""Which channel carries messages."""

from __future__ import annotations

from uuid import UUID

import structlog

from zaryad.notify.model import Settings, SmsAccepted, SmsProvider
from zaryad.notify.segments import segments
from zaryad.platform.log import DEVELOPMENT_EVENT, DEVELOPMENT_KEY
from zaryad.platform.outbound import Accepted, Outcome

log = structlog.get_logger()


class DevelopmentSms:
    """Sends nothing, and says so: the text goes to the log and stays in the database for the demo page."""

    name = "development"
    keeps_text = True

    async def send(self, message_id: UUID, phone: str, text: str) -> Outcome[SmsAccepted]:
        """Show the message."""
        log.info(DEVELOPMENT_EVENT, phone=phone, message=str(message_id), **{DEVELOPMENT_KEY: text})
        return Accepted(SmsAccepted(segments=segments(text)))


def build_channel(rules: Settings, *, demo: bool = False) -> SmsProvider:
    """Return the configured channel; a demo without one gets `development`. ValueError tells what is missing."""
    name = rules.sms or ("development" if demo else None)
    if name is None:
        raise ValueError(
            "[notify] sms: no channel is configured, so no sign-in code would ever arrive. "
            'Name one; sms = "development" only writes messages to the log.'
        )
    return DevelopmentSms()
