"""Any OCPP request of a station's version, given by a technician as it stands on the wire."""
