"""Firmware: what there is, and one station's way to it."""
