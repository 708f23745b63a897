"""Receipts: what was sold, written down once, and set as a PDF in three languages."""

from zaryad.charging.receipts.issue import JOB, find, issue, lines_of
from zaryad.charging.receipts.model import Line, Place, Receipt, Seller, Settings
from zaryad.charging.receipts.pdf import line_told, set_pdf

__all__ = [
    "JOB",
    "Line",
    "Place",
    "Receipt",
    "Seller",
    "Settings",
    "find",
    "issue",
    "line_told",
    "lines_of",
    "set_pdf",
]
