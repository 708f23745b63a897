"""How a station proves itself, and how that is changed without losing it: passwords, security profiles."""

from zaryad.stations.security.model import DEFAULTS, ProfileChange, Rotation, Settings, Step, Trust
from zaryad.stations.security.profile import begin as begin_profile
from zaryad.stations.security.profile import cancel as cancel_profile
from zaryad.stations.security.profile import concluded as profile_concluded
from zaryad.stations.security.profile import look as profile_look
from zaryad.stations.security.rotate import concluded as rotation_concluded
from zaryad.stations.security.rotate import give_up, revealed, rotate, rotate_old
from zaryad.stations.security.rotate import retry as rotation_retry

__all__ = [
    "DEFAULTS",
    "ProfileChange",
    "Rotation",
    "Settings",
    "Step",
    "Trust",
    "begin_profile",
    "cancel_profile",
    "give_up",
    "profile_concluded",
    "profile_look",
    "revealed",
    "rotate",
    "rotate_old",
    "rotation_concluded",
    "rotation_retry",
]
