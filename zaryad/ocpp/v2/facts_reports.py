"""What 2.x stations report in parts: their device model, monitors, profiles, displays, customers; and events."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from zaryad.link.facts import (
    ConnectorChanged,
    ConnectorState,
    CustomerPart,
    DisplaysPart,
    EventsTold,
    MonitorsPart,
    MonitorValue,
    ProfilesPart,
    StationEvent,
    StationId,
    VariablesPart,
    VariableValue,
)
from zaryad.link.kinds.profiles import Period, Profile, Schedule
from zaryad.link.kinds.settings import Variable
from zaryad.link.kinds.tokens import DisplayMessage
from zaryad.ocpp.repair import Violation, sane
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.words import (
    ATTRIBUTE_OF,
    CONNECTOR_STATES,
    FORMAT_OF,
    KIND_OF,
    MONITOR_OF,
    PRIORITY_OF,
    PURPOSE_OF,
    UNIT_OF,
    number_of,
    tenths,
    text_of,
    utc,
)

TEXT_MAX = 2_500
_MUTABILITY: dict[str | None, Literal["read_only", "write_only", "read_write"]] = {
    "ReadOnly": "read_only",
    "WriteOnly": "write_only",
    "ReadWrite": "read_write",
}
_AVAILABILITY = {word.lower(): state for word, state in CONNECTOR_STATES.items()}
_TRIGGERS: dict[str, Literal["alerting", "delta", "periodic"]] = {
    "Alerting": "alerting",
    "Delta": "delta",
    "Periodic": "periodic",
}
_STATES: dict[str, Literal["charging", "faulted", "idle", "unavailable", "suspended", "discharging"]] = {
    "Charging": "charging",
    "Faulted": "faulted",
    "Idle": "idle",
    "Unavailable": "unavailable",
    "Suspended": "suspended",
    "Discharging": "discharging",
}


def variable_of(component: wire.Component, variable: wire.Variable) -> Variable:
    """Name a variable as we do."""
    evse = component.evse
    return Variable(
        component=component.name,
        name=variable.name,
        component_instance=component.instance,
        instance=variable.instance,
        evse=None if evse is None else evse.id,
        outlet=None if evse is None else evse.connector_id,
    )


def report(
    said: wire.NotifyReportRequest | wire21.NotifyReportRequest,
    station_id: StationId,
    now: dt.datetime,
    notes: list[Violation],
) -> VariablesPart:
    """Read NotifyReport: one value for each attribute of each variable."""
    values = []
    for data in said.report_data or ():
        variable = variable_of(data.component, data.variable)
        kind = data.variable_characteristics
        for attribute in data.variable_attribute:
            which = ATTRIBUTE_OF.get(attribute.type or "Actual")
            if which is None:
                notes.append(Violation("unknown_word", "reportData.variableAttribute.type"))
                continue
            value = VariableValue(
                variable=variable,
                attribute=which,
                value=attribute.value,
                mutability=_MUTABILITY.get(attribute.mutability, "read_write"),
                persistent=bool(attribute.persistent),
                constant=bool(attribute.constant),
                unit=None if kind is None else kind.unit,
                data_type=None if kind is None else kind.data_type,
                minimum=None if kind is None else _limit(kind.min_limit),
                maximum=None if kind is None else _limit(kind.max_limit),
                values=None if kind is None else kind.values_list,
                monitored=kind is not None and kind.supports_monitoring,
            )
            values.append(value)
    return VariablesPart(
        station_id=station_id,
        received_at=now,
        request=said.request_id,
        seq_no=said.seq_no,
        last=not said.tbc,
        at=utc(said.generated_at),
        variables=tuple(values),
    )


def _limit(number: Decimal | None) -> str | None:
    return text_of(number) if number is not None and sane(number) else None


def monitoring_report(
    said: wire.NotifyMonitoringReportRequest | wire21.NotifyMonitoringReportRequest,
    station_id: StationId,
    now: dt.datetime,
    notes: list[Violation],
) -> MonitorsPart:
    """Read NotifyMonitoringReport."""
    monitors = []
    for data in said.monitor or ():
        variable = variable_of(data.component, data.variable)
        for monitor in data.variable_monitoring:
            kind = MONITOR_OF.get(monitor.type)
            if kind is None or not sane(monitor.value):
                notes.append(Violation("unknown_word", "monitor.variableMonitoring"))
                continue
            monitors.append(
                MonitorValue(
                    variable=variable,
                    id=monitor.id,
                    kind=kind,
                    value=text_of(monitor.value),
                    severity=monitor.severity,
                    while_transaction=monitor.transaction,
                )
            )
    return MonitorsPart(
        station_id=station_id,
        received_at=now,
        request=said.request_id,
        seq_no=said.seq_no,
        last=not said.tbc,
        at=utc(said.generated_at),
        monitors=tuple(monitors),
    )


def profiles_report(
    said: wire.ReportChargingProfilesRequest | wire21.ReportChargingProfilesRequest,
    station_id: StationId,
    now: dt.datetime,
    notes: list[Violation],
) -> ProfilesPart:
    """Read ReportChargingProfiles. What is not of our four kinds is noted and left out."""
    profiles = []
    for given in said.charging_profile:
        profile = profile_of(given)
        if profile is None:
            notes.append(Violation("unread_profile", "chargingProfile"))
        else:
            profiles.append(profile)
    return ProfilesPart(
        station_id=station_id,
        received_at=now,
        request=said.request_id,
        seq_no=0,
        last=not said.tbc,
        connector=number_of(said.evse_id, None),
        source=said.charging_limit_source,
        profiles=tuple(profiles),
    )


def profile_of(given: wire.ChargingProfile | wire21.ChargingProfile) -> Profile | None:
    """Read a charging profile, of its schedules the first; None for a kind or a limit that we have no words for."""
    purpose = PURPOSE_OF.get(given.charging_profile_purpose)
    kind = KIND_OF.get((given.charging_profile_kind, given.recurrency_kind))
    if purpose is None or kind is None or not given.charging_schedule:
        return None
    first = given.charging_schedule[0]
    unit = UNIT_OF.get(first.charging_rate_unit)
    periods = [
        Period(
            start_s=period.start_period,
            limit_tenths=tenths(period.limit),
            phases=period.number_phases,
            phase_to_use=period.phase_to_use,
        )
        for period in first.charging_schedule_period
        if period.limit is not None and sane(period.limit)
    ]
    if unit is None or len(periods) != len(first.charging_schedule_period):
        return None
    least = first.min_charging_rate
    return Profile(
        number=given.id,
        stack_level=given.stack_level,
        purpose=purpose,
        kind=kind,
        schedule=Schedule(
            unit=unit,
            periods=tuple(periods),
            duration_s=first.duration,
            start_at=utc(first.start_schedule),
            min_rate_tenths=tenths(least) if least is not None and sane(least) else None,
        ),
        charge_ref=given.transaction_id,
        valid_from=utc(given.valid_from),
        valid_to=utc(given.valid_to),
    )


def display_messages(
    said: wire.NotifyDisplayMessagesRequest | wire21.NotifyDisplayMessagesRequest,
    station_id: StationId,
    now: dt.datetime,
    _: list[Violation],
) -> DisplaysPart:
    """Read NotifyDisplayMessages."""
    messages = tuple(
        DisplayMessage(
            number=message.id,
            text=message.message.content,
            language=message.message.language,
            format=FORMAT_OF.get(message.message.format, "utf8"),
            priority=PRIORITY_OF.get(message.priority, "normal_cycle"),
            state=None if message.state is None else _STATES.get(message.state),
            charge_ref=message.transaction_id,
            from_at=utc(message.start_date_time),
            until_at=utc(message.end_date_time),
        )
        for message in said.message_info or ()
    )
    return DisplaysPart(
        station_id=station_id,
        received_at=now,
        request=said.request_id,
        seq_no=0,
        last=not said.tbc,
        messages=messages,
    )


def customer_information(
    said: wire.NotifyCustomerInformationRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> CustomerPart:
    """Read NotifyCustomerInformation."""
    return CustomerPart(
        station_id=station_id,
        received_at=now,
        request=said.request_id,
        seq_no=said.seq_no,
        last=not said.tbc,
        at=utc(said.generated_at),
        text=said.data,
    )


def events(
    said: wire.NotifyEventRequest | wire21.NotifyEventRequest,
    station_id: StationId,
    now: dt.datetime,
    _: list[Violation],
) -> EventsTold:
    """Read NotifyEvent."""
    return EventsTold(
        station_id=station_id,
        received_at=now,
        at=utc(said.generated_at),
        seq_no=said.seq_no,
        last=not said.tbc,
        events=tuple(_event(data, now) for data in said.event_data),
    )


def _event(data: wire.EventData, now: dt.datetime) -> StationEvent:
    return StationEvent(
        id=data.event_id,
        at=utc(data.timestamp) or now,
        variable=variable_of(data.component, data.variable),
        value=data.actual_value[:TEXT_MAX],
        trigger=_TRIGGERS.get(data.trigger, "alerting"),
        cause=data.cause,
        monitor=data.variable_monitoring_id,
        severity=data.severity if isinstance(data, wire21.EventData) else None,
        cleared=bool(data.cleared),
        code=data.tech_code,
        info=data.tech_info,
        charge_ref=data.transaction_id,
        kind=data.event_notification_type[:50],
    )


def states_told(told: EventsTold) -> tuple[ConnectorChanged, ...]:
    """Return the states among a station's events, the last of each: 2.1 prefers them to StatusNotification.

    A state of an EVSE is that of its first connector, unless its connectors' own are told beside it; the charging
    station's is that of number 0.
    """
    about = [event for event in told.events if event.variable.name.lower() == "availabilitystate"]
    own = {event.variable.evse for event in about if event.variable.component.lower() == "connector"}
    changes: dict[int, ConnectorChanged] = {}
    for event in about:
        number, state = _place_of(event.variable, own), _AVAILABILITY.get(event.value.strip().lower())
        if number >= 0 and state is not None:
            changes[number] = ConnectorChanged(
                station_id=told.station_id,
                received_at=told.received_at,
                connector=number,
                state=state,
                error_code="NoError" if state is not ConnectorState.FAULTED else event.code or "OtherError",
                info=event.info,
                at=event.at,
            )
    return tuple(changes.values())


def _place_of(about: Variable, own: set[int | None]) -> int:
    """Return the connector that a variable is of; 0 is the station, -1 none."""
    match about.component.lower():
        case "connector" if about.evse:
            return number_of(about.evse, about.outlet)
        case "evse" if about.evse and about.evse not in own:
            return number_of(about.evse, None)
        case "chargingstation":
            return 0
    return -1
