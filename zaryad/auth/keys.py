"""Keys derived from the deployment's one secret: a key for each purpose, none of which tells another."""

from __future__ import annotations

import hashlib
import hmac

import msgspec


class Keys(msgspec.Struct, frozen=True):
    """What signs access tokens, and what keys the hashes of codes and of refresh tokens."""

    access: bytes
    codes: bytes
    refresh: bytes

    def __repr__(self) -> str:
        return "Keys(...)"


def keys_of(secret: bytes) -> Keys:
    """Derive the keys (HKDF-Expand of RFC 5869 for one block: the secret is long and random already)."""

    def derive(purpose: bytes) -> bytes:
        return hmac.new(secret, b"zaryad auth " + purpose + b"\x01", hashlib.sha256).digest()

    return Keys(derive(b"access"), derive(b"codes"), derive(b"refresh"))


def keyed(key: bytes, *parts: str) -> bytes:
    """Return the keyed hash of some texts; what is between them cannot move from one to the other."""
    joined = b"".join(len(data).to_bytes(4, "big") + data for data in (part.encode() for part in parts))
    return hmac.new(key, joined, hashlib.sha256).digest()
