"""The network: locations, stations, connectors; who is connected, who may be, and what they say of themselves."""

from zaryad.stations.admit import admit
from zaryad.stations.find import (
    connectors_of,
    find_connector,
    find_station,
    list_locations,
    list_stations,
    location,
    lock_connector,
    station,
)
from zaryad.stations.knocks import approve, forget, list_knocks
from zaryad.stations.model import (
    DEFAULTS,
    AdminState,
    Admission,
    AdmissionStatus,
    Connector,
    ConnectorKind,
    ConnectorPlan,
    Knock,
    Location,
    LocationId,
    Settings,
    Station,
)
from zaryad.stations.network import clear_password, put_connector, put_location, put_station, set_password
from zaryad.stations.note import (
    ensure_connector,
    note_beat,
    note_boot,
    note_data,
    note_diagnostics,
    note_firmware,
    note_status,
)
from zaryad.stations.password import station_password
from zaryad.stations.presence import connected, disconnected, node_lost, seen
from zaryad.stations.state import Shown, shown, worst

__all__ = [
    "DEFAULTS",
    "AdminState",
    "Admission",
    "AdmissionStatus",
    "Connector",
    "ConnectorKind",
    "ConnectorPlan",
    "Knock",
    "Location",
    "LocationId",
    "Settings",
    "Shown",
    "Station",
    "admit",
    "approve",
    "clear_password",
    "connected",
    "connectors_of",
    "disconnected",
    "ensure_connector",
    "find_connector",
    "find_station",
    "forget",
    "list_knocks",
    "list_locations",
    "list_stations",
    "location",
    "lock_connector",
    "node_lost",
    "note_beat",
    "note_boot",
    "note_data",
    "note_diagnostics",
    "note_firmware",
    "note_status",
    "put_connector",
    "put_location",
    "put_station",
    "seen",
    "set_password",
    "shown",
    "station",
    "station_password",
    "worst",
]
