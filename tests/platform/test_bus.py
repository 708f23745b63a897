"""Hints reach who listens; requests are answered or refused in time; a reconnect is nobody's business."""

import asyncio

import pytest

from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.bus import NatsBus, part


async def test_a_hint_reaches_the_listener_and_a_failing_listener_hears_the_next(bus: NatsBus) -> None:
    heard: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def listen(subject: str, payload: bytes) -> None:
        if payload == b"bad":
            raise ValueError("bad")
        await heard.put((subject, payload))

    stop = await bus.subscribe("t1.*", listen)
    for word in (b"one", b"bad", b"two"):
        bus.publish("t1.x", word)
    assert [await asyncio.wait_for(heard.get(), 5) for _ in range(2)] == [("t1.x", b"one"), ("t1.x", b"two")]
    await stop()
    bus.publish("t1.x", b"three")
    await asyncio.sleep(0.1)
    assert heard.empty()


async def test_many_hints_come_in_order_and_one_that_is_too_large_costs_no_connection(bus: NatsBus) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(_subject: str, payload: bytes) -> None:
        await heard.put(payload)

    await bus.subscribe("t4.x", listen)
    numbers = [b"%d" % number for number in range(1_200)]
    for payload in [b"x" * 2_000_000, *numbers]:
        bus.publish("t4.x", payload)
    assert [await asyncio.wait_for(heard.get(), 5) for _ in numbers] == numbers
    await asyncio.sleep(0.1)
    bus.publish("t4.x", b"after")
    assert await asyncio.wait_for(heard.get(), 5) == b"after"


async def test_a_slow_answer_holds_up_nobody(bus: NatsBus) -> None:
    async def answer(_subject: str, payload: bytes) -> bytes:
        if payload == b"slow":
            await asyncio.sleep(0.5)
        return payload.upper()

    await bus.answer("t2.ask", answer)
    slow = asyncio.create_task(bus.request("t2.ask", b"slow"))
    assert await bus.request("t2.ask", b"quick", timeout_s=0.4) == b"QUICK"
    assert await slow == b"SLOW"


async def test_nobody_there_is_said_at_once(bus: NatsBus) -> None:
    with pytest.raises(DomainError) as refused:
        await bus.request("t3.nobody", timeout_s=1)
    assert refused.value.kind is Kind.UNAVAILABLE


@pytest.mark.parametrize("text", ["KG.0001", "a b", "*", ">", "", "x-41", "Ошский"])
def test_a_part_is_one_plain_word(text: str) -> None:
    assert part(text).isascii()
    assert not set(part(text)) & set(". *>")


def test_parts_of_different_texts_differ() -> None:
    texts = ["KG0001", "KG.0001", "KG 0001", "x-4b47", "KG", ""]
    assert len({part(text) for text in texts}) == len(texts)
