"""Our answers to facts in 2.x's words: what each message of a station is answered with.

They are said in 2.1's shapes, of which 2.0.1's are a part; what 2.0.1 has no words for is left out there.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from zaryad.link import answers, facts
from zaryad.ocpp.strict import UnsayableError, strictly, whole_seconds, whole_seconds_if
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.words import HASHES, TOKEN_STATUS

ToAnswer = Callable[[Any, Any], msgspec.Struct]

NOTHING = wire.HeartbeatRequest()  # `{}`
TOKEN_MAX_201, TOKEN_MAX_21 = 36, 255
TEXT_MAX = 512
LANGUAGE_MAX = 8
WHY_MAX = 20
VAT_MAX = 20
EXI_MAX, EXI_MAX_201 = 17_000, 7_500
OCSP_MAX, OCSP_MAX_201 = 18_000, 5_500

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
CONTRACT_STATUS: dict[answers.ContractStatus, wire.AuthorizeCertificateStatus] = {
    answers.ContractStatus.ACCEPTED: "Accepted",
    answers.ContractStatus.CERTIFICATE_EXPIRED: "CertificateExpired",
    answers.ContractStatus.CERTIFICATE_REVOKED: "CertificateRevoked",
    answers.ContractStatus.CHAIN_ERROR: "CertChainError",
    answers.ContractStatus.CANCELLED: "ContractCancelled",
}
_HASH_WORDS = {ours: theirs for theirs, ours in HASHES.items()}
_STATES = {"good": "Good", "revoked": "Revoked", "unknown": "Unknown", "failed": "Failed"}


def _nothing(_fact: facts.Fact, _answer: object) -> wire.Wire:
    return NOTHING


def _why(why: str | None) -> wire.StatusInfo | None:
    """Say why in a code of ours: the standard has a list, and allows others."""
    if not why:
        return None
    words = "".join(part.title() for part in why.replace("-", "_").split("_"))
    return wire.StatusInfo(reason_code=words[:WHY_MAX] or "Unspecified", additional_info=why[:TEXT_MAX])


def _boot(_: facts.Fact, verdict: answers.BootVerdict) -> wire.BootNotificationResponse:
    accepted = verdict.status is answers.BootStatus.ACCEPTED
    return wire.BootNotificationResponse(
        status=BOOT_STATUS[verdict.status],
        current_time=whole_seconds(verdict.now),
        interval=verdict.interval_s,
        status_info=None if accepted else wire.StatusInfo(reason_code="CSNotAccepted"),
    )


def _beat(_: facts.Fact, told: answers.TimeTold) -> wire.HeartbeatResponse:
    return wire.HeartbeatResponse(current_time=whole_seconds(told.now))


def _text(text: str | None, language: str | None) -> wire21.MessageContent | None:
    if not text:
        return None
    return wire21.MessageContent(format="UTF8", content=text[:TEXT_MAX], language=_language(language))


def _language(language: str | None) -> str | None:
    return language if language and len(language) <= LANGUAGE_MAX else None


def token_info(verdict: answers.TokenVerdict, *, newer: bool) -> wire21.IdTokenInfo:
    """Say a verdict; its group goes with every one, since stations stop a transaction by another card of the group."""
    most = TOKEN_MAX_21 if newer else TOKEN_MAX_201
    group = verdict.group if verdict.group and len(verdict.group) <= most else None
    return wire21.IdTokenInfo(
        status=TOKEN_STATUS[verdict.status],  # type: ignore[arg-type]  # the table holds the standard's words
        cache_expiry_date_time=whole_seconds_if(verdict.expires_at),
        group_id_token=None if group is None else wire21.IdToken(id_token=group, type="Central"),
        language1=_language(verdict.language),
        personal_message=_text(verdict.message, verdict.language),
    )


def _authorize(_: facts.Fact, verdict: answers.TokenVerdict, *, newer: bool) -> wire21.AuthorizeResponse:
    return wire21.AuthorizeResponse(
        id_token_info=token_info(verdict, newer=newer),
        certificate_status=None if verdict.contract is None else CONTRACT_STATUS[verdict.contract],
    )


def _transaction(_: facts.Fact, verdict: answers.TransactionVerdict | answers.Noted, *, newer: bool) -> wire.Wire:
    """Say what a transaction's report is answered by."""
    if isinstance(verdict, answers.Noted):
        verdict = answers.TransactionVerdict()
    token, limit = verdict.token, None
    if newer and (verdict.limit_minor is not None or verdict.limit_wh is not None):
        limit = wire21.TransactionLimit(
            max_cost=None if verdict.limit_minor is None else money(verdict.limit_minor, verdict.exponent),
            max_energy=None if verdict.limit_wh is None else Decimal(verdict.limit_wh),
        )
    return wire21.TransactionEventResponse(
        total_cost=None if verdict.total_minor is None else money(verdict.total_minor, verdict.exponent),
        id_token_info=None if token is None else token_info(token, newer=newer),
        transaction_limit=limit,
        updated_personal_message=_text(verdict.message, verdict.language),
    )


def money(minor: int, exponent: int) -> Decimal:
    """Return an amount in minor units as the decimal number that 2.x tells."""
    return Decimal(minor).scaleb(-exponent)


def _data(_: facts.Fact, verdict: answers.DataVerdict) -> wire.DataTransferResponse:
    return wire.DataTransferResponse(status=DATA_STATUS[verdict.status], data=verdict.data)


def _signed(_: facts.Fact, judged: answers.Judged) -> wire.SignCertificateResponse:
    return wire.SignCertificateResponse(
        status="Accepted" if judged.accepted else "Rejected", status_info=_why(judged.why)
    )


def _contract(_: facts.Fact, given: answers.ContractGiven, *, newer: bool) -> wire21.Get15118EVCertificateResponse:
    if len(given.exi) > (EXI_MAX if newer else EXI_MAX_201):  # cut, it would be worth nothing
        given = answers.ContractGiven(accepted=False, why="answer_too_long")
    return wire21.Get15118EVCertificateResponse(
        status="Accepted" if given.accepted else "Failed",
        exi_response=given.exi,
        status_info=_why(given.why),
        remaining_contracts=given.remaining if newer else None,
    )


def _ocsp(_: facts.Fact, given: answers.OcspGiven, *, newer: bool) -> wire21.GetCertificateStatusResponse:
    if len(given.response or "") > (OCSP_MAX if newer else OCSP_MAX_201):
        given = answers.OcspGiven(accepted=False, why="answer_too_long")
    return wire21.GetCertificateStatusResponse(
        status="Accepted" if given.accepted else "Failed", status_info=_why(given.why), ocsp_result=given.response
    )


def _chain(fact: facts.ChainAsked, verdict: answers.ChainVerdict) -> wire21.GetCertificateChainStatusResponse:
    states = []
    for state in verdict.states:
        asked = fact.asked[state.index][0]
        states.append(
            wire21.CertificateStatus(
                certificate_hash_data=wire.CertificateHashData(
                    hash_algorithm=_HASH_WORDS[asked.algorithm],  # type: ignore[arg-type]  # the table's words
                    issuer_name_hash=asked.issuer_name_hash,
                    issuer_key_hash=asked.issuer_key_hash,
                    serial_number=asked.serial,
                ),
                source="CRL" if state.source == "crl" else "OCSP",
                status=_STATES[state.status],  # type: ignore[arg-type]  # the table holds the standard's words
                next_update=whole_seconds(state.next_update),
            )
        )
    return wire21.GetCertificateChainStatusResponse(certificate_status=states)


# Notices whose answer has a status, or carries something besides: `Judged.detail`, in the standard's own words.
_JUDGED: dict[str, type[wire.Wire]] = {
    "NotifyEVChargingNeeds": wire21.NotifyEVChargingNeedsResponse,
    "NotifyEVChargingSchedule": wire.NotifyEVChargingScheduleResponse,
    "PullDynamicScheduleUpdate": wire21.PullDynamicScheduleUpdateResponse,
    "NotifySettlement": wire21.NotifySettlementResponse,
    "VatNumberValidation": wire21.VatNumberValidationResponse,
    "OpenPeriodicEventStream": wire21.OpenPeriodicEventStreamResponse,
}
_WITHOUT_STATUS = frozenset({"NotifySettlement"})


def _judged(fact: facts.Notice, judged: answers.Judged | answers.Noted, *, action: str) -> wire.Wire:
    """Say whether a notice is taken up. ValueError when its detail is not what the answer may carry."""
    if isinstance(judged, answers.Noted):
        judged = answers.Judged()
    said: dict[str, object] = {}
    if action not in _WITHOUT_STATUS:
        said["status"] = "Accepted" if judged.accepted else "Rejected"
        if (info := _why(judged.why)) is not None:
            said["statusInfo"] = msgspec.to_builtins(info)
    if action == "VatNumberValidation":
        said["vatNumber"] = str(fact.body.get("vatNumber"))[:VAT_MAX]
        if "evseId" in fact.body:
            said["evseId"] = fact.body["evseId"]
    try:
        return strictly(said | (judged.detail or {}), _JUDGED[action])
    except UnsayableError as error:
        raise ValueError(f"the answer to {action}: {error}") from error


def to_answer(*, newer: bool) -> dict[str, ToAnswer]:
    """Return how each message of a version is answered; what is not here is answered by `{}`."""
    own: dict[str, ToAnswer] = {
        "Authorize": partial(_authorize, newer=newer),
        "BootNotification": _boot,
        "DataTransfer": _data,
        "Get15118EVCertificate": partial(_contract, newer=newer),
        "GetCertificateChainStatus": _chain,
        "GetCertificateStatus": partial(_ocsp, newer=newer),
        "Heartbeat": _beat,
        "SignCertificate": _signed,
        "TransactionEvent": partial(_transaction, newer=newer),
    }
    return own | {action: partial(_judged, action=action) for action in _JUDGED}


UNSAID: ToAnswer = _nothing
