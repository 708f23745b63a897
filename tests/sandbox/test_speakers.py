"""A model says which version its station speaks; a memory in another version's words keeps meters and cars."""

from __future__ import annotations

import pytest

from tests.sandbox.central2 import Strict
from zaryad.sandbox.model import PlugIn, PresentCard, Protocol
from zaryad.sandbox.speakers import built
from zaryad.sandbox.station16 import Station16
from zaryad.sandbox.v2 import Station2, Station21


@pytest.mark.parametrize(("version", "kind"), [("1.6", Station16), ("2.0.1", Station2), ("2.1", Station21)])
def test_a_model_has_its_speaker(version: Protocol, kind: type) -> None:
    assert type(Strict(version).station) is kind


@pytest.mark.parametrize(("before", "after"), [("1.6", "2.0.1"), ("2.1", "1.6"), ("2.0.1", "2.1")])
def test_another_version_keeps_meters_and_cars_only(before: Protocol, after: Protocol) -> None:
    old = Strict(before)
    old.do(PlugIn(connector=2))
    old.do(PresentCard(token="CARD", connector=2))
    old.wait(40)
    old.cut()
    old.wait(40)
    assert old.station.memory.queue
    register = old.station.outlets[2].register_wh
    new = Strict(after, memory=old.station.memory)
    assert new.station.outlets[2].register_wh == register > 0
    assert new.station.outlets[2].memory.car is not None
    assert not new.station.memory.queue
    new.do(PresentCard(token="CARD", connector=2))
    new.wait(40)
    assert new.station.outlets[2].register_wh > register


def test_the_same_version_forgets_nothing() -> None:
    old = Strict("2.0.1")
    old.do(PlugIn(connector=2))
    assert built(old.model, old.station.memory).memory is old.station.memory
