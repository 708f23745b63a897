"""Seven roles, and the rule that every route carries: who may call it. No rule, no route (tests walk them all)."""

from __future__ import annotations

from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from zaryad.accounts import PersonId
from zaryad.kernel.errors import DomainError, Kind


class Role(Enum):
    """What a person may be. One person may be several; staff who charge their own car are drivers too."""

    DRIVER = "driver"
    CORPORATE_MANAGER = "corporate_manager"
    PARTNER = "partner"
    OPERATOR = "operator"
    TECHNICIAN = "technician"
    ACCOUNTANT = "accountant"
    ADMIN = "admin"


class Caller(msgspec.Struct, frozen=True):
    """Who asks. Handlers get it as `caller`."""

    person_id: PersonId
    roles: frozenset[Role]
    language: str = "ru"
    sign_in_id: UUID | None = None  # which of the person's devices

    def has(self, *roles: Role) -> bool:
        """Whether the caller holds any of them; an admin holds all."""
        return Role.ADMIN in self.roles or not self.roles.isdisjoint(roles)


RULE = "roles"  # the key in a route's `opt`
PUBLIC: dict[str, Any] = {RULE: "public"}
SIGNED_IN: dict[str, Any] = {RULE: frozenset(Role)}


def needs(*roles: Role) -> dict[str, Any]:
    """Return the `opt` of a route that these roles (and an admin) may call: `@get("/x", opt=needs(Role.OPERATOR))`."""
    assert roles, "name the roles, or say PUBLIC"
    return {RULE: frozenset(roles) | {Role.ADMIN}}


def check(rule: object, caller: Caller | None) -> None:
    """Raise unless the route's rule lets the caller in. A route without a rule lets nobody in."""
    if rule == "public":
        return
    if not isinstance(rule, frozenset):
        raise DomainError(Kind.FORBIDDEN, "route_without_rule")
    if caller is None:
        raise DomainError(Kind.UNAUTHENTICATED, "sign_in_first")
    if caller.roles.isdisjoint(rule):
        raise DomainError(Kind.FORBIDDEN, "role_missing")
