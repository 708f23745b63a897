"""The naive program N: what a quick start with the usual libraries gives. Kept as a yardstick, not as a straw man.

`ocpp` package with its default validation, `websockets`, SQLAlchemy, one commit per message.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

import sqlalchemy as sa
import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

metadata = sa.MetaData()
naive_reading = sa.Table(
    "naive_reading",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
    sa.Column("station", sa.Text, nullable=False),
    sa.Column("transaction_id", sa.Integer),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("measurand", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
)


class Station(ChargePoint):  # type: ignore[misc]  # the package is untyped
    """One connected station."""

    engine: AsyncEngine

    @on("MeterValues")  # type: ignore[misc]  # the package is untyped
    async def on_meter_values(self, connector_id: int, meter_value: list, **rest: object) -> object:  # type: ignore[type-arg]
        rows = [
            {
                "station": self.id,
                "transaction_id": rest.get("transaction_id"),
                "at": value["timestamp"],
                "measurand": sample.get("measurand", ""),
                "value": sample["value"],
            }
            for value in meter_value
            for sample in value["sampled_value"]
        ]
        async with self.engine.begin() as connection:
            await connection.execute(sa.insert(naive_reading), rows)
        return call_result.MeterValues()


async def serve(url: str) -> None:
    """Serve on a free port, printing it."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool_size=20)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)

    async def connected(socket: websockets.ServerConnection) -> None:
        assert socket.request is not None
        station = Station(socket.request.path.rsplit("/", 1)[-1], socket)
        station.engine = engine
        with contextlib.suppress(websockets.ConnectionClosed):
            await station.start()

    async with websockets.serve(connected, "127.0.0.1", 0, subprotocols=["ocpp1.6"], compression=None) as server:  # type: ignore[list-item]
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
