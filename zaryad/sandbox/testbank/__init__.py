"""The Test Bank: an outside payment provider in miniature. It verifies our signatures as a real one would.

Only what a person presses on its page (or a test's signed call) makes it approve anything.
"""

from zaryad.sandbox.testbank.api import make_app
from zaryad.sandbox.testbank.model import Settings

__all__ = ["Settings", "make_app"]
