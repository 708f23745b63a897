"""Keeps small secrets in the database: sealed with a key that follows from the deployment's secret (AES-256-GCM).

What is sealed for one purpose opens for no other, and nothing opens without `security.secret`: a stolen dump of the
database holds no key and no password. Another secret makes all of it unreadable.
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES: Final = 12
_MARK: Final = "sealed:1:"


class UnsealError(Exception):
    """It was sealed with another secret, for another purpose, or is damaged."""


class Seal:
    """Seals and opens for one deployment."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def close(self, purpose: str, plain: bytes) -> bytes:
        """Return `plain` sealed for `purpose`; twice the same gives two texts."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher(purpose).encrypt(nonce, plain, purpose.encode())

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """Return what was sealed for `purpose`. Raises UnsealError."""
        try:
            return self._cipher(purpose).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise UnsealError(purpose) from error

    def close_text(self, purpose: str, plain: str) -> str:
        """Return a text sealed as a text that can stand where the plain one would: in an order, for one."""
        return f"{_MARK}{purpose}:" + base64.b64encode(self.close(purpose, plain.encode())).decode()

    def open_text(self, text: str) -> str:
        """Return the plain text of what `close_text` made; any other text as it stands. Raises UnsealError."""
        if not text.startswith(_MARK):
            return text
        purpose, _, body = text.removeprefix(_MARK).rpartition(":")
        try:
            return self.open(purpose, base64.b64decode(body, validate=True)).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UnsealError(purpose) from error

    def _cipher(self, purpose: str) -> AESGCM:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"zaryad seal 1\0" + purpose.encode())
        return AESGCM(key.derive(self._secret))
