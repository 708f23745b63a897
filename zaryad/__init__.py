"""Zaryad runs networks of EV charging stations: the stations, the drivers, the money and the people who operate it."""
