"""A recorded conversation played again, as its station (`zaryad replay`)."""

from zaryad.sandbox.replay.compare import Difference, differences
from zaryad.sandbox.replay.play import Played, Step, play
from zaryad.sandbox.replay.tape import Tape, TapeError, Turn, read

__all__ = ["Difference", "Played", "Step", "Tape", "TapeError", "Turn", "differences", "play", "read"]
