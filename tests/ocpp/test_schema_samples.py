"""Messages made from each schema and from each shape: what one makes, the other takes."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec import inspect as mi

from tests.ocpp.schemas import ALL, Schema, messages, published
from zaryad.ocpp.repair import Violation, repaired
from zaryad.ocpp.v2 import wire, wire21

IDS = ["-".join(found) for found in ALL]
encode = msgspec.json.Encoder(decimal_format="number").encode  # as zaryad.ocpp.rpc does


def made(asked: Schema, definitions: dict[str, Schema]) -> Any:
    """Make the fullest instance of a schema."""
    if "$ref" in asked:
        asked = definitions[asked["$ref"].rpartition("/")[2]]
    if "enum" in asked:
        return asked["enum"][-1]
    match asked.get("type"):
        case "object":
            return {name: made(inner, definitions) for name, inner in asked.get("properties", {}).items()}
        case "array":
            return [made(asked["items"], definitions) for _ in range(min(asked.get("maxItems", 2), 2))]
        case "integer":
            return int(asked.get("maximum", asked.get("minimum", 3)))
        case "number":
            return -0.5 if asked.get("maximum") == 0 else 2.5
        case "boolean":
            return False
        case "string" if asked.get("format") == "date-time":
            return "2026-11-21T10:00:00Z"
        case "string":
            return "ы" * min(asked.get("maxLength", 600), 600)
    return {"free": ["of", 1.5, None]}  # DataTransfer's data: whatever both sides agree on


def full(version: str, name: str) -> dict[str, Any]:
    schema = published(version)[name]
    instance: dict[str, Any] = made({"type": "object", **schema}, schema.get("definitions", {}))
    return instance


def smallest(shape: mi.Type) -> Any:
    """Make the least that a shape allows."""
    match shape:
        case mi.StructType():
            return shape.cls(**{field.name: smallest(field.type) for field in shape.fields if field.required})
        case mi.ListType():
            return [smallest(shape.item_type) for _ in range(shape.min_length or 0)]
        case mi.LiteralType():
            return shape.values[0]
        case mi.IntType():
            return shape.ge or 0
        case mi.DecimalType():
            return Decimal("0.5")
        case mi.BoolType():
            return True
        case mi.DateTimeType():
            return dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
        case mi.StrType():
            return ""
    raise AssertionError(shape)


@pytest.mark.parametrize(("version", "name"), ALL, ids=IDS)
def test_what_a_schema_allows_a_shape_takes_and_says_again(version: str, name: str) -> None:
    instance = full(version, name)
    jsonschema.validate(instance, published(version)[name])
    said = msgspec.json.decode(json.dumps(instance).encode(), type=messages(version)[name])
    assert json.loads(encode(said)) == instance


@pytest.mark.parametrize(("version", "name"), ALL, ids=IDS)
def test_the_least_that_a_shape_allows_its_schema_takes(version: str, name: str) -> None:
    said = smallest(mi.type_info(messages(version)[name]))
    jsonschema.validate(json.loads(encode(said)), published(version)[name])


@pytest.mark.parametrize(("version", "name"), ALL, ids=IDS)
def test_every_shape_can_be_repaired(version: str, name: str) -> None:
    """Numbers and truths as texts, nulls, a field that nobody knows."""
    shape, instance = messages(version)[name], full(version, name)
    if name.startswith("DataTransfer"):
        instance.pop("data")  # where a text is a text
    notes: list[Violation] = []
    bad = {**worse(instance), "unheardOf": [1]}
    assert repaired(json.dumps(bad).encode(), shape, {}, notes) == msgspec.convert(instance, shape)
    assert Violation("unknown_field", "unheardOf") in notes


def worse(value: Any) -> Any:
    if isinstance(value, dict):
        free = {"customData": value["customData"]} if "customData" in value else {}
        return {name: worse(inner) for name, inner in value.items()} | {"nothing": None} | free
    if isinstance(value, list):
        return [worse(inner) for inner in value]
    return value if isinstance(value, str) else str(value)


def test_a_number_loses_nothing_and_is_said_as_a_number() -> None:
    body = b'{"value":12345678901234567.000000000000000001}'
    said = msgspec.json.decode(body, type=wire.SampledValue)
    assert said.value == Decimal("12345678901234567.000000000000000001")
    assert encode(said) == body


def test_words_that_no_rule_would_find_are_on_the_wire_as_published() -> None:
    assert encode(wire21.LimitAtSoC(soc=80, limit=Decimal(7))) == b'{"soc":80,"limit":7}'
    said = wire21.TransactionLimit(max_soc=80, max_energy=Decimal("0.5"))
    assert json.loads(encode(said)) == {"maxSoC": 80, "maxEnergy": 0.5}
    assert "IdleTIme" in wire21.CostDimensionKind.__args__
    assert set(wire21.ChargingSchedulePeriod.__struct_encode_fields__) >= {"setpoint_L2", "setpointReactive_L3"}


def test_an_absurd_number_is_refused_by_the_repair() -> None:
    notes: list[Violation] = []
    body = b'{"idTokenInfo":7,"totalCost":1e999999,"chargingPriority":1}'
    assert repaired(body, wire.TransactionEventResponse, {}, notes) == wire.TransactionEventResponse(
        charging_priority=1
    )
    assert [note.where for note in notes] == ["totalCost", "idTokenInfo"]
