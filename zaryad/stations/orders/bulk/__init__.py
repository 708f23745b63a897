"""One order to many stations: planned, placed a few at a time, followed to the last of them."""

from zaryad.stations.orders.bulk.run import STEP, bulk_concluded, resume, step

__all__ = ["STEP", "bulk_concluded", "resume", "step"]
