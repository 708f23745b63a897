"""Orders about files in 2.x's words: firmware that a station fetches, logs that it sends."""

from __future__ import annotations

from zaryad.link import orders
from zaryad.ocpp.strict import whole_seconds, whole_seconds_if
from zaryad.ocpp.v2 import wire, wire21

_LOGS = {"diagnostics": "DiagnosticsLog", "security": "SecurityLog", "data_collector": "DataCollectorLog"}


def update(order: orders.UpdateFirmware, number: int) -> wire.Wire:
    """Say UpdateFirmware; reports of it carry the number."""
    return wire21.UpdateFirmwareRequest(
        request_id=number,
        firmware=wire21.Firmware(
            location=order.url,
            retrieve_date_time=whole_seconds(order.retrieve_at),
            install_date_time=whole_seconds_if(order.install_at),
            signing_certificate=order.certificate,
            signature=order.signature,
        ),
        retries=order.retries,
        retry_interval=order.retry_interval_s,
    )


def fetch_log(order: orders.FetchLog, number: int) -> wire.Wire:
    """Say GetLog."""
    return wire21.GetLogRequest(
        log=wire21.LogParameters(
            remote_location=order.url,
            oldest_timestamp=whole_seconds_if(order.since),
            latest_timestamp=whole_seconds_if(order.until),
        ),
        log_type=_LOGS[order.log],  # type: ignore[arg-type]  # the table holds its words
        request_id=number,
        retries=order.retries,
        retry_interval=order.retry_interval_s,
    )


def publish(order: orders.PublishFirmware, number: int) -> wire.Wire:
    """Say PublishFirmware."""
    return wire21.PublishFirmwareRequest(
        location=order.url,
        checksum=order.checksum,
        request_id=number,
        retries=order.retries,
        retry_interval=order.retry_interval_s,
    )


def unpublish(order: orders.UnpublishFirmware, _number: int) -> wire.Wire:
    """Say UnpublishFirmware."""
    return wire.UnpublishFirmwareRequest(checksum=order.checksum)
