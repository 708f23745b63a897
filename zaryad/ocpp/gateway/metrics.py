"""What the gateway counts. Labels are resolved once: the hot path only adds."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

CONNECTIONS = Gauge("zaryad_ocpp_connections", "Stations connected to this node")
HANDSHAKES = Counter("zaryad_ocpp_handshakes_total", "Handshakes by what they were answered", ["outcome"])
STRANGERS = Counter("zaryad_ocpp_strangers_total", "Handshakes of nobody, by what was done about them", ["outcome"])
ATTEMPTS_DROPPED = Counter("zaryad_ocpp_attempts_dropped_total", "Tries to connect that were not written down")
CLOSED = Counter("zaryad_ocpp_closed_total", "Connections ended, by close code", ["code"])
_FRAMES_IN = Counter("zaryad_ocpp_frames_in_total", "Frames received, by kind", ["kind"])
CALLS_IN = _FRAMES_IN.labels("call")
ANSWERS_IN = _FRAMES_IN.labels("answer")
STRAYS_IN = _FRAMES_IN.labels("stray")
JUNK_IN = _FRAMES_IN.labels("junk")
_ANSWER = Histogram(
    "zaryad_ocpp_answer_seconds",
    "Time from a station's call to its answer",
    ["action"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
ERRORS = Counter("zaryad_ocpp_errors_total", "Calls answered by an error, by its code", ["code"])
VIOLATIONS = Counter(
    "zaryad_ocpp_violations_total", "Liberties taken in reading stations' messages", ["kind", "vendor"]
)
ORDERS = Counter("zaryad_ocpp_orders_total", "Orders sent, by what came of them", ["outcome"])
TLS_FAILED = Counter("zaryad_ocpp_tls_failed_total", "TLS handshakes that came to nothing", ["why"])
TLS_RELOADS = Counter("zaryad_ocpp_tls_reloads_total", "Times the TLS certificates were read", ["outcome"])
HELD = Counter("zaryad_ocpp_held_total", "Times a station's socket was not read because its backlog was full")


VENDORS_MAX = 50  # a vendor is whatever a station says: those past it share a label
VENDOR_LENGTH_MAX = 30
_vendors: set[str] = set()


def violation(kind: str, vendor: str) -> None:
    """Count a liberty."""
    name = vendor[:VENDOR_LENGTH_MAX].strip().lower() or "unknown"
    if name not in _vendors:
        if len(_vendors) >= VENDORS_MAX:
            name = "other"
        else:
            _vendors.add(name)
    VIOLATIONS.labels(kind, name).inc()


@cache
def answered(action: str) -> Histogram:
    """Return the histogram of one action; callers see to it that there are few."""
    return _ANSWER.labels(action)
