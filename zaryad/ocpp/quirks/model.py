"""A vendor's quirks as they are written down, and those of one station put together."""

from __future__ import annotations

import fnmatch
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import Meta

Glob = Annotated[str, Meta(min_length=1, max_length=60)]
Scale = Annotated[int, Meta(ge=1, le=1_000_000)]
Path = Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z0-9]+\.[a-z][A-Za-z0-9]*$")]  # Action.field

NAME_MAX = 60  # of what a station says of itself
CHOSEN_MAX = 512


class Quirk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry: whom it is about, why it is there, and what is done. Globs, without regard to case."""

    vendor: Glob
    why: Annotated[str, Meta(min_length=20)]  # what was seen, and where
    model: Glob = "*"
    firmware: Glob = "*"
    protocols: tuple[str, ...] = ()  # none: every version
    energy_scale: Scale = 1  # readings of energy times this: 1000 where kWh are called Wh
    power_scale: Scale = 1  # readings of power times this
    register_scale: Scale = 1  # meterStart and meterStop times this
    tokens_reversed: bool = False  # the bytes of a card's number come, and are wanted, in the other order
    words: dict[Path, dict[str, str]] = {}  # what a field's word means: theirs -> the standard's
    defaults: dict[Path, str | int | bool] = {}  # what a required field is taken for that they leave out
    ignore: tuple[str, ...] = ()  # liberties that are not counted: "kind" or "kind:field.glob"


class Quirks(msgspec.Struct, frozen=True, kw_only=True):
    """What applies to one station; `names` are the files it comes from."""

    names: tuple[str, ...] = ()
    energy_scale: int = 1
    power_scale: int = 1
    register_scale: int = 1
    tokens_reversed: bool = False
    words: dict[str, dict[str, dict[str, str]]] = {}  # action -> field -> theirs -> the standard's
    defaults: dict[str, dict[str, str | int | bool]] = {}  # action -> field -> value
    ignore: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.names)


NONE = Quirks()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    quirk: tuple[Quirk, ...]


@cache
def load() -> tuple[tuple[str, Quirk], ...]:
    """Read all files, once; a file that is not as it should be fails here, which a test sees first."""
    found = []
    for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            entries = msgspec.toml.decode(file.read_bytes(), type=_File).quirk
            found += [(file.name.removesuffix(".toml"), entry) for entry in entries]
    return tuple(found)


def find(vendor: str, model: str, firmware: str | None, protocol: str) -> Quirks:
    """Put together what is known of such a station."""
    return _find(vendor[:NAME_MAX], model[:NAME_MAX], (firmware or "")[:NAME_MAX], protocol)


@lru_cache(maxsize=CHOSEN_MAX)
def _find(vendor: str, model: str, firmware: str, protocol: str) -> Quirks:
    return put_together(
        [
            (name, quirk)
            for name, quirk in load()
            if fits(quirk.vendor, vendor)
            and fits(quirk.model, model)
            and fits(quirk.firmware, firmware)
            and (not quirk.protocols or protocol in quirk.protocols)
        ]
    )


def fits(glob: str, text: str) -> bool:
    """Match without regard to case."""
    return fnmatch.fnmatchcase(text.lower().strip(), glob.lower())


def put_together(entries: list[tuple[str, Quirk]]) -> Quirks:
    """Make one of several; of two that contradict each other the later counts."""
    words: dict[str, dict[str, dict[str, str]]] = {}
    defaults: dict[str, dict[str, str | int | bool]] = {}
    for _, quirk in entries:
        for path, table in quirk.words.items():
            action, _, field = path.partition(".")
            words.setdefault(action, {}).setdefault(field, {}).update(table)
        for path, value in quirk.defaults.items():
            action, _, field = path.partition(".")
            defaults.setdefault(action, {})[field] = value
    return Quirks(
        names=tuple(dict.fromkeys(name for name, _ in entries)),
        energy_scale=max((quirk.energy_scale for _, quirk in entries), default=1),
        power_scale=max((quirk.power_scale for _, quirk in entries), default=1),
        register_scale=max((quirk.register_scale for _, quirk in entries), default=1),
        tokens_reversed=any(quirk.tokens_reversed for _, quirk in entries),
        words=words,
        defaults=defaults,
        ignore=tuple(pattern for _, quirk in entries for pattern in quirk.ignore),
    )
