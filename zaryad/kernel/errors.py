"""One error type crosses module borders; each edge renders it in its own language."""

from enum import Enum


class Kind(Enum):
    """What an edge does with the error; the HTTP edge maps each to one status."""

    INVALID = "invalid"  # the request cannot mean anything: 400
    UNAUTHENTICATED = "unauthenticated"  # nobody is signed in: 401
    REFUSED = "refused"  # understood, and the answer is no: 422
    FORBIDDEN = "forbidden"  # this person may not: 403
    NOT_FOUND = "not_found"  # 404; also what a person may not know about
    CONFLICT = "conflict"  # true of the state, not of the request: 409
    TOO_MANY = "too_many"  # a rate limit: 429
    UNAVAILABLE = "unavailable"  # try again: 503


class DomainError(Exception):
    """Expected and explained. Anything else that is raised is a bug, and is logged as one.

    `code` is stable, snake_case, and the key of the translated message (`error.{code}`);
    `facts` fill its placeholders and may be shown to whoever asked: no secrets.
    """

    def __init__(self, kind: Kind, code: str, **facts: object) -> None:
        super().__init__(code)
        self.kind = kind
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code
