"""Certificates: our own small CA, what stations ask of it, whom we trust, and what stations tell of their security."""

from zaryad.certificates.alarm import clear_alarm, count_alarms, raise_alarm
from zaryad.certificates.authority import authority, root_pem
from zaryad.certificates.client import Shown, judge_client, trust_pem
from zaryad.certificates.contracts.desk import PlugAndCharge
from zaryad.certificates.contracts.judge import ContractJudge, Proof, told
from zaryad.certificates.contracts.trust import install, install_id, installed, place_install
from zaryad.certificates.enrol import EnrolError, Enroller
from zaryad.certificates.events import note_event, tidy_events
from zaryad.certificates.give import given, sign
from zaryad.certificates.keep import call_for_renewal, renew, revoke, revoked_list, watch_ends
from zaryad.certificates.model import (
    DEFAULTS,
    Alarm,
    Certificate,
    KnownStation,
    Settings,
    Status,
    TrustedRoot,
    WhoIs,
)
from zaryad.certificates.profile import has_certificate, has_csms_root
from zaryad.certificates.request import SIGN_JOB, asked
from zaryad.certificates.serve import Made, issue_server
from zaryad.certificates.store import certificates as listed
from zaryad.certificates.sweep import order_ended, sweep

__all__ = [
    "DEFAULTS",
    "SIGN_JOB",
    "Alarm",
    "Certificate",
    "ContractJudge",
    "EnrolError",
    "Enroller",
    "KnownStation",
    "Made",
    "PlugAndCharge",
    "Proof",
    "Settings",
    "Shown",
    "Status",
    "TrustedRoot",
    "WhoIs",
    "asked",
    "authority",
    "call_for_renewal",
    "clear_alarm",
    "count_alarms",
    "given",
    "has_certificate",
    "has_csms_root",
    "install",
    "install_id",
    "installed",
    "issue_server",
    "judge_client",
    "listed",
    "note_event",
    "order_ended",
    "place_install",
    "raise_alarm",
    "renew",
    "revoke",
    "revoked_list",
    "root_pem",
    "sign",
    "sweep",
    "tidy_events",
    "told",
    "trust_pem",
    "watch_ends",
]
