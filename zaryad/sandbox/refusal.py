"""The answer to a call that makes no sense here."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818  # it is an answer, not an error of ours
    """The call gets a CALLERROR with this code."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
