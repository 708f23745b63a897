"""How hard a password is to guess, in bits. An estimate of our own; replace this file to replace the measure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

# fmt: off
# The longest first: a word within a word counts once.
_WORDS = (
    "administrator", "kyrgyzstan", "кыргызстан", "iloveyou", "operator", "password", "passwort", "bishkek",
    "electro", "letmein", "station", "welcome", "dragon", "master", "monkey", "moscow", "privet", "qwerty",
    "russia", "secret", "zaryad", "бишкек", "йцукен", "москва", "пароль", "привет", "россия", "admin", "guest",
    "login", "parol", "salam", "заряд", "салам", "asdf", "demo", "pass", "root", "test", "user", "zxcv", "фыва",
    "osh",
)
# fmt: on
_LEET = str.maketrans("013457@$!", "oleastasi")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "1234567890")
_WORD_BITS, _AGAIN_BITS, _YEAR_BITS = 8, 1, 6
_YEAR = re.compile(r"(?:19|20)\d\d")


def entropy_bits(password: str, known: Iterable[str] = ()) -> int:
    """Estimate bits: each character by the alphabet it is from; words, years, `known` texts, runs count as one choice.

    `known`: what an attacker knows of the person (login, name).
    """
    rest, bits = password.lower(), 0
    for word in (*(text.lower() for text in known if len(text) >= 3), *_WORDS):
        cost = _WORD_BITS
        while (at := _find(rest, word)) >= 0:
            rest = rest[:at] + "\0" + rest[at + len(word) :]
            bits, cost = bits + cost, _AGAIN_BITS
    bits += _YEAR_BITS * len(_YEAR.findall(rest))
    rest = _YEAR.sub("\0", rest)
    per_character = math.log2(max(_alphabet(password), 2))
    free, runs = 0, [0]
    for index, character in enumerate(rest):
        if character == "\0":
            continue
        if index > 0 and _follows(rest[index - 1], character):
            runs[-1] += 1
        else:
            free += 1
            runs.append(0)
    # Of a run only its length is a choice: "aaaa...", "123456...".
    run_bits = sum(int(math.log2(length + 1)) for length in runs)
    return bits + int(min(free, 4 * len(set(rest))) * per_character) + run_bits


def _find(text: str, word: str) -> int:
    """Return where a word begins, spelled plainly or with digits for letters; -1 when it is not there."""
    return max(text.find(word), text.translate(_LEET).find(word))


def _alphabet(text: str) -> int:
    """Return how many characters the kinds in the text have between them."""
    kinds = (
        (10, any(c.isdecimal() for c in text)),
        (26, any(c.isascii() and c.islower() for c in text)),
        (26, any(c.isascii() and c.isupper() for c in text)),
        (33, any(c.isascii() and not c.isalnum() for c in text)),
        (36, any(not c.isascii() and c.islower() for c in text)),
        (36, any(not c.isascii() and not c.islower() for c in text)),
    )
    return sum(size for size, there in kinds if there)


def _follows(before: str, after: str) -> bool:
    """Whether a lazy finger or a lazy mind goes from one to the other: aa, ab, 98, qw."""
    if abs(ord(before) - ord(after)) <= 1:
        return True
    return any(before + after in row or after + before in row for row in _ROWS)
