"""A supervisor with real databases and trivial services, run by the tests: `up.py DATA NATS_PORT WHICH`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from zaryad.app.child import Spec
from zaryad.app.config import Config
from zaryad.app.services import specs
from zaryad.app.supervisor import Bounds, Supervisor, Told

SERVICE = """
import asyncio, sys
from zaryad.platform import lifecycle
async def main(stop):
    lifecycle.ready()
    await stop.wait()
    print("bye", flush=True)
sys.exit(lifecycle.run(main, service=sys.argv[1], stop_within_s=5))
"""


def trivial(name: str, after: tuple[str, ...], code: str = SERVICE) -> Spec:
    return Spec(name=name, does="nothing", command=lambda: [sys.executable, "-c", code, name], after=after)


def chosen(which: str, data: Path, port: int) -> list[Spec]:
    if which == "broken":
        return [trivial("broken", (), "import sys; sys.exit('no such luck')")]
    if which == "deaf":
        return [trivial("deaf", (), "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)")]
    first, second = trivial("first", ()), trivial("second", ("first",))
    if which == "services":
        return [first, second]
    config = msgspec.convert(
        {"data": {"dir": str(data)}, "nats": {"port": port}, "services": {"run": ["postgres", "nats"]}}, Config
    )
    databases = [spec for spec in specs(config) if spec.name != "prepare"]
    return [*databases, trivial("first", ("postgres", "nats")), second]


def say(name: str, text: str) -> None:
    print(f"{name} | {text}", flush=True)  # noqa: T201  # the tests read it


def ready(urls: Mapping[str, str], _notes: Sequence[str]) -> None:
    print(f"READY {dict(urls)}", flush=True)  # noqa: T201  # the tests read it


async def main() -> int:
    data, port, which = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    supervisor = Supervisor(
        data,
        chosen(which, data, port),
        Told(line=say, event=say, ready=ready),
        urls={"web": "http://127.0.0.1:1"},
        bounds=Bounds(ready_within_s=30, stop_within_s=2 if which == "deaf" else 10),
    )
    return await supervisor.run()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
