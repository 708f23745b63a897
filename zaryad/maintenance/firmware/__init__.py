"""Firmware: what there is, which station gets which, and campaigns that stop before they break a network."""
