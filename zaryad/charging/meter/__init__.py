"""The hot path: a group of readings in one transaction."""
