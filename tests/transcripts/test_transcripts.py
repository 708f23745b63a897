"""Each file beside this one is played; see `runner` for how they are written."""

from pathlib import Path

import pytest

from tests.transcripts.runner import Player
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db

PATHS = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
async def test_transcript(path: Path, db: Db, database_url: str, bus: NatsBus) -> None:
    await Player(db, database_url, bus).play(path)
