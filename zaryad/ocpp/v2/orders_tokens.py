"""Orders about a 2.x station's local list, its display, and what it knows of a customer."""

from __future__ import annotations

from zaryad.link import orders
from zaryad.ocpp.strict import whole_seconds_if
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.orders_certificates import hash_said
from zaryad.ocpp.v2.orders_control import group_said, token_said
from zaryad.ocpp.v2.words import FORMATS, PRIORITIES, TOKEN_STATUS


def local_list(order: orders.SendLocalList, _number: int) -> wire.Wire:
    """Say SendLocalList; an entry without a status leaves the list."""
    return wire21.SendLocalListRequest(
        version_number=order.version,
        update_type="Full" if order.full else "Differential",
        local_authorization_list=[_entry(entry) for entry in order.entries] or None,
    )


def _entry(entry: orders.ListEntry) -> wire21.Authorization:
    info = None
    if entry.status is not None:
        info = wire21.IdTokenInfo(
            status=TOKEN_STATUS[entry.status],  # type: ignore[arg-type]  # the table holds its words
            cache_expiry_date_time=whole_seconds_if(entry.expires_at),
            group_id_token=group_said(entry.group),
        )
    return wire21.Authorization(id_token=token_said(entry.token, entry.kind), id_token_info=info)


def set_display(order: orders.SetDisplay, _number: int) -> wire.Wire:
    """Say SetDisplayMessage."""
    message = order.message
    return wire21.SetDisplayMessageRequest(
        message=wire21.MessageInfo(
            id=message.number,
            priority=PRIORITIES[message.priority],  # type: ignore[arg-type]  # the tables hold its words
            message=wire21.MessageContent(
                format=FORMATS[message.format],  # type: ignore[arg-type]  # as above
                content=message.text,
                language=message.language,
            ),
            state=None if message.state is None else message.state.title(),  # type: ignore[arg-type]  # as above
            start_date_time=whole_seconds_if(message.from_at),
            end_date_time=whole_seconds_if(message.until_at),
            transaction_id=message.charge_ref,
        )
    )


def report_displays(order: orders.ReportDisplays, number: int) -> wire.Wire:
    """Say GetDisplayMessages."""
    return wire.GetDisplayMessagesRequest(request_id=number, id=list(order.numbers) or None)


def clear_display(order: orders.ClearDisplay, _number: int) -> wire.Wire:
    """Say ClearDisplayMessage."""
    return wire.ClearDisplayMessageRequest(id=order.number)


def customer(order: orders.CustomerData, number: int) -> wire.Wire:
    """Say CustomerInformation."""
    return wire21.CustomerInformationRequest(
        request_id=number,
        report=order.report,
        clear=order.clear,
        id_token=None if order.token is None else token_said(order.token, order.token_kind),
        customer_identifier=order.customer,
        customer_certificate=None if order.certificate is None else hash_said(order.certificate),
    )
