"""Charging profiles: those that people keep by name, and those that a station is known to have."""

from zaryad.stations.orders.profiles.known import charge_over, note_profiles, profiles_concluded
from zaryad.stations.orders.profiles.limits import ProfileLimit, ProfileLimits

__all__ = ["ProfileLimit", "ProfileLimits", "charge_over", "note_profiles", "profiles_concluded"]
