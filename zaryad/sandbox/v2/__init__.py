"""The speaker of OCPP 2.0.1 and 2.1: what a 2.x station says and does, over the body that all versions share."""

from zaryad.sandbox.v2.station import Station2, Station21

__all__ = ["Station2", "Station21"]
