"""What the services are: how each is started, on what it waits, where it listens.

Also where the databases of a configuration are, for whoever needs them: `database_url`, `nats_url`.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import msgspec
import psycopg

from zaryad.app.child import Listener, Spec, our_program
from zaryad.app.config import Config, ConfigError
from zaryad.platform.nats import HOST as NATS_HOST
from zaryad.platform.nats import NatsServer
from zaryad.platform.postgres import PostgresError, Server, fitted, machine_memory
from zaryad.platform.reach import ReachError, reachable_home, unprivileged_user

PREPARE = "prepare"
DOES = {
    "postgres": "the store of truth",
    "nats": "hints between processes",
    PREPARE: "migrations and demo data",
    "gateway": "stations' sockets",
    "http": "API and web",
    "worker": "jobs and sweeps",
    "sandbox": "virtual stations and a test bank",
}


class DemoLogin(msgspec.Struct, frozen=True):
    """Somebody who may sign in to the demo network; `secret` is a password, or says where the code is shown."""

    who: str
    login: str
    secret: str


def postgres_server(config: Config) -> Server:
    """Return the embedded server of the configuration, wherever its data may be."""
    try:
        home = reachable_home(config.data.path / "postgres", unprivileged_user())
    except ReachError as error:
        raise PostgresError(str(error)) from error
    return Server(home, {**fitted(machine_memory()), **config.database.settings})


def nats_server(config: Config) -> NatsServer:
    """Return the embedded NATS server of the configuration."""
    return NatsServer(config.data.path / "nats", config.nats.port)


def database_url(config: Config) -> str:
    """Return where the database is: as configured, or the embedded one in the data directory."""
    if config.database.url is not None:
        return config.database.url
    server = postgres_server(config)
    if not server.password_file.exists():
        raise ConfigError(
            f"database.url is absent, and {config.data.path} holds no embedded database yet. "
            "Start it once (zaryad up), or set database.url."
        )
    return server.url()


def nats_url(config: Config) -> str:
    """Return where the bus is: as configured, or the embedded one."""
    if config.nats.url is not None:
        return config.nats.url
    server = nats_server(config)
    if not server.token_file.exists():
        raise ConfigError(
            f"nats.url is absent, and {config.data.path} holds no embedded NATS yet. "
            "Start it once (zaryad up), or set nats.url."
        )
    return server.url


def chosen(config: Config) -> list[str]:
    """Return the services that `up` starts, in order."""
    wanted = {PREPARE, *config.services.run, *({"sandbox"} if config.demo.enabled else set())}
    outside = {"postgres"} if config.database.url else set()
    outside |= {"nats"} if config.nats.url else set()
    return [name for name in DOES if name in wanted - outside]


def listeners(config: Config, name: str) -> tuple[Listener, ...]:
    """Return the ports of a service."""
    ports = {
        "nats": [Listener("nats.port", NATS_HOST, config.nats.port)],
        "gateway": _doors(config),
        "http": [Listener("http.port", config.http.host, config.http.port)],
    }.get(name, [])
    if name == "sandbox":
        ports.append(Listener("testbank.port", config.testbank.host, config.testbank.port))
    metrics = config.metrics.port_of(name)
    if metrics is not None:
        ports.append(Listener(f"metrics.{name}", config.metrics.host, metrics))
    return tuple(ports)


def _doors(config: Config) -> list[Listener]:
    """Return the ports of stations: plain, with TLS, or both."""
    rules = config.gateway
    plain = [Listener("gateway.port", rules.host, rules.port)] if rules.plain else []
    return plain + ([Listener("gateway.tls.port", rules.host, rules.tls.port)] if rules.tls.enabled else [])


def specs(config: Config) -> list[Spec]:
    """Return how the chosen services are run."""
    names = chosen(config)
    stores = tuple(name for name in ("postgres", "nats") if name in names)
    made: list[Spec] = []
    for name in names:
        if name == "postgres":
            made.append(_postgres(postgres_server(config)))
        elif name == "nats":
            made.append(_nats(nats_server(config)))
        elif name == PREPARE:
            made.append(
                Spec(
                    name=name,
                    does=DOES[name],
                    command=lambda: [*our_program(), PREPARE],
                    forked=(PREPARE,),
                    after=stores,
                    once=True,
                )
            )
        else:
            after = (PREPARE, "gateway") if name == "sandbox" and "gateway" in names else (PREPARE,)
            made.append(_ours(name, after, listeners(config, name)))
    return made


def _ours(name: str, after: tuple[str, ...], listens: tuple[Listener, ...]) -> Spec:
    return Spec(
        name=name,
        does=DOES[name],
        command=lambda: [*our_program(), "run", name],
        forked=("run", name),
        after=after,
        listens=listens,
    )


def _postgres(server: Server) -> Spec:
    def prepare() -> None:
        server.initialise()
        server.prepare()

    async def answers() -> bool:
        with contextlib.suppress(psycopg.OperationalError, OSError):
            connection = await psycopg.AsyncConnection.connect(server.url("postgres"), connect_timeout=3)
            await connection.close()
            return True
        return False

    return Spec(
        name="postgres",
        does=DOES["postgres"],
        command=server.command,
        prepare=prepare,
        answers=answers,
        foreign=True,
        user=server.user,
        stop_by=signal.SIGINT,
    )


def _nats(server: NatsServer) -> Spec:
    async def answers() -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(NATS_HOST, server.port)
            writer.close()
            return True
        return False

    return Spec(
        name="nats",
        does=DOES["nats"],
        command=server.command,
        prepare=server.prepare,
        answers=answers,
        foreign=True,
        listens=(Listener("nats.port", NATS_HOST, server.port),),
    )


def urls(config: Config) -> dict[str, str]:
    """Return where people and stations find what `up` has started."""
    names = chosen(config)
    found: dict[str, str] = {}
    if "http" in names:
        found["web"] = config.public_url
        found["API"] = f"{config.public_url}/api/docs"
    if "gateway" in names:
        rules = config.gateway
        if rules.plain:
            found["stations"] = f"ws://{rules.host}:{rules.port}/ocpp/{{station_id}}"
        if rules.tls.enabled:
            found["stations, TLS"] = f"wss://{rules.host}:{rules.tls.port}/ocpp/{{station_id}}"
    return found


def data_directory(config: Config) -> Path:
    """Return the directory of this installation's own data."""
    return config.data.path
