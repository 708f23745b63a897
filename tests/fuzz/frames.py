"""Frames to fuzz with: valid messages of every version, and what goes wrong with them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from msgspec import inspect as mi

from tests.ocpp.schemas import messages
from tests.ocpp.test_codec_heard import VERSIONS, asked, spoken
from tests.ocpp.test_schema_samples import encode, full, smallest

Draw = Any

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\0", "\ud800", "NaN", "1e400000", "2026-11-21T10:00:00Z", "-1", "", "x" * 3_000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _samples() -> dict[str, list[tuple[int, str, str]]]:
    """Return by version: message type, action, payload of every message, in its fullest form and its least."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for version in VERSIONS:
        codec = spoken(version)
        rows = [(2, action, asked(version, action)) for action in codec.facts] + [
            (6, name, name) for name in codec.sent
        ]
        found[version] = [
            (kind, action, body)
            for kind, action, name in sorted(rows)
            for body in (
                json.dumps(full(version, name)),
                encode(smallest(mi.type_info(messages(version)[name]))).decode(),
            )
        ]
    inside = [
        json.dumps({"vendorId": "org.openchargealliance.iso15118pnc", "messageId": action, "data": body})
        for _, action, body in found["v201"]
        if action in ("Authorize", "SignCertificate", "GetCertificateStatus", "Get15118EVCertificate")
    ]
    found["v16"] += [(2, "DataTransfer", body) for body in inside]
    return found


SAMPLES = _samples()


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where every value of a message is."""
    here = [path]
    if isinstance(value, dict):
        return here + [found for key, inner in value.items() for found in _paths(inner, (*path, key))]
    if isinstance(value, list):
        return here + [found for key, inner in enumerate(value) for found in _paths(inner, (*path, key))]
    return here


@st.composite
def bent(draw: Draw, text: str) -> str:
    """Replace, drop or add something in the message, as a programmer's mistake would."""
    value = json.loads(text)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(_paths(value)))
        if not path:
            continue
        at = value
        for key in path[:-1]:
            at = at[key]
        match draw(st.integers(0, 3)):
            case 0:
                del at[path[-1]]
            case 1 if isinstance(at, dict):
                at[draw(st.text(max_size=8))] = draw(JUNK)
            case 2 if isinstance(at, dict):
                at[str(path[-1]).swapcase()] = at.pop(path[-1])
            case _:
                at[path[-1]] = draw(JUNK)
    return json.dumps(value, allow_nan=True)


@st.composite
def broken(draw: Draw, frame: bytes) -> bytes:
    """Change bytes, as a bad line or a bad buffer would."""
    made = bytearray(frame)
    for _ in range(draw(st.integers(1, 4))):
        if not made:
            break
        at = draw(st.integers(0, len(made) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                made[at] = draw(st.integers(0, 255))
            case 1:
                del made[at : at + draw(st.integers(1, 40))]
            case 2:
                made[at:at] = draw(st.binary(max_size=8))
            case 3:
                made[at:at] = made[at : at + draw(st.integers(1, 200))]
            case _:
                made[at:at] = draw(st.sampled_from([b"\\u0000", b"[" * 50, b'"', b"{", b"\\ud800", b"1e9999"]))
    return bytes(made)


@st.composite
def frames(draw: Draw, version: str) -> bytes:
    """A message of a version's stations: as it should be, bent, or broken."""
    kind, action, body = draw(st.sampled_from(SAMPLES[version]))
    how = draw(st.integers(0, 5))
    if how in (1, 2, 3):
        body = draw(bent(body))
    id = draw(st.sampled_from(['"1"', '"x"', "7", '""', '"' + "i" * 500 + '"', "null", "1.5"]))
    kind = draw(st.sampled_from([kind] * 6 + [2, 3, 4, 5, 6, 7, -1]))
    frame = f'[{kind},{id},"{action}",{body}]'.encode("utf-8", "surrogatepass")
    return draw(broken(frame)) if how in (3, 4) else frame
