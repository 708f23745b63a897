"""The network: locations, stations, connectors; who is connected, who may be, and what they say of themselves."""

from zaryad.stations.admit import admit
from zaryad.stations.doctor.attempts import note_attempts, tidy
from zaryad.stations.doctor.examine import Report, examine
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
from zaryad.stations.forget import forget_old, in_batches
from zaryad.stations.model import (
    DEFAULTS,
    OCPP_DEFAULTS,
    AdminState,
    Admission,
    AdmissionStatus,
    Connector,
    ConnectorKind,
    ConnectorPlan,
    Knock,
    Location,
    LocationId,
    OcppSettings,
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
from zaryad.stations.onboarding.csv_import import Imported, import_stations
from zaryad.stations.onboarding.inbox import approve, forget, learn, list_knocks
from zaryad.stations.orders import Reached, Unsayable, fits, forget_secrets, moment_cursor, reach, read_moment
from zaryad.stations.orders.profiles import ProfileLimit, ProfileLimits
from zaryad.stations.password import station_password
from zaryad.stations.presence import connected, disconnected, node_lost, note_skews, seen
from zaryad.stations.state import Shown, shown, worst

__all__ = [
    "DEFAULTS",
    "OCPP_DEFAULTS",
    "AdminState",
    "Admission",
    "AdmissionStatus",
    "Connector",
    "ConnectorKind",
    "ConnectorPlan",
    "Imported",
    "Knock",
    "Location",
    "LocationId",
    "OcppSettings",
    "ProfileLimit",
    "ProfileLimits",
    "Reached",
    "Report",
    "Settings",
    "Shown",
    "Station",
    "Unsayable",
    "admit",
    "approve",
    "clear_password",
    "connected",
    "connectors_of",
    "disconnected",
    "ensure_connector",
    "examine",
    "find_connector",
    "find_station",
    "fits",
    "forget",
    "forget_old",
    "forget_secrets",
    "import_stations",
    "in_batches",
    "learn",
    "list_knocks",
    "list_locations",
    "list_stations",
    "location",
    "lock_connector",
    "moment_cursor",
    "node_lost",
    "note_attempts",
    "note_beat",
    "note_boot",
    "note_data",
    "note_diagnostics",
    "note_firmware",
    "note_skews",
    "note_status",
    "put_connector",
    "put_location",
    "put_station",
    "reach",
    "read_moment",
    "seen",
    "set_password",
    "shown",
    "station",
    "station_password",
    "tidy",
    "worst",
]
