"""OCPP-J's calls and answers as a state machine: text in, events out, no I/O and no clock of its own.

One call of ours may be outstanding (OCPP-J 4.1.1); the station's calls are answered while it is. The gateway
feeds `receive` and `expire`, sends whatever `call`, `answer` and `refuse` return, and awaits nothing in here.
What differs between versions is data: a `Dialect`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import Enum
from typing import Final, Literal

import msgspec

CALL: Final = 2
RESULT: Final = 3
ERROR: Final = 4
RESULT_ERROR: Final = 5  # 2.1: "I could not use your answer"
SEND: Final = 6  # 2.1: said without waiting for an answer

ID_MAX = 36  # of ids that we make; a station's ids are echoed as they are
WHY_MAX = 255
NOBODY = "-1"  # 2.x: the id in an error about a frame whose id could not be read


class Fault(Enum):
    """Why a call is answered by an error; values are OCPP 2.x's spelling."""

    NOT_IMPLEMENTED = "NotImplemented"  # an action nobody has heard of
    NOT_SUPPORTED = "NotSupported"  # a known action that is not offered here
    INTERNAL = "InternalError"
    PROTOCOL = "ProtocolError"
    SECURITY = "SecurityError"
    FORMAT = "FormatViolation"
    PROPERTY = "PropertyConstraintViolation"
    OCCURRENCE = "OccurrenceConstraintViolation"
    TYPE = "TypeConstraintViolation"
    GENERIC = "GenericError"
    MESSAGE_TYPE = "MessageTypeNotSupported"
    FRAMEWORK = "RpcFrameworkError"


# OCPP-J 1.6 errata 5.1, 5.2: both misspellings are declared "do not fix". 2.x's two newcomers have no word there.
SPELLING_16 = {
    Fault.FORMAT: "FormationViolation",
    Fault.OCCURRENCE: "OccurenceConstraintViolation",
    Fault.MESSAGE_TYPE: "GenericError",
    Fault.FRAMEWORK: "GenericError",
}
_FAULTS = {fault.value: fault for fault in Fault} | {
    SPELLING_16[fault]: fault for fault in (Fault.FORMAT, Fault.OCCURRENCE)
}


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """How one version of OCPP-J behaves where versions differ."""

    spelling: Mapping[Fault, str] = msgspec.field(default_factory=dict[Fault, str])
    tells_unreadable: bool = False  # an unreadable frame gets an error with id -1; 1.6 ignores it
    refuses_unknown_types: bool = False  # 2.0.1 only: MessageTypeNotSupported
    sends: bool = False  # message type 6 exists
    result_errors: bool = False  # message type 5 exists
    deflates: bool = False  # permessage-deflate is part of it
    boots_first: bool = False  # a station that was never accepted is refused whatever else it says


V16 = Dialect(spelling=SPELLING_16)
V201 = Dialect(tells_unreadable=True, refuses_unknown_types=True, deflates=True, boots_first=True)
V21 = Dialect(tells_unreadable=True, sends=True, result_errors=True, deflates=True, boots_first=True)


class Call(msgspec.Struct, frozen=True):
    """The other side asks, or we did. `id` is a number only where a station writes it so."""

    id: str | int
    action: str
    body: msgspec.Raw


class Told(msgspec.Struct, frozen=True):
    """A SEND of 2.1: like a call, and nobody waits for an answer."""

    id: str
    action: str
    body: msgspec.Raw


class Answered(msgspec.Struct, frozen=True):
    """Our call got its result."""

    call: Call
    body: msgspec.Raw


class Refused(msgspec.Struct, frozen=True):
    """Our call got an error. `fault` is None for a word that OCPP does not know."""

    call: Call
    fault: Fault | None
    code: str
    why: str
    details: msgspec.Raw = msgspec.Raw(b"{}")


class Unanswered(msgspec.Struct, frozen=True):
    """Our call waited long enough; its answer, should it come, will be a Stray."""

    call: Call


class Stray(msgspec.Struct, frozen=True):
    """An answer to nothing that is asked now: late, doubled, or to somebody else's question. `code` marks an error."""

    id: str
    body: msgspec.Raw
    code: str | None = None


class Unusable(msgspec.Struct, frozen=True):
    """A CALLRESULTERROR of 2.1: the station could not use our answer. There is no answer to it."""

    id: str
    code: str
    why: str


class Junk(msgspec.Struct, frozen=True):
    """A frame that cannot be used. `reply`, where the version has one, is to be sent as it is."""

    why: str
    reply: bytes | None = None


Event = Call | Told | Answered | Refused | Stray | Unusable | Junk

Body = msgspec.Struct | Mapping[str, object]  # a payload of ours: a shape, or as a technician wrote it
EMPTY = msgspec.Raw(b"{}")

_call = msgspec.json.Decoder(tuple[Literal[2], str, str, msgspec.Raw]).decode
_parts = msgspec.json.Decoder(list[msgspec.Raw]).decode
_whole = msgspec.json.Decoder(int).decode
_text = msgspec.json.Decoder(str).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode

# ValueError covers msgspec's own errors and text that is not Unicode; deep nesting ends in RecursionError.
_UNREADABLE = (ValueError, RecursionError)
_WHOLE_MAX = 2**63


class Rpc:
    """One connection's side of the conversation. No input makes `receive` raise."""

    __slots__ = ("_answer_within", "_deadline", "_dialect", "_ours")

    def __init__(self, dialect: Dialect, answer_within: dt.timedelta) -> None:
        self._dialect = dialect
        self._answer_within = answer_within
        self._ours: Call | None = None
        self._deadline: dt.datetime | None = None

    @property
    def free(self) -> bool:
        """Whether the station can be asked something now."""
        return self._ours is None

    @property
    def deadline(self) -> dt.datetime | None:
        """Until when our call waits."""
        return self._deadline

    def receive(self, frame: bytes | str) -> Event:
        """Read one message."""
        try:
            _, id, action, body = _call(frame)
        except _UNREADABLE:
            return self._receive_other(frame)
        return Call(id, action, body)

    def call(self, id: str, action: str, body: Body, now: dt.datetime) -> bytes:
        """Ask; `id` at most 36 characters. Only when `free`."""
        assert self._ours is None, "a station is asked one thing at a time"
        assert len(id) <= ID_MAX, "an id that stations need not accept"
        encoded = msgspec.Raw(_encode(body))
        self._ours = Call(id, action, encoded)
        self._deadline = now + self._answer_within
        return _encode((CALL, id, action, encoded))

    def answer(self, call: Call, body: msgspec.Struct) -> bytes:
        """Give the station the result of its call."""
        return _encode((RESULT, call.id, body))

    def refuse(self, call: Call, fault: Fault, why: str) -> bytes:
        """Give the station an error for its call."""
        return self._error(call.id, fault, why)

    def expire(self, now: dt.datetime) -> Unanswered | None:
        """Stop waiting when our call's time is up."""
        if self._ours is None or self._deadline is None or now < self._deadline:
            return None
        call, self._ours, self._deadline = self._ours, None, None
        return Unanswered(call)

    def _receive_other(self, frame: bytes | str) -> Event:
        try:
            parts = _parts(frame)
        except _UNREADABLE as error:
            return self._junk(f"no message: {error}")
        if len(parts) < 2:
            return self._junk("a message has a type and an id")
        kind, id = _number(parts[0]), _id(parts[1])
        if kind is None or id is None:
            return self._junk("a message's type is a whole number, its id is text")
        return self._by_kind(kind, id, parts[2:])

    def _by_kind(self, kind: int, id: str | int, rest: list[msgspec.Raw]) -> Event:
        match kind:
            case 2:
                event = self._received_call(id, rest)
            case 3:
                event = self._received_result(str(id), rest)
            case 4:
                event = self._received_error(str(id), rest)
            case 5 if self._dialect.result_errors:
                event = Unusable(str(id), _word(rest, 0, Fault.GENERIC.value), _word(rest, 1, ""))
            case 6 if self._dialect.sends:
                action = _word(rest, 0, "")
                event = Told(str(id), action, _body(rest, 1)) if action else Junk("a SEND without an action")
            case _:
                refused = self._dialect.refuses_unknown_types
                event = Junk(f"message type {kind}", self._error(id, Fault.MESSAGE_TYPE, "") if refused else None)
        return event

    def _received_call(self, id: str | int, rest: list[msgspec.Raw]) -> Event:
        """Read what is not exactly a call: an id as a number, the payload missing, more parts than there should be."""
        action = _word(rest, 0, "")
        if not action:
            why, framework = "a call has an action", self._dialect.tells_unreadable
            return Junk(why, self._error(id, Fault.FRAMEWORK if framework else Fault.FORMAT, why))
        return Call(id, action, _body(rest, 1))

    def _received_result(self, id: str, rest: list[msgspec.Raw]) -> Event:
        body = _body(rest, 0)
        call = self._take(id)
        return Stray(id, body) if call is None else Answered(call, body)

    def _received_error(self, id: str, rest: list[msgspec.Raw]) -> Event:
        """Read an error; in 1.6 some stations leave out any of its parts."""
        code = _word(rest, 0, Fault.GENERIC.value)
        call = self._take(id)
        if call is None:
            return Stray(id, _body(rest, 2), code)
        return Refused(call, _FAULTS.get(code), code, _word(rest, 1, ""), _body(rest, 2))

    def _take(self, id: str) -> Call | None:
        if self._ours is None or self._ours.id != id:
            return None
        call, self._ours, self._deadline = self._ours, None, None
        return call

    def _junk(self, why: str) -> Junk:
        return Junk(why, self._error(NOBODY, Fault.FRAMEWORK, why) if self._dialect.tells_unreadable else None)

    def _error(self, id: str | int, fault: Fault, why: str) -> bytes:
        code = self._dialect.spelling.get(fault, fault.value)
        return _encode((ERROR, id, code, why[:WHY_MAX], {}))


def _number(raw: msgspec.Raw) -> int | None:
    try:
        return _whole(raw)
    except _UNREADABLE:
        return None


def _id(raw: msgspec.Raw) -> str | int | None:
    try:
        return _text(raw)
    except _UNREADABLE:
        number = _number(raw)
        return number if number is not None and abs(number) < _WHOLE_MAX else None


def _word(parts: list[msgspec.Raw], index: int, default: str) -> str:
    try:
        return _text(parts[index])
    except (*_UNREADABLE, IndexError):
        return default


def _body(parts: list[msgspec.Raw], index: int) -> msgspec.Raw:
    """Return the payload; nothing and null are an empty one."""
    if len(parts) <= index or bytes(parts[index]) == b"null":
        return EMPTY
    return parts[index]
