"""Keeping stations in order: their settings, their firmware, their logs, and what they report of themselves."""

from zaryad.maintenance.files.ftp import FtpDoor
from zaryad.maintenance.jobs import booted, fact_handlers, jobs, order_ended, sweeps
from zaryad.maintenance.model import Settings
from zaryad.maintenance.settings.limits import profile_limits

__all__ = [
    "FtpDoor",
    "Settings",
    "booted",
    "fact_handlers",
    "jobs",
    "order_ended",
    "profile_limits",
    "sweeps",
]
