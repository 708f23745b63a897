"""Fifty stations of three versions, one day, everything that goes wrong on the way, and books that are exact."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest

from tests.sim.day import Day, config
from tests.sim.faults import CALM, Faults

SEED = int(os.environ.get("ZARYAD_SIM_SEED", "20261121"))


async def lived(seed: int, url: str, faults: Faults, *, count: int, hours: int) -> tuple[Day, list[str]]:
    day = Day(seed, url, faults, config(), count=count, hours=hours)
    try:
        await day.live()
        return day, await day.verdict()
    finally:
        await day.platform.close()


@contextmanager
def fresh_database() -> Iterator[str]:
    """Another database, where one test needs several."""
    admin, name = os.environ["ZARYAD_TEST_POSTGRES"], f"t_{uuid4().hex}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template template_zaryad strategy file_copy")
        try:
            yield admin.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f"drop database {name} with (force)")


def told(day: Day, wrong: list[str]) -> str:
    return f"ZARYAD_SIM_SEED={day.world.seed}: {len(wrong)} wrong, {dict(day.counts)}\n" + "\n".join(wrong[:40])


@pytest.mark.slow
async def test_a_day_of_fifty_stations_and_the_books_are_exact(database_url: str) -> None:
    day, wrong = await lived(SEED, database_url, Faults(), count=50, hours=24)
    assert not wrong, told(day, wrong)
    assert len(day.auditor.told) > 100
    for versions in ({"1.6"}, {"2.0.1", "2.1"}):
        speak = {site.id for site in day.sites if site.model.protocol in versions}
        charges = [told for told in day.auditor.told if told.station in speak and told.owed]
        assert len(charges) > 50
        assert {told.reason for told in charges} >= {"Remote", "Local", "EVDisconnected", "PowerLoss"}


async def test_a_calm_morning_loses_nothing(database_url: str) -> None:
    day, wrong = await lived(SEED, database_url, CALM, count=8, hours=4)
    assert not wrong, told(day, wrong)
    assert day.auditor.told


async def test_the_same_seed_tells_the_same_story() -> None:
    stories = []
    for seed in (3, 3, 4):
        with fresh_database() as url:
            day, wrong = await lived(seed, url, Faults(), count=6, hours=5)
            assert not wrong, told(day, wrong)
            stories.append(day.world.story)
    assert stories[0] == stories[1] != stories[2]
    assert len(stories[0]) > 20
