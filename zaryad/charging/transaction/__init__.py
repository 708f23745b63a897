"""Transactions as 2.x stations report them: events by number, in any order, made into the same sessions as 1.6's."""

from zaryad.charging.transaction.report import report
from zaryad.charging.transaction.wait import look_after, transaction_told
from zaryad.charging.transaction.where import working_on

__all__ = ["look_after", "report", "transaction_told", "working_on"]
