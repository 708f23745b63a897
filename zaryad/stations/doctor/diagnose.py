"""What is wrong with a station's connection, told from what was seen. Pure: the same facts, the same findings."""

from __future__ import annotations

import datetime as dt

from zaryad.link.door import Attempt
from zaryad.stations.doctor.model import Chart, Finding, Seen, Severity

WINDOW = dt.timedelta(minutes=10)
FLAPS = 5  # connections in the window
TAKEN_OVER = 3  # of them ended by a newer one
CLOCK_WARNING_MS = 60_000
CLOCK_ERROR_MS = 600_000
SLOW_MS = 3_000
QUIRKS_SHOWN = 5
BOOTS_WITHIN = dt.timedelta(minutes=2)
OLD = dt.timedelta(days=7)  # a failure from before is history

# The verdict on a try -> the finding; whoever adds verdicts adds their texts.
_REFUSED: dict[str, str] = {
    "too_many_new": "too_many_new",
    "token_unknown": "token_unknown",
    "token_expired": "token_expired",
    "token_used_up": "token_used_up",
    "token_revoked": "token_revoked",
    "bad_path": "bad_path",
    "wrong_user": "wrong_user",
    "disabled": "disabled",
    "plain_where_tls_required": "plain_where_tls_required",
    "certificate_missing": "certificate_missing",
    "certificate_expired": "certificate_expired",
    "certificate_not_trusted": "certificate_not_trusted",
    "certificate_revoked": "certificate_revoked",
    "certificate_of_another": "certificate_of_another",
    "certificate_unreadable": "certificate_unreadable",
    "no_shared_cipher": "no_shared_cipher",
    "unsupported_protocol": "unsupported_protocol",
    "tls_timeout": "tls_broken_off",
    "tls_broken_off": "tls_broken_off",
}
_OF_STRANGERS = {
    "unknown",
    "listen",
    "too_many_new",
    "token_unknown",
    "token_expired",
    "token_used_up",
    "token_revoked",
}
_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2, "ok": 3}


def diagnose(seen: Seen) -> list[Finding]:
    """Return what was found, worst first; never nothing."""
    found = _identity(seen) + _last_try(seen)
    if seen.chart is not None:
        found += _link(seen, seen.chart) + _rows(seen.chart) + _pattern(seen)
    elif seen.ban is None and not seen.attempts and seen.knock is None:
        found.append(Finding("never_seen", "error"))
    if not any(each.severity in ("error", "warning") for each in found):
        found.append(Finding("all_well", "ok"))
    unique: dict[str, Finding] = {}
    for each in found:
        unique.setdefault(each.code, each)
    return sorted(unique.values(), key=lambda each: _RANK[each.severity])


def _identity(seen: Seen) -> list[Finding]:
    found = []
    if seen.ban is not None:
        found.append(Finding("banned", "error", {"note": seen.ban.note or "-"}))
    elif seen.chart is None and (seen.knock is not None or seen.attempts):
        found.append(Finding("unknown_station", "error"))
    if seen.alike:
        severity: Severity = "warning" if seen.chart is None else "info"
        found.append(Finding("identity_case_differs", severity, {"others": ", ".join(seen.alike)}))
    return found


def _last_try(seen: Seen) -> list[Finding]:
    """Tell why the newest try failed, unless that has been seen to since, or is long ago."""
    last = seen.attempts[0] if seen.attempts else None
    if last is None or last.reason == "ok" or seen.now - last.at > OLD:
        return []
    if _seen_to(last, seen.chart):
        return [Finding("not_back_yet", "warning", {"at": last.at})]
    if last.reason == "no_subprotocol":
        code = "wrong_subprotocol" if last.offered else "no_subprotocol"
        return [Finding(code, "error", {"offered": ", ".join(last.offered)})]
    if last.reason == "bad_password":
        return [_password(last)]
    if last.reason in ("unknown", "listen"):
        return []  # unknown_station says it
    facts = {"reason": last.reason, "path": last.path, "user": last.detail.get("user", ""), "at": last.at}
    return [Finding(_REFUSED.get(last.reason, "refused"), "error", facts)]


def _seen_to(last: Attempt, chart: Chart | None) -> bool:
    """Whether what it was refused for has been changed since."""
    if chart is None:
        return False
    if last.reason == "bad_password":
        return not chart.has_password or (chart.password_set_at is not None and chart.password_set_at > last.at)
    return last.reason in _OF_STRANGERS or (last.reason == "disabled" and chart.admin_state != "disabled")


def _password(last: Attempt) -> Finding:
    facts = {"bytes": last.detail.get("password_bytes", "0")}
    if last.auth == "none":
        return Finding("password_missing", "error")
    if last.auth == "unreadable":
        return Finding("auth_unreadable", "error")
    look = last.detail.get("password_look", "text")
    return Finding(
        {"hex": "wrong_password_hex", "binary": "wrong_password_raw"}.get(look, "wrong_password"), "error", facts
    )


def _link(seen: Seen, chart: Chart) -> list[Finding]:
    if chart.connected_at is None:
        return [] if seen.attempts else [Finding("never_seen", "error")]
    if not chart.linked:
        last = next((each for each in seen.attempts if each.epoch == chart.epoch), None)
        facts = {"at": chart.disconnected_at, "code": (last and last.close_code) or "-"}
        return [Finding("offline", "error", facts)]
    found = []
    assert chart.last_seen_at is not None
    if seen.now - chart.last_seen_at > dt.timedelta(seconds=seen.rules.online_within_s):
        found.append(Finding("silent", "error", {"at": chart.last_seen_at}))
    if chart.last_boot_at is None and seen.now - chart.connected_at > BOOTS_WITHIN:
        found.append(Finding("no_boot", "warning"))
    return found


def _rows(chart: Chart) -> list[Finding]:
    """Tell what our own settings say about it."""
    found = []
    if chart.admin_state == "disabled":
        found.append(Finding("disabled", "error"))
    elif chart.admin_state == "maintenance":
        found.append(Finding("maintenance", "info"))
    if chart.boot_status in ("pending", "rejected"):
        found.append(Finding(f"boot_{chart.boot_status}", "error"))
    if chart.connectors == 0:
        found.append(Finding("no_connectors", "info"))
    if not chart.has_password:
        found.append(Finding("no_password", "info"))
    skew = chart.clock_skew_ms
    if skew is not None and abs(skew) >= CLOCK_WARNING_MS:
        severity: Severity = "error" if abs(skew) >= CLOCK_ERROR_MS else "warning"
        found.append(Finding("clock_ahead" if skew > 0 else "clock_behind", severity, {"minutes": abs(skew) // 60_000}))
    return found


def _pattern(seen: Seen) -> list[Finding]:
    """Tell what several tries say together."""
    recent = [each for each in seen.attempts if seen.now - each.at <= WINDOW and each.reason == "ok"]
    taken_over = [each for each in recent if each.close_reason == "superseded"]
    addresses = sorted({each.address for each in recent})
    found = []
    if len(taken_over) >= TAKEN_OVER and len(addresses) > 1:
        found.append(Finding("two_devices", "error", {"addresses": ", ".join(addresses)}))
    elif len(recent) >= FLAPS:
        found.append(
            Finding("flapping", "warning", {"count": len(recent), "minutes": int(WINDOW.total_seconds()) // 60})
        )
    newest = next((each for each in seen.attempts if each.reason == "ok"), None)
    if newest is not None and newest.rtt_ms is not None and newest.rtt_ms >= SLOW_MS:
        found.append(Finding("slow_link", "warning", {"ms": newest.rtt_ms}))
    quirks: dict[str, int] = {}
    for each in seen.attempts:
        for kind, count in each.quirks.items():
            quirks[kind] = quirks.get(kind, 0) + count
    if quirks:
        worst = sorted(quirks.items(), key=lambda pair: (-pair[1], pair[0]))[:QUIRKS_SHOWN]
        found.append(Finding("quirks", "info", {"quirks": ", ".join(f"{kind} × {count}" for kind, count in worst)}))
    return found
