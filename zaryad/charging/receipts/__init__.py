"""Receipts: what was sold, written down once, and set as a PDF in three languages."""
