"""Thousands of stations from one process: the lean path, for load. What they say is honest, what they are is little."""

from zaryad.sandbox.swarm.measure import ActionFigures, Report
from zaryad.sandbox.swarm.run import Dialects, Plan, Swarm

__all__ = ["ActionFigures", "Dialects", "Plan", "Report", "Swarm"]
