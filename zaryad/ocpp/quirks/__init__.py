"""What some vendors' stations do otherwise than the standard, as data: one TOML file for each vendor beside this one.

The repair (`zaryad.ocpp.repair`) reads what is odd and can be understood; here is what cannot be seen from a message
alone: a unit that is not what it says, a word of the vendor's own. How to add one: docs/quirks.md.
"""

from zaryad.ocpp.quirks.apply import of_fact, of_order, of_said, spare, worth_noting
from zaryad.ocpp.quirks.model import NONE, Quirk, Quirks, find, load

__all__ = ["NONE", "Quirk", "Quirks", "find", "load", "of_fact", "of_order", "of_said", "spare", "worth_noting"]
