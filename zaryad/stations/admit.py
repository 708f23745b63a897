"""Who may open a connection, decided before the upgrade: a station hears 404, 401 or 403, not a dropped socket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from zaryad.link.answers import BootStatus
from zaryad.link.door import Approach
from zaryad.platform.db import Tx
from zaryad.stations import store
from zaryad.stations.model import OCPP_DEFAULTS, Admission, AdmissionStatus, OcppSettings, speakable
from zaryad.stations.onboarding import inbox, newcomers, tokens
from zaryad.stations.onboarding import store as strangers
from zaryad.stations.password import PRESENTED_MAX, Fit, password_fits, password_hash
from zaryad.stations.security import login

LISTEN_AGAIN_AFTER = dt.timedelta(days=1)  # a stranger has said who it is; it need not say so at every knock
PASSWORD_MIN = 8


async def admit(
    tx: Tx,
    approach: Approach,
    now: dt.datetime,
    key: bytes,
    rules: OcppSettings = OCPP_DEFAULTS,
    *,
    currency: str = "KGS",
) -> Admission:
    """Judge a handshake by one look-up; `key` is the deployment's secret.

    A station without a stored password is let in with any or none (security profile 0); one with a good certificate
    needs none (3). A profile below the highest it ever came in by is refused. What becomes of strangers is `rules`.
    Whoever is unknown, or has a wrong password, is counted in the inbox.
    """
    if not speakable(approach.station_id):
        return Admission(AdmissionStatus.UNKNOWN, noted=False)
    row = await store.at_the_door(tx, approach.station_id)
    if row is None:
        return await _stranger(tx, approach, now, key, rules, currency)
    verdict = _known(row, approach, key, now)
    if verdict.status is AdmissionStatus.OK:
        await login.came_in(tx, row, verdict, now)
    if verdict.status in (AdmissionStatus.BAD_PASSWORD, AdmissionStatus.WRONG_USER) and approach.may_note:
        await inbox.note(tx, approach, verdict.status.value, now)
    return verdict


def _known(row: Mapping[str, Any], approach: Approach, key: bytes, now: dt.datetime) -> Admission:
    """Judge a station of ours. The password comes first: whoever has none that fits learns nothing of the station."""
    boot = BootStatus(row["boot_status"])
    if not approach.path_known:
        return Admission(AdmissionStatus.BAD_PATH, boot)
    if approach.user is not None and approach.user != approach.station_id.encode():
        user = inbox.clean(approach.user.decode("utf-8", "replace"), 48)
        return Admission(AdmissionStatus.WRONG_USER, boot, "wrong_user", {"user": user})
    grace = approach.proof == "certificate_expired" and row["expired_until"] is not None and row["expired_until"] > now
    if approach.proof not in ("none", "good") and not grace:
        return Admission(AdmissionStatus(approach.proof), boot)
    proved = approach.proof == "good" or grace
    fit = Fit("none") if proved else password_fits(row, approach.password, key)
    if fit is None:
        auth = "unreadable" if approach.unreadable_auth else "none" if approach.password is None else "wrong_password"
        return Admission(AdmissionStatus.BAD_PASSWORD, boot, auth, _look_of(approach.password))
    auth = fit.form or ("none" if approach.password is None else "not_needed")
    detail: dict[str, str] = {"password": fit.which} if fit.which not in ("none", "current") else {}
    profile, status = 3 if proved else login.profile_of(approach, fit), AdmissionStatus.OK
    detail["profile"] = str(profile)
    if row["admin_state"] == "disabled":
        status = AdmissionStatus.DISABLED
    elif profile < row["profile_floor"]:
        status = AdmissionStatus.CERTIFICATE_MISSING if approach.secure else AdmissionStatus.PLAIN
        detail["floor"] = str(row["profile_floor"])
    return Admission(status, boot, auth, detail, vendor=row["vendor"], model=row["model"], firmware=row["firmware"])


async def _stranger(  # noqa: PLR0917  # what `admit` was given
    tx: Tx, approach: Approach, now: dt.datetime, key: bytes, rules: OcppSettings, currency: str
) -> Admission:
    if await strangers.is_banned(tx, approach.station_id):
        return Admission(AdmissionStatus.BANNED, noted=False)
    auth = "none" if approach.password is None else "not_needed"
    if not approach.may_note:
        return Admission(AdmissionStatus.UNKNOWN, auth=auth, noted=False)
    status, detail = AdmissionStatus.UNKNOWN, {}
    if not approach.path_known:
        status = AdmissionStatus.BAD_PATH
    elif approach.token is not None:
        status, token = await tokens.redeem(tx, approach.station_id, approach.token, now, key)
        detail = {} if token is None else {"token_id": str(token.id)}
    elif rules.unknown_stations == "accept":
        accepted = await newcomers.accept(tx, approach.station_id, rules, currency, now)
        status = AdmissionStatus.OK if accepted else AdmissionStatus.TOO_MANY_NEW
    if status is AdmissionStatus.OK:
        await _keep_password(tx, approach, now, key)
        return Admission(AdmissionStatus.OK, BootStatus.ACCEPTED, auth, detail | {"new": "yes"})
    if rules.unknown_stations == "refuse":
        return Admission(status, auth=auth, detail=detail, noted=False)
    learned_at = await inbox.note(tx, approach, status.value, now)
    listens = rules.unknown_stations == "inbox" and rules.inbox_listens and status is AdmissionStatus.UNKNOWN
    if listens and (learned_at is None or learned_at < now - LISTEN_AGAIN_AFTER):
        return Admission(AdmissionStatus.LISTEN, auth=auth)
    return Admission(status, auth=auth, detail=detail)


async def _keep_password(tx: Tx, approach: Approach, now: dt.datetime, key: bytes) -> None:
    """Let the password it first came with be its password: from then on no other device can be this station."""
    given, id = approach.password, approach.station_id
    if given is not None and approach.user == id.encode() and PASSWORD_MIN <= len(given) <= PRESENTED_MAX // 2:
        await store.write_station(tx, id, password_hash=password_hash(key, id, given), password_set_at=now)


def _look_of(password: bytes | None) -> dict[str, str]:
    """Say of a wrong password what helps to find the right one, and nothing that would be one."""
    if password is None:
        return {}
    hexadecimal = len(password) % 2 == 0 and all(byte in b"0123456789abcdefABCDEF" for byte in password)
    text = all(32 <= byte < 127 for byte in password)
    look = "hex" if hexadecimal and password else "text" if text else "binary"
    return {"password_look": look, "password_bytes": str(len(password))}
