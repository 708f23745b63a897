"""Messages to people. Import from here; what is inside is the module's own affair."""

from zaryad.notify.channels import DevelopmentSms, build_channel
from zaryad.notify.model import Message, Settings, SmsAccepted, SmsProvider
from zaryad.notify.segments import segments
from zaryad.notify.send import JOB, NotSentYetError, recent, send, send_sms, tidy
from zaryad.platform.log import masked_phone as masked

__all__ = [
    "JOB",
    "DevelopmentSms",
    "Message",
    "NotSentYetError",
    "Settings",
    "SmsAccepted",
    "SmsProvider",
    "build_channel",
    "masked",
    "recent",
    "segments",
    "send",
    "send_sms",
    "tidy",
]
