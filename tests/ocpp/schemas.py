"""The published JSON schemas, and how a shape of ours differs from one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import inspect as mi

from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v16 import wire as wire16

Schema = dict[str, Any]
# The standard's integers have 32 bits. The schemas do not say so; a shape may, and is none the worse for it.
LEAST, MOST = -(2**31), 2**31 - 1
VERSIONS = ("v16", "v201", "v21")


@cache
def published(version: str) -> dict[str, Schema]:
    """Return the schemas of a version by the names of their files."""
    found = (file for file in (files("ocpp") / version / "schemas").iterdir() if file.name.endswith(".json"))
    return {file.name.removesuffix(".json"): json.loads(file.read_text("utf-8-sig")) for file in found}


@cache
def messages(version: str) -> dict[str, type[msgspec.Struct]]:
    """Return our shapes of a version by the names of the schemas they are compared with."""
    tables, suffix = {
        "v16": ((wire16.FROM_STATION, wire16.TO_STATION), ""),
        "v201": ((wire.FROM_STATION, wire.TO_STATION), "Request"),
        "v21": ((wire21.FROM_STATION_21, wire21.TO_STATION_21), "Request"),
    }[version]
    found: dict[str, type[msgspec.Struct]] = {}
    for table in tables:
        for action, (asks, answers) in table.items():
            found |= {f"{action}{suffix}": asks, f"{action}Response": answers}
    return found | (dict(wire21.SENT_21) if version == "v21" else {})


ALL = [(version, name) for version in VERSIONS for name in sorted(messages(version))]


def differences(version: str, name: str) -> list[str]:
    """Compare a message: `path: what is other`, where the path begins at the message or at a named type of it."""
    asked = published(version)[name]
    shape = mi.type_info(messages(version)[name])
    assert isinstance(shape, mi.StructType)
    return list(_Comparison(asked.get("definitions", {})).object(name, shape, asked))


class _Comparison:
    def __init__(self, definitions: dict[str, Schema]) -> None:
        self._definitions = definitions

    def object(self, path: str, shape: mi.StructType, asked: Schema) -> Iterator[str]:
        if shape.cls.__struct_config__.forbid_unknown_fields is not (asked.get("additionalProperties") is False):
            yield f"{path}: other fields"
        ours = {field.encode_name: field for field in shape.fields}
        theirs, required = asked.get("properties", {}), set(asked.get("required", ()))
        for name in ours.keys() ^ theirs.keys():
            yield f"{path}.{name}: only in {'ours' if name in ours else 'the schema'}"
        for name in ours.keys() & theirs.keys():
            if ours[name].required != (name in required):
                yield f"{path}.{name}: required or not"
            yield from self.value(f"{path}.{name}", ours[name].type, theirs[name])

    def value(self, path: str, shape: mi.Type, asked: Schema) -> Iterator[str]:
        if isinstance(shape, mi.UnionType):
            shape = next(inner for inner in shape.types if not isinstance(inner, mi.NoneType))
        if "$ref" in asked:
            name = asked["$ref"].rpartition("/")[2]
            asked = self._definitions[name]
            if "properties" in asked:
                path = path if isinstance(shape, mi.DictType) else name.removesuffix("Type")
        match shape:
            case mi.StructType():
                yield from self.object(path, shape, asked)
            case mi.ListType():
                yield from self.list(path, shape, asked)
            case mi.AnyType():
                if asked.keys() & {"type", "enum"}:
                    yield f"{path}: anything"
            case mi.DictType():
                yield f"{path}: any object"
            case _:
                if not same(shape, asked):
                    yield f"{path}: {shape}, the schema {asked}"

    def list(self, path: str, shape: mi.ListType, asked: Schema) -> Iterator[str]:
        if asked.get("type") != "array":
            yield f"{path}: a list"
            return
        for ours, theirs in ((shape.min_length, "minItems"), (shape.max_length, "maxItems")):
            if ours != asked.get(theirs):
                yield f"{path}: {theirs} is {ours}, in the schema {asked.get(theirs)}"
        yield from self.value(path, shape.item_type, asked["items"])


def same(shape: mi.Type, asked: Schema) -> bool:
    """Say whether a simple type is the schema's."""
    kind, format = asked.get("type"), asked.get("format")
    match shape:
        case mi.LiteralType():
            return set(shape.values) == set(asked.get("enum", ()))
        case mi.StrType():
            unnamed = kind == "string" and "enum" not in asked and format is None
            return unnamed and shape.max_length == asked.get("maxLength")
        case mi.DateTimeType():
            return format == "date-time" and shape.tz is True
        case mi.BoolType():
            return kind == "boolean"
        case mi.DecimalType():
            return kind == "number" and not asked.keys() & {"minimum", "maximum", "multipleOf"}
        case mi.IntType():
            ours = (LEAST if shape.ge is None else shape.ge, MOST if shape.le is None else shape.le)
            return kind == "integer" and ours == (asked.get("minimum", LEAST), asked.get("maximum", MOST))
    raise AssertionError(shape)
