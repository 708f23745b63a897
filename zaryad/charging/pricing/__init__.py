"""Prices of places and of sessions, explained: why this tariff, and what another would have come to."""
