"""Campaigns: one firmware to many stations, that halt themselves before they break a network."""
