"""Charging profiles: those that people keep by name, and those that a station is known to have."""

from zaryad.stations.orders.profiles.known import note_profiles, profiles_concluded

__all__ = ["note_profiles", "profiles_concluded"]
