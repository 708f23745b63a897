"""`zaryad stations import` and `zaryad doctor` on a real database."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stations.network import KEY, NOW, PLACE, place
from tests.stations.test_admit import approach
from zaryad import stations
from zaryad.platform.db import Db

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def call(database_url: str, tmp_path: Path) -> Call:
    """The program of a deployment whose database is the test's."""
    environment = os.environ | {
        "ZARYAD_DATABASE__URL": database_url,
        "ZARYAD_SECURITY__SECRET": "s" * 40,
        "ZARYAD_NOTIFY__SMS": "development",
        "ZARYAD_DATA__DIR": str(tmp_path / "data"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "COLUMNS": "160",
    }

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-c", "from zaryad.app.cli import main; main()", *arguments]
        return subprocess.run(
            program, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )

    async def network() -> None:
        db = Db.connect(database_url)
        async with db.begin() as tx:
            await stations.put_location(tx, place())
            await stations.admit(tx, approach("NEW-1"), NOW, KEY)
        await db.close()

    asyncio.run(network())
    return call


def test_a_file_is_tried_applied_and_changes_nothing_again(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "stations.csv"
    file.write_text(f"station_id,location,connector,kind,power_kw\nKG-1,{PLACE},1,ccs2,60\n", encoding="utf-8")
    tried = call("stations", "import", str(file))
    assert tried.returncode == 0, tried.stderr
    assert "1 new, 0 changed, 0 same, 0 problem: nothing was changed" in tried.stdout
    done = call("stations", "import", str(file), "--apply", "--passwords")
    assert "1 new, 0 changed, 0 same, 0 problem: applied" in done.stdout
    assert len(done.stdout.rstrip().splitlines()[-1].removeprefix("KG-1 ")) == 40
    assert "1 same" in call("stations", "import", str(file), "--apply").stdout
    file.write_text("station_id\na:b\n", encoding="utf-8")
    wrong = call("stations", "import", str(file), "--language", "en")
    assert (wrong.returncode, "no colon" in wrong.stdout) == (1, True)
    file.write_text("colour\n", encoding="utf-8")
    assert "colour" in call("stations", "import", str(file), "--language", "en").stderr
    assert call("stations", "import", str(tmp_path / "none.csv")).returncode == 1


def test_the_doctor_says_what_to_do(call: Call) -> None:
    told = call("doctor", "NEW-1", "--language", "en")
    assert told.returncode == 1, told.stderr
    assert "There is no station NEW-1 here" in told.stdout
    assert "Approve it in the inbox" in told.stdout
    assert "ни разу не стучалась" in call("doctor", "NOBODY").stdout
