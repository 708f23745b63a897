"""What a station keeps besides meters and messages: lists, reservations, profiles, updates, certificates, troubles.

Data only, as in `model`. Energy in mWh, power in mW.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Share = Annotated[int, Meta(ge=0, le=100)]  # percent of frames
Millis = Annotated[int, Meta(ge=0, le=600_000)]
PasswordForm = Literal["right", "text", "hex", "raw", "wrong", "none"]


class Trouble(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is wrong with the link and with what goes over it. The host of a station acts on it."""

    half_open: bool = False  # the socket stays open; nothing goes out, nothing is heard
    doubled: Share = 0  # frames that go out twice
    reordered: Share = 0  # frames that wait and are overtaken by the next one
    lost: Share = 0  # frames of ours that never leave
    lost_answers: Share = 0  # answers of ours that never leave
    unheard: Share = 0  # frames of theirs that are not heard
    slow_ms: Millis = 0  # every frame of ours waits so long
    password: PasswordForm = "right"  # noqa: S105  # the form in which the password goes into the header
    expired_certificate: bool = False  # presents a certificate that is over
    spaced_json: bool = False
    unknown_fields: bool = False  # every call has a field nobody has heard of
    no_subprotocol: bool = False  # offers none, or one that nobody speaks


class Behaviour(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How its errands end."""

    download: Literal["works", "fails", "breaks_once"] = "works"
    signature: Literal["checked", "refused"] = "checked"
    install: Literal["works", "fails", "verification_fails"] = "works"
    upload: Literal["works", "fails", "denied"] = "works"
    certificate: Literal["checked", "refused"] = "checked"
    step_s: Annotated[int, Meta(ge=0, le=3_600)] = 1  # how long installing takes


class Grant(msgspec.Struct, frozen=True):
    """Somebody who may charge here: 2.x keeps that apart from the transaction."""

    token: str | None
    type: str
    until: dt.datetime  # by then a car is plugged in
    not_before: dt.datetime
    group: str | None = None
    remote_start_id: int | None = None


class Charge(msgspec.Struct, kw_only=True):
    """A transaction of 2.x that is not wholly told yet."""

    number: int
    uid: str  # its id on the wire
    connector: int
    began_at: dt.datetime
    began_mwh: int
    seq: int = 0
    token: str | None = None
    type: str = "ISO14443"
    group: str | None = None
    remote_start_id: int | None = None
    reservation: int | None = None
    state: str = "Idle"  # as last told
    flowing: bool = False  # the contactor is closed
    flowed_ms: int = 0
    suspended: bool = False
    reason: str | None = None  # why it was stopped, when it ends later
    next_sample: dt.datetime | None = None
    full_since: dt.datetime | None = None
    told_evse: int = 0  # 0 nothing, 1 the EVSE, 2 its connector
    told_token: bool = False
    energy_limit_mwh: int | None = None  # 2.1 transactionLimit
    time_limit_s: int | None = None
    cost_limit: str | None = None
    cost: str | None = None  # as the central system told it
    ended: bool = False


class Reservation(msgspec.Struct, frozen=True):
    """An outlet kept for somebody; connector 0 is any one."""

    id: int
    connector: int
    token: str
    until: dt.datetime
    group: str | None = None


class Period(msgspec.Struct, frozen=True):
    """From `start_s` on, so much power in all."""

    start_s: int
    limit_mw: int


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A charging profile, whatever version said it. `raw` is what was said."""

    id: int
    scope: int  # EVSE or connector; 0 the station
    purpose: Literal["max", "default", "tx", "external", "other"]
    stack: int
    kind: str  # Absolute, Recurring, Relative, Dynamic
    periods: tuple[Period, ...]
    recurrence: str | None = None
    valid_from: dt.datetime | None = None
    valid_to: dt.datetime | None = None
    start: dt.datetime | None = None
    duration_s: int | None = None
    transaction: str | None = None
    raw: dict[str, Any] = {}


class Update(msgspec.Struct, kw_only=True):
    """A firmware update on its way."""

    url: str
    retrieve_at: dt.datetime
    install_at: dt.datetime | None = None
    request_id: int | None = None
    signature: str | None = None
    certificate: str | None = None
    signed: bool = False  # 1.6: by SignedUpdateFirmware, which has words of its own
    retries: int = 0
    retry_s: int = 30
    step: str = "waiting"  # waiting, downloading, downloaded, installing, rebooting
    next_at: dt.datetime | None = None
    version: str | None = None


class LogOrder(msgspec.Struct, kw_only=True):
    """A log on its way up."""

    url: str
    name: str
    request_id: int | None = None
    security: bool = False
    diagnostics16: bool = False  # GetDiagnostics of 1.6
    retries: int = 0
    retry_s: int = 30
    next_at: dt.datetime | None = None
    sending: bool = False


class Installed(msgspec.Struct, frozen=True):
    """A root certificate; `use` in 2.x words."""

    use: str
    pem: str


class Monitor(msgspec.Struct, kw_only=True):
    """Somebody wants to hear when a variable does this."""

    id: int
    slot: str  # the variable's key
    kind: str
    value: str  # decimal
    severity: int
    transaction: bool = False
    fired: bool = False
    last: str | None = None  # value last told
    next_at: dt.datetime | None = None


class Display(msgspec.Struct, frozen=True):
    """A message on the screen, as it came."""

    id: int
    raw: dict[str, Any]
