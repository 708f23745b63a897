"""Our answers to facts in OCPP 1.6's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zaryad.link import answers
from zaryad.link.facts import CertificateAsked, Fact
from zaryad.ocpp.strict import whole_seconds, whole_seconds_if
from zaryad.ocpp.v16 import wire

INT_MAX = 2**31 - 1  # what every station can hold
GROUP_MAX = 20

TOKEN_STATUS: dict[answers.TokenStatus, wire.AuthorizationStatus] = {
    answers.TokenStatus.ACCEPTED: "Accepted",
    answers.TokenStatus.BLOCKED: "Blocked",
    answers.TokenStatus.EXPIRED: "Expired",
    answers.TokenStatus.INVALID: "Invalid",
    answers.TokenStatus.CONCURRENT: "ConcurrentTx",
    answers.TokenStatus.UNKNOWN: "Invalid",
    answers.TokenStatus.NO_CREDIT: "Blocked",
    answers.TokenStatus.NOT_HERE: "Invalid",
    answers.TokenStatus.NOT_NOW: "Invalid",
}
BOOT_STATUS: dict[answers.BootStatus, wire.RegistrationStatus] = {
    answers.BootStatus.ACCEPTED: "Accepted",
    answers.BootStatus.PENDING: "Pending",
    answers.BootStatus.REJECTED: "Rejected",
}
DATA_STATUS: dict[answers.DataStatus, wire.DataTransferStatus] = {
    answers.DataStatus.ACCEPTED: "Accepted",
    answers.DataStatus.REJECTED: "Rejected",
    answers.DataStatus.UNKNOWN_VENDOR: "UnknownVendorId",
    answers.DataStatus.UNKNOWN_MESSAGE: "UnknownMessageId",
}
NOTHING = wire.Empty()


def token_info(verdict: answers.TokenVerdict) -> wire.IdTagInfo:
    """Say a verdict; a group that is too long for stations is not told."""
    group = verdict.group if verdict.group and len(verdict.group) <= GROUP_MAX else None
    return wire.IdTagInfo(
        status=TOKEN_STATUS[verdict.status], expiry_date=whole_seconds_if(verdict.expires_at), parent_id_tag=group
    )


def _began(verdict: answers.BeginVerdict) -> wire.StartAnswer:
    number = int(verdict.charge_ref)
    if not 0 < number <= INT_MAX:
        raise ValueError(f"{number} is no transaction id that stations can hold")
    return wire.StartAnswer(id_tag_info=token_info(verdict.token), transaction_id=number)


ANSWERS: dict[type, Callable[[Any], wire.Wire]] = {
    answers.Noted: lambda _: NOTHING,
    answers.BootVerdict: lambda verdict: wire.BootAnswer(
        status=BOOT_STATUS[verdict.status], current_time=whole_seconds(verdict.now), interval=verdict.interval_s
    ),
    answers.TimeTold: lambda told: wire.HeartbeatAnswer(current_time=whole_seconds(told.now)),
    answers.TokenVerdict: lambda verdict: wire.AuthorizeAnswer(id_tag_info=token_info(verdict)),
    answers.BeginVerdict: _began,
    answers.EndVerdict: lambda verdict: wire.StopAnswer(
        id_tag_info=None if verdict.token is None else token_info(verdict.token)
    ),
    answers.DataVerdict: lambda verdict: wire.DataAnswer(status=DATA_STATUS[verdict.status], data=verdict.data),
    answers.Judged: lambda judged: wire.AcceptedOrNot(status="Accepted" if judged.accepted else "Rejected"),
}


def answered(fact: Fact, answer: answers.Answer) -> wire.Wire:
    """Say an answer; KeyError for one that 1.6 has no words for. Only a request for a certificate is judged."""
    if type(answer) is answers.Judged and not isinstance(fact, CertificateAsked):
        return NOTHING
    return ANSWERS[type(answer)](answer)
