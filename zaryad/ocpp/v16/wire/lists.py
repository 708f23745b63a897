"""Profiles Local Auth List Management and Reservation."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v16.wire.base import At, Connector, Text20, Wire
from zaryad.ocpp.v16.wire.core import IdTagInfo


class GetLocalListVersion(Wire, frozen=True):
    pass


class LocalListVersion(Wire, frozen=True):
    """0 is an empty list, -1 none at all."""

    list_version: int


class AuthorizationData(Wire, frozen=True, kw_only=True):
    """Without `id_tag_info`, in a differential update, the tag leaves the list."""

    id_tag: Text20
    id_tag_info: IdTagInfo | None = None


class SendLocalList(Wire, frozen=True, kw_only=True):
    list_version: int
    local_authorization_list: list[AuthorizationData] | None = None
    update_type: Literal["Differential", "Full"]


class LocalListAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Failed", "NotSupported", "VersionMismatch"]


class ReserveNow(Wire, frozen=True, kw_only=True):
    connector_id: Connector
    expiry_date: At
    id_tag: Text20
    parent_id_tag: Text20 | None = None
    reservation_id: int


class ReserveAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]


class CancelReservation(Wire, frozen=True):
    reservation_id: int
