"""The page kit: texts of three languages, numbers in words, templates, static files.

What serves pages (`render`, `static`, `switch`, `errors`) brings the HTTP framework and is imported by name.
"""

from zaryad.ui.i18n import FALLBACK, LANGUAGES, Catalogue, catalogue, t
from zaryad.ui.language import negotiate

__all__ = ["FALLBACK", "LANGUAGES", "Catalogue", "catalogue", "negotiate", "t"]
