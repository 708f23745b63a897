"""Words of certificates: who has which, what is asked for, what went wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from zaryad.certificates.words import ALARM_KINDS
from zaryad.link.facts import StationId
from zaryad.link.orders import CertificateUse, RootUse
from zaryad.platform.db import Tx

Days = Annotated[int, Meta(ge=1, le=10_000)]

CSR_CHARACTERS_MAX = 5_500  # OCPP 2.0.1, SignCertificateRequest
CHAIN_CHARACTERS_MAX = 10_000  # CertificateSignedRequest
ROOT_CHARACTERS_MAX = 5_500  # InstallCertificateRequest
CHAIN_CERTIFICATES_MAX = 10
RSA_BITS_MIN, RSA_BITS_MAX = 2_048, 8_192


class V2g(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[certificates.v2g]`: who signs stations' certificates for ISO 15118, by EST (RFC 7030).

    `url`: the server, without `/.well-known/est`; `label` its CA, which may be several path segments. `own`: our own CA
    signs, for tests and closed sites: cars trust it only where its root is put into them.
    """

    url: str = ""
    label: str = ""
    token: str = ""
    timeout_s: Annotated[float, Meta(gt=0, le=60)] = 15
    own: bool = False


class Contracts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[certificates.contracts]`: the contract certificate pool (OPCP) that EXI requests are passed to."""

    url: str = ""
    token: str = ""
    timeout_s: Annotated[float, Meta(gt=0, le=30)] = 5  # the car waits no longer


class Ocsp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[certificates.ocsp]`: where revocation may be asked.

    `responders`: base URLs that are always allowed, local ones too. `required`: a contract whose revocation nobody
    tells is refused. An answer without an end is kept for `keep_s`.
    """

    responders: tuple[str, ...] = ()
    required: bool = True
    timeout_s: Annotated[float, Meta(gt=0, le=30)] = 4
    keep_s: Annotated[int, Meta(ge=0, le=86_400)] = 3_600


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[certificates]`."""

    operator: Annotated[str, Meta(min_length=1, max_length=50)] = "Zaryad"  # O of every station's certificate
    common_name: Literal["identity", "serial", "either"] = "either"  # what CN of a station's certificate is
    ca_key: Literal["ec", "rsa"] = "ec"
    ca_days: Days = 3_650
    ca_chain_file: str = ""  # a CA of one's own: the issuing certificate first, its root last
    ca_key_file: str = ""
    station_days: Days = 365
    server_days: Days = 365
    warn_days: Days = 21  # before the end of a certificate an alarm stands
    requests_per_day: Annotated[int, Meta(ge=1, le=1_000)] = 10  # of one station
    public_url: str = ""  # where stations may fetch the list of the revoked; empty: not said in certificates
    events_keep_days: Days = 400
    alarm_kinds: tuple[str, ...] = ALARM_KINDS
    v2g: V2g = V2g()
    contracts: Contracts = Contracts()
    ocsp: Ocsp = Ocsp()

    def __post_init__(self) -> None:
        if bool(self.ca_chain_file) != bool(self.ca_key_file):
            raise ValueError("ca_chain_file and ca_key_file go together")


DEFAULTS = Settings()


class Status(Enum):
    """Where a certificate is in its life."""

    ISSUED = "issued"  # signed, on its way to the station
    ACTIVE = "active"  # the station has taken it, or a server may show it
    REPLACED = "replaced"  # the station has a newer one; it is still good until it ends
    REVOKED = "revoked"  # by a person, or because the station would not have it


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that we know by its row; a server's has no station. Serial and fingerprint (SHA-256) are hex."""

    id: UUID
    station_id: StationId | None
    use: str  # station, v2g, v2g20, server
    serial: str
    fingerprint: str
    subject: str
    issuer: str
    not_before: dt.datetime
    not_after: dt.datetime
    status: Status
    issued_at: dt.datetime
    revoked_at: dt.datetime | None = None
    revoked_why: str | None = None
    order_id: UUID | None = None


class TrustedRoot(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate of the trust store: roots of contracts and cars, and what stations are to trust."""

    fingerprint: str
    use: RootUse
    subject: str
    not_after: dt.datetime
    added_at: dt.datetime
    added_by: str
    note: str = ""


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """A root that a station has taken from us."""

    station_id: StationId
    fingerprint: str
    use: RootUse
    at: dt.datetime


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Something about security that a person has to see. One of a kind and key stands at a time."""

    id: UUID
    kind: str
    key: str
    station_id: StationId | None
    facts: dict[str, str]
    raised_at: dt.datetime
    last_at: dt.datetime
    times: int
    cleared_at: dt.datetime | None
    cleared_by: str | None


class KnownStation(msgspec.Struct, frozen=True):
    """What the certificates' module has to know of a station; another module tells."""

    serial: str | None
    protocol: str | None
    online: bool


WhoIs = Callable[[Tx, StationId, dt.datetime], Awaitable[KnownStation | None]]

__all__ = ["CertificateUse", "RootUse"]
