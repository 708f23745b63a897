"""Charging profiles: those that people keep by name, and those that a station is known to have."""

from zaryad.stations.orders.profiles.known import charge_over, note_profiles, profiles_concluded

__all__ = ["charge_over", "note_profiles", "profiles_concluded"]
