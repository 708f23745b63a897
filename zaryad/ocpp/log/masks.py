"""What is secret in a frame, of every version, and is replaced before the frame is written or shown.

Secret: a value that opens something. Keys and passwords of a station's configuration (1.6 key and value, 2.x variable
and attribute), of network profiles, credentials inside URLs and in the paths of files, private keys in PEM. Not
secret, though personal: tokens of drivers, which are what the log is searched by; they are forgotten with their day.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

MASK = "***"
DEPTH_MAX = 12

# Names of what opens something: configuration keys, variables, fields.
_TOKENS = r"(?:auth|access|bearer|api|refresh)_?token"
_NAMES = (
    r"authorization_?key|passw|passphrase|pwd|secret|private_?key|api_?key|(?:^|[^a-z])psk|psk$"
    rf"|(?:sim|apn|vpn|wifi|admin)_?(?:pin|key|pass)|(?:^|_)pass$|ftp_?pass|{_TOKENS}"
)
_NAME = re.compile(_NAMES, re.IGNORECASE)
# What every such name has a piece of: most frames have none, and are read no further.
_SUSPECT = ("key", "pass", "pwd", "secret", "psk", "pin", "\\u00")
_TOKEN = re.compile(_TOKENS)
_VALUES = ("value", "attributeValue", "actualValue")
_URL = re.compile(r"([a-z][a-z0-9+.-]{1,20}:(?:\\?/){2}[^/\\?#\s\"':@]{0,128}):([^/\\?#\s\"]{1,256})@", re.IGNORECASE)
# Leave to fetch or send one file, in the path of its address (zaryad.maintenance.files.grant).
_LEAVE = re.compile(r"(\\?/files\\?/[0-9a-f]{16}\\?/)[0-9a-f]{32}")
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]{0,32})PRIVATE KEY-----.*?(?:-----END \1PRIVATE KEY-----|\Z)", re.DOTALL)

# For text that is no JSON, or no longer. A station chooses it: no pattern may look far ahead of itself.
_SAID = re.compile(r'("(?:value|attributeValue|actualValue)"\s{0,9}:\s{0,9}")(?:[^"\\]|\\.)*', re.IGNORECASE)
_VPN_KEY = re.compile(r'("key"\s{0,9}:\s{0,9}")(?:[^"\\]|\\.)*', re.IGNORECASE)
_FIELD = re.compile(
    rf'("[^"]{{0,64}}(?:{_NAMES})[^"]{{0,64}}"\s{{0,9}}:\s{{0,9}})(?:"(?:[^"\\]|\\.)*|-?\d{{1,19}})', re.IGNORECASE
)

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def masked(text: str) -> str:
    """Return a frame without its secrets; as it was, byte for byte, when it has none."""
    if not _suspect(text):
        return text
    try:
        said = _decode(text)
    except (ValueError, RecursionError):
        return _masked_text(text)
    shown = _masked(said, 0)
    return text if shown is said else _encode(shown).decode("utf-8", "replace")


def _suspect(text: str) -> bool:
    low = text.lower()
    return (
        any(word in low for word in _SUSPECT)
        or ("token" in low and _TOKEN.search(low) is not None)
        or ("@" in low and ("://" in low or ":\\/" in low))
        or "/files" in low
    )


def _masked(value: Any, depth: int) -> Any:
    """Return the value without secrets: the same object when there are none."""
    if isinstance(value, str):
        return _masked_string(value, depth)
    if depth > DEPTH_MAX or not isinstance(value, dict | list):
        return value
    if isinstance(value, list):
        items = [_masked(each, depth + 1) for each in value]
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    fields = {name: _masked_field(value, name, each, depth) for name, each in value.items()}
    return value if all(fields[name] is each for name, each in value.items()) else fields


def _masked_field(owner: dict[str, Any], name: str, value: Any, depth: int) -> Any:
    if (name in _VALUES or name == "variableAttribute") and _about_a_secret(owner):
        return _hidden(value)
    if _NAME.search(name) or (name == "key" and _is_vpn(owner)):
        return _hidden(value)
    return _masked(value, depth + 1)


def _about_a_secret(owner: dict[str, Any]) -> bool:
    """Whether it is a configuration key (1.6) or a variable (2.x) with a secret's name."""
    variable = owner.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else owner.get("key")
    return isinstance(name, str) and _NAME.search(name) is not None


def _is_vpn(owner: dict[str, Any]) -> bool:
    return "server" in owner and "user" in owner  # VPNType: server, user, group, password, key, type


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return MASK if value else value
    if isinstance(value, bool) or value is None:
        return value  # whether there is one is no secret
    if isinstance(value, int | float):
        return MASK
    # Attributes of a variable: type and mutability are said, values are not.
    if isinstance(value, list):
        hidden: Any = [_hidden(each) for each in value]
    else:
        hidden = {name: _hidden(each) if name in _VALUES else each for name, each in value.items()}
    return value if hidden == value else hidden


def _masked_string(text: str, depth: int) -> str:
    if text[:1] in ("{", "[") and depth <= DEPTH_MAX:  # DataTransfer carries JSON as text
        try:
            said = _decode(text)
        except (ValueError, RecursionError):
            return _masked_text(text)
        shown = _masked(said, depth + 1)
        return text if shown is said else _encode(shown).decode("utf-8", "replace")
    if "@" in text and ":/" in text:
        text = _same(text, _URL.sub(rf"\1:{MASK}@", text))
    if "/files" in text:
        text = _same(text, _LEAVE.sub(rf"\1{MASK}", text))
    if "PRIVATE KEY" in text:
        text = _same(text, _PEM.sub(rf"-----BEGIN \1PRIVATE KEY-----{MASK}", text))
    return text


def _same(before: str, after: str) -> str:
    return before if before == after else after


def _masked_text(text: str) -> str:
    """Hide in what cannot be read as JSON: beside a secret's name every value, since nothing says whose it is."""
    if _NAME.search(text):
        text = _SAID.sub(rf"\1{MASK}", _FIELD.sub(rf'\1"{MASK}', text))
        if '"vpn"' in text:
            text = _VPN_KEY.sub(rf"\1{MASK}", text)
    text = _LEAVE.sub(rf"\1{MASK}", _URL.sub(rf"\1:{MASK}@", text))
    return _PEM.sub(rf"-----BEGIN \1PRIVATE KEY-----{MASK}", text)
