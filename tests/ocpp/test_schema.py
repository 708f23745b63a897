"""Every shape of 1.6 against the published JSON schemas, field by field. What differs is listed, with its reason."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from msgspec import inspect as mi

from zaryad.ocpp.v16 import wire

# Path in a message -> why our shape is not the schema's there.
DIFFERENT = {
    "RemoteStartTransaction.chargingProfile": "never sent: a transaction gets its profile once it runs",
    "*.connectorId": "0 to 9999: the schema has no limits, databases do",
    "StartTransaction.meterStart": "bounded: the schema has no limits, databases do",
    "StopTransaction.meterStop": "bounded: the schema has no limits, databases do",
    "StopTransaction.transactionData.sampledValue.unit": "one shape with MeterValues, whose schema knows Hertz too",
    "StopTransaction.transactionData.sampledValue": "one shape with MeterValues, whose schema wants at least one",
}


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((files("ocpp") / "v16" / "schemas" / f"{name}.json").read_text("utf-8-sig"))
    return read


MESSAGES = [
    (name + suffix, shapes[index])
    for table in (wire.FROM_STATION, wire.TO_STATION)
    for name, shapes in table.items()
    for index, suffix in enumerate(("", "Response"))
]


def excused(path: str) -> bool:
    return path in DIFFERENT or f"*.{path.rpartition('.')[2]}" in DIFFERENT


def compare(path: str, shape: mi.Type, asked: dict[str, Any]) -> list[str]:
    """Return the differences between a type of ours and a schema."""
    if isinstance(shape, mi.UnionType):
        shape = next(inner for inner in shape.types if not isinstance(inner, mi.NoneType))
    match shape:
        case mi.StructType():
            return compare_object(path, shape, asked)
        case mi.ListType():
            found = [] if asked["type"] == "array" else [f"{path}: is no list"]
            if shape.min_length != asked.get("minItems"):
                found.append(f"{path}: at least {shape.min_length}, the schema {asked.get('minItems')}")
            return found + compare(path, shape.item_type, asked["items"])
        case mi.LiteralType():
            return [] if set(shape.values) == set(asked.get("enum", ())) else [f"{path}: other words"]
        case mi.StrType():
            same = asked["type"] == "string" and "enum" not in asked and asked.get("format") is None
            return [] if same and shape.max_length == asked.get("maxLength") else [f"{path}: another text"]
        case mi.DateTimeType():
            return [] if asked.get("format") == "date-time" and shape.tz else [f"{path}: no time"]
        case mi.BoolType():
            return [] if asked["type"] == "boolean" else [f"{path}: no boolean"]
        case mi.IntType():
            unlimited = shape.ge is None and shape.le is None
            return [] if asked["type"] == "integer" and unlimited else [f"{path}: another number"]
    raise AssertionError(shape)


def compare_object(path: str, shape: mi.StructType, asked: dict[str, Any]) -> list[str]:
    ours = {field.encode_name: field for field in shape.fields}
    theirs, required = asked.get("properties", {}), set(asked.get("required", ()))
    found = [f"{path}.{name}: only in {'ours' if name in ours else 'the schema'}" for name in ours.keys() ^ theirs]
    for name in ours.keys() & theirs:
        if ours[name].required != (name in required):
            found.append(f"{path}.{name}: required or not")
        found += compare(f"{path}.{name}", ours[name].type, theirs[name])
    return found


@pytest.mark.parametrize(("name", "shape"), MESSAGES, ids=[name for name, _ in MESSAGES])
def test_a_shape_is_the_schemas(name: str, shape: type[wire.Wire]) -> None:
    found = compare(name, mi.type_info(shape), schema(name))
    assert [line for line in found if not excused(line.partition(":")[0])] == []


def test_every_excuse_is_needed() -> None:
    found = {
        line.partition(":")[0] for name, shape in MESSAGES for line in compare(name, mi.type_info(shape), schema(name))
    }
    needed = {path if path in DIFFERENT else f"*.{path.rpartition('.')[2]}" for path in found}
    assert needed == set(DIFFERENT)


def test_all_of_core_is_spoken_and_every_action_of_1_6_is_known() -> None:
    published = {file.name.removesuffix(".json") for file in (files("ocpp") / "v16" / "schemas").iterdir()}
    assert {name for name in published if not name.endswith("Response")} - {"__init__.py"} == wire.KNOWN
    assert len(wire.FROM_STATION) == 10


def test_what_the_strict_decoder_takes_the_schema_takes() -> None:
    """An unknown field, a null, an unknown word: all are seen, since the schemas forbid them."""
    decode = msgspec.json.Decoder(wire.StatusNotification).decode
    good = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": "2026-01-01T00:00:00Z"}
    decode(json.dumps(good).encode())
    for bad in ({"x": 1}, {"status": "Occupied"}, {"connectorId": "1"}, {"timestamp": "2026-01-01T00:00:00"}):
        with pytest.raises(msgspec.ValidationError):
            decode(json.dumps(good | bad).encode())
