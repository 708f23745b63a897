"""Reads a message that is not quite what the standard says, as long as its meaning survives.

Strict decoders read what conforms; only what they refuse comes here. Every liberty taken is a `Violation`,
to be counted and shown: we are lenient, and say so. Knows shapes (msgspec Structs), and no version.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect as mi

from zaryad.ocpp.rpc import Fault

TEXT_MAX = 1_000  # an over-long text is kept, up to here; a text without a limit of its own has the frame's
NUMBER_LENGTH_MAX = 40
NOTES_MAX = 50
S = TypeVar("S", bound=msgspec.Struct)

# What a required field that is missing or unreadable is taken for, by shape and field.
StandIns = Mapping[type[msgspec.Struct], Mapping[str, object]]


class UntranslatableError(Exception):
    """The message cannot be understood: `fault` and `why` are the answer."""

    def __init__(self, fault: Fault, why: str) -> None:
        super().__init__(why)
        self.fault = fault
        self.why = why


class Violation(msgspec.Struct, frozen=True):
    """A liberty taken. `kind` is one of a few words, `where` a field's path."""

    kind: str
    where: str


class _UnreadableError(Exception):
    def __init__(self, fault: Fault, why: str) -> None:
        super().__init__(why)
        self.fault = fault


def repaired(body: bytes, shape: type[S], stand_ins: StandIns, notes: list[Violation]) -> S:
    """Read `body` as `shape`, noting each liberty; UntranslatableError when what has no stand-in cannot be read."""
    value = _parse(body)
    if value is None or value == []:  # some libraries have no empty object
        notes.append(Violation("not_an_object", ""))
        value = {}
    if not isinstance(value, dict):
        raise UntranslatableError(Fault.FORMAT, "the payload is not an object")
    try:
        made: S = _Repair(stand_ins, notes).struct(shape, value, "")
    except _UnreadableError as error:
        raise UntranslatableError(error.fault, str(error)) from error
    return made


def _parse(body: bytes) -> object:
    try:
        return msgspec.json.Decoder(float_hook=Decimal).decode(body)
    except (ValueError, RecursionError):
        pass
    try:  # more forgiving: lone surrogates, NaN, control characters inside texts
        return json.loads(body.decode("utf-8", "replace"), strict=False, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise UntranslatableError(Fault.FORMAT, f"the payload cannot be read: {error}") from error


class _Known(msgspec.Struct, frozen=True):
    """A shape, looked at once."""

    fields: tuple[tuple[mi.Field, mi.Type], ...]  # with the type less its `| None`
    names: frozenset[str]
    folded: dict[str, str]  # lower case -> as it should be


@cache
def _known(shape: type[msgspec.Struct]) -> _Known:
    found = mi.type_info(shape)
    assert isinstance(found, mi.StructType)
    names = frozenset(field.encode_name for field in found.fields)
    fields = tuple((field, _required(field.type)) for field in found.fields)
    return _Known(fields, names, {name.lower(): name for name in names})


class _Repair:
    def __init__(self, stand_ins: StandIns, notes: list[Violation]) -> None:
        self._stand_ins = stand_ins
        self._notes = notes

    def note(self, kind: str, where: str) -> None:
        if len(self._notes) < NOTES_MAX:
            self._notes.append(Violation(kind, where[:100]))

    def struct(self, shape: type[msgspec.Struct], value: dict[str, object], where: str) -> Any:
        """Build the shape without its checks, field by field."""
        known = _known(shape)
        given = self._given(known, value, where)
        spare = self._stand_ins.get(shape, {})
        made: dict[str, object] = {}
        for field, required in known.fields:
            path = f"{where}.{field.encode_name}" if where else field.encode_name
            if field.encode_name not in given:
                if field.required:
                    absent = _UnreadableError(Fault.OCCURRENCE, f"no {path}")
                    made[field.name] = self._stand_in(spare, field, path, absent)
                continue
            try:
                made[field.name] = self.value(required, given[field.encode_name], path)
            except _UnreadableError as error:
                if field.required:
                    made[field.name] = self._stand_in(spare, field, path, error)
                else:
                    self.note("unreadable", path)
        return shape(**made)

    def _given(self, known: _Known, value: dict[str, object], where: str) -> dict[str, object]:
        """Sort what was sent by the names that the shape knows; null is absence."""
        given: dict[str, object] = {}
        for key, content in value.items():
            name = key
            if key not in known.names:
                name = known.folded.get(key.lower(), "")
                self.note("field_case" if name else "unknown_field", f"{where}.{key}" if where else key)
                if not name or name in value:
                    continue
            if content is None:
                self.note("null", name)
            else:
                given[name] = content
        return given

    def _stand_in(self, spare: Mapping[str, object], field: mi.Field, path: str, error: _UnreadableError) -> object:
        if field.name not in spare:
            raise error
        self.note("missing" if error.fault is Fault.OCCURRENCE else "unreadable", path)
        return spare[field.name]

    def value(self, shape: mi.Type, value: object, where: str) -> object:
        """Read one value."""
        match shape:
            case mi.ListType():
                read: object = self._list(shape, value, where)
            case mi.StructType() if isinstance(value, dict):
                read = self.struct(shape.cls, value, where)
            case mi.DictType() if isinstance(value, dict):
                read = self._anything(value, where)
            case mi.StructType() | mi.DictType():
                raise _UnreadableError(Fault.TYPE, f"{where} is not an object")
            case mi.AnyType():
                read = self._anything(value, where)
            case _:
                read = self._simple(shape, value, where)
        return read

    def _simple(self, shape: mi.Type, value: object, where: str) -> object:
        match shape:
            case mi.StrType():
                read: object = self._text(value, shape.max_length, where)
            case mi.LiteralType():
                read = self._word(shape.values, value, where)
            case mi.BoolType():
                read = self._truth(value, where)
            case mi.IntType():
                read = self._whole(shape, value, where)
            case mi.DecimalType():
                read = self._number(value, where)
            case mi.DateTimeType():
                read = self._time(value, where)
            case _:
                raise AssertionError(f"a shape that nobody repairs: {shape}")
        return read

    def _text(self, value: object, most: int | None, where: str) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal | float | dict | list):
            raise _UnreadableError(Fault.TYPE, f"{where} is not text")
        if not isinstance(value, str):
            self.note("not_text", where)
            value = _as_text(value)
        cleaned = clean(value)
        if cleaned != value:
            self.note("bad_characters", where)
        if most is not None and len(cleaned) > most:
            self.note("too_long", where)
            cleaned = cleaned[: max(TEXT_MAX, most)]
        return cleaned

    def _word(self, words: tuple[object, ...], value: object, where: str) -> str:
        text = self._text(value, TEXT_MAX, where).strip()
        if text in words:
            return text
        folded = {str(word).lower(): str(word) for word in words}
        known = folded.get(text.lower())
        self.note("word_case" if known else "unknown_word", where)
        return known or text

    def _truth(self, value: object, where: str) -> bool:
        if isinstance(value, bool):
            return value
        self.note("not_boolean", where)
        match str(value).strip().lower():
            case "true" | "1" | "yes":
                return True
            case "false" | "0" | "no":
                return False
        raise _UnreadableError(Fault.TYPE, f"{where} is neither true nor false")

    def _whole(self, shape: mi.IntType, value: object, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal | float):
            raise _UnreadableError(Fault.TYPE, f"{where} is not a number")
        if not isinstance(value, int):
            self.note("text_for_number" if isinstance(value, str) else "not_whole", where)
            number = decimal(str(value))
            if number is None:
                raise _UnreadableError(Fault.TYPE, f"{where} is not a number")
            value = int(number)
        if (shape.ge is not None and value < shape.ge) or (shape.le is not None and value > shape.le):
            raise _UnreadableError(Fault.PROPERTY, f"{where} is out of range")
        return value

    def _number(self, value: object, where: str) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal | float):
            raise _UnreadableError(Fault.TYPE, f"{where} is not a number")
        if isinstance(value, str):
            self.note("text_for_number", where)
        number = decimal(str(value))
        if number is None:
            raise _UnreadableError(Fault.TYPE, f"{where} is not a number")
        return number

    def _anything(self, value: object, where: str) -> object:
        try:
            return _harmless(value)
        except RecursionError as error:
            raise _UnreadableError(Fault.FORMAT, f"{where} cannot be read: too deep") from error

    def _time(self, value: object, where: str) -> dt.datetime:
        at, kind = read_time(value)
        if kind:
            self.note(kind, where)
        if at is None:
            raise _UnreadableError(Fault.TYPE, f"{where} is not a time")
        return at

    def _list(self, shape: mi.ListType, value: object, where: str) -> list[object]:
        if not isinstance(value, list):
            self.note("not_a_list", where)
            value = [value]
        if not value and shape.min_length:
            self.note("empty_list", where)
        if shape.max_length is not None and len(value) > shape.max_length:
            self.note("long_list", where)
        read = []
        for item in value:
            try:
                read.append(self.value(shape.item_type, item, where))
            except _UnreadableError:
                self.note("unreadable", where)
        return read


def _required(shape: mi.Type) -> mi.Type:
    """Return the type without its `| None`."""
    if isinstance(shape, mi.UnionType):
        return next(inner for inner in shape.types if not isinstance(inner, mi.NoneType))
    return shape


def clean(text: str) -> str:
    """Return the text without what a database cannot keep: NUL, and half characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _harmless(value: object) -> object:
    """Return what nobody gave a shape as a strict decoder would, less what a database cannot keep."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _harmless(item) for key, item in value.items()}
    return value


def sane(number: Decimal) -> bool:
    """Say whether one can count with a number; a strict decoder also takes NaN and 1e999999 for numbers."""
    return number.is_finite() and abs(number.adjusted()) < NUMBER_LENGTH_MAX


def decimal(text: str) -> Decimal | None:
    """Read a finite number of sane length, with a comma if it must be."""
    text = text.strip()
    if not text or len(text) > NUMBER_LENGTH_MAX:
        return None
    if "," in text and "." not in text and text.count(",") == 1:
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if sane(number) else None


_encode = msgspec.json.Encoder(decimal_format="number").encode
_OFFSET = re.compile(r"\s+(?=[+-]\d\d:?\d\d$)|\s*UTC$|\s*GMT$", re.IGNORECASE)


def read_time(value: object) -> tuple[dt.datetime | None, str]:
    """Read a time into UTC; also the kind of liberty it took, empty for none. A missing zone is UTC (A.6)."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _epoch(value), "time_as_number"
    if not isinstance(value, str) or len(value) > NUMBER_LENGTH_MAX:
        return None, ""
    text, zoned = _OFFSET.sub(lambda found: "Z" if found[0].strip() else "", value.strip()), ""
    try:
        at = msgspec.convert(text, dt.datetime)
    except msgspec.ValidationError:
        zoned = "odd_time"
        try:
            at = dt.datetime.fromisoformat(text.replace("/", "-").replace(":60", ":59"))
        except ValueError:
            return None, ""
    if at.tzinfo is None:
        return at.replace(tzinfo=dt.UTC), "no_zone"
    try:
        return at.astimezone(dt.UTC), zoned
    except OverflowError:
        return None, ""


def _epoch(value: int | Decimal) -> dt.datetime | None:
    """Read Unix seconds or milliseconds."""
    try:
        seconds = float(value)
        if not math.isfinite(seconds):
            return None
        return dt.datetime.fromtimestamp(seconds / 1000 if abs(seconds) > 10**11 else seconds, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _as_text(value: object) -> str:
    if isinstance(value, dict | list):
        return _encode(value).decode()
    return str(value)
