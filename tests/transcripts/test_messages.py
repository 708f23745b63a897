"""Every message of every version, on the wire: each file below `messages` is played, and each of its frames is held
against the published schema of its version.

A file is named by its messages; several are in one where the second makes sense only after the first.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.ocpp.schemas import published
from tests.transcripts.runner import Player, lines
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v16 import wire as wire16
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db

HERE = Path(__file__).parent / "messages"
SCHEMAS = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}
TABLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "1.6": (wire16.FROM_STATION, wire16.TO_STATION),
    "2.0.1": (wire.FROM_STATION, wire.TO_STATION),
    "2.1": (wire21.FROM_STATION_21, wire21.TO_STATION_21),
}
PATHS = sorted(HERE.glob("*/*.txt"))
_CALL = re.compile(r'([<>]) \[2,("[^"]+"|\$\w+),"(\w+)"')
_RESULT = re.compile(r'([<>]) \[3,("[^"]+"|\$\w+),')
_SEND = re.compile(r'> \[6,"[^"]+","(\w+)"')
_OTHER = {"<": ">", ">": "<"}


@pytest.mark.parametrize("path", PATHS, ids=[f"{path.parent.name}/{path.stem}" for path in PATHS])
async def test_message(path: Path, db: Db, database_url: str, bus: NatsBus) -> None:
    player = Player(db, database_url, bus)
    await player.play(path)
    asked: dict[tuple[str, str], str] = {}
    for by, text in player.said:
        conform(path.parent.name, by, json.loads(text), asked)


def conform(version: str, by: str, frame: list[Any], asked: dict[tuple[str, str], str]) -> None:
    """Hold a frame against its schema. An error would be none of a message's own transcript."""
    kind, id = frame[0], frame[1]
    request = "" if version == "1.6" else "Request"
    match kind:
        case 2:
            _, _, action, body = frame
            asked[by, id] = action
            name = f"{action}{request}"
        case 6:
            _, _, name, body = frame
        case _:
            assert kind == 3, frame
            _, _, body = frame
            name = f"{asked[{'station': 'platform', 'platform': 'station'}[by], id]}Response"
    jsonschema.validate(body, published(SCHEMAS[version])[name])


def exchanges(path: Path) -> set[tuple[str, str]]:
    """Whom a file has asking what, of what is answered by a result: ("station", "Heartbeat")."""
    asked: dict[tuple[str, str], str] = {}
    found: set[tuple[str, str]] = set()
    for _, line in lines(path):
        if call := _CALL.match(line):
            asked[call[1], call[2].strip('"$')] = call[3]
        elif result := _RESULT.match(line):
            by = _OTHER[result[1]]
            found.add(("station" if by == ">" else "platform", asked[by, result[2].strip('"$')]))
        elif told := _SEND.match(line):
            found.add(("station", told[1]))
    return found


@pytest.mark.parametrize("version", TABLES)
def test_every_action_has_its_transcript(version: str) -> None:
    from_station, to_station = TABLES[version]
    wanted = {("station", action) for action in from_station} | {("platform", action) for action in to_station}
    if version == "2.1":
        wanted |= {("station", action) for action in wire21.SENT_21}
    files = sorted((HERE / version).glob("*.txt"))
    assert set().union(*map(exchanges, files)) == wanted
    for path in files:  # the name says what is in it
        assert set(path.stem.split("_")) <= {action for _, action in exchanges(path)}, path.name
