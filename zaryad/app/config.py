"""The configuration: one typed tree. `zaryad.app.load` reads it from one TOML file and the environment.

Sections of business modules are their own `Settings`, from their front doors. Nothing here is writable at run time.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from zaryad import accounts, auth, certificates, charging, maintenance, notify, payments, sandbox, stations, wallet
from zaryad.charging import receipts
from zaryad.ocpp import gateway
from zaryad.platform import http
from zaryad.stations import security as station_security

SECRET_LENGTH_MIN = 32

Port = Annotated[int, Meta(ge=1, le=65_535)]
Host = Annotated[str, Meta(min_length=1)]
ServiceName = Literal["postgres", "nats", "gateway", "http", "worker", "sandbox"]
ModuleName = Literal[
    "accounts",
    "auth",
    "notify",
    "stations",
    "certificates",
    "tariffs",
    "wallet",
    "payments",
    "booking",
    "charging",
    "maintenance",
    "sandbox",
]

Upkeep = maintenance.Settings


class ConfigError(Exception):
    """The configuration cannot be used. The text names the file (or variable), the key and the remedy; exit code 2."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every section is: read-only, and an unknown key is an error."""


class System(Section, frozen=True, rename="pascal"):
    """The six settings of `[System]` (product.md section 14), under their exact names."""

    language: Literal["ru", "ky", "en"] = "ru"
    currency: str = "KGS"
    phone_prefix: str | None = None
    user_login_minimum_length: int = 3
    user_login_maximum_length: int = 150
    user_password_minimum_entrophy: int = 30

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise ValueError("Currency is an ISO 4217 code of three capital letters, such as KGS")
        if self.phone_prefix is not None and not all(re.fullmatch(r"\+?\d{1,8}", p) for p in self.phone_prefixes):
            raise ValueError(
                "PhonePrefix is a list of prefixes by comma, such as +996,+7; without it nothing is checked"
            )
        if not 1 <= self.user_login_minimum_length <= self.user_login_maximum_length <= 150:
            raise ValueError("UserLoginMinimumLength is 1 or more and not above UserLoginMaximumLength (at most 150)")
        if not 0 <= self.user_password_minimum_entrophy <= 200:
            raise ValueError("UserPasswordMinimumEntrophy is 0 to 200 bits")

    @property
    def told(self) -> dict[str, object]:
        """Return the settings by their exact names, as `GET /api/v1/settings` tells them."""
        return {f"System.{field.encode_name}": getattr(self, field.name) for field in msgspec.structs.fields(self)}

    @property
    def phone_prefixes(self) -> tuple[str, ...]:
        """Return the prefixes one by one; empty when phones are not checked."""
        return tuple(part.strip() for part in self.phone_prefix.split(",")) if self.phone_prefix is not None else ()


class Data(Section, frozen=True):
    """Where this installation keeps what is its own: embedded databases, generated secrets, logs."""

    dir: str = ".data"

    @property
    def path(self) -> Path:
        """Return the directory, absolute."""
        return Path(self.dir).expanduser().absolute()


class Database(Section, frozen=True):
    """`url` absent: our own PostgreSQL in the data directory. `settings` go to that one's command line."""

    url: str | None = None
    pool: Annotated[int, Meta(ge=2, le=200)] = 10  # connections of each service
    settings: dict[str, str] = {}

    def __post_init__(self) -> None:
        if self.url is not None and not self.url.startswith("postgresql://"):
            raise ValueError("url begins with postgresql://")


class Nats(Section, frozen=True):
    """`url` absent: our own NATS server on a loopback port."""

    url: str | None = None
    port: Port = 14_222

    def __post_init__(self) -> None:
        if self.url is not None and not self.url.startswith(("nats://", "tls://")):
            raise ValueError("url begins with nats:// or tls://")


class TestBank(Section, frozen=True):
    """The demo's bank: where it listens, and how a payer's browser reaches it (absent: where it listens)."""

    host: Host = "127.0.0.1"
    port: Port = 8_081
    public_url: str | None = None


class Security(Section, frozen=True):
    """`secret` signs tokens and keys the hashes of passwords: change it and everybody signs in anew.

    Give it here, or the name of a file that holds it. In demo mode it is made in the data directory.
    """

    secret: str | None = None
    secret_file: str | None = None

    def __post_init__(self) -> None:
        if self.secret is not None and len(self.secret) < SECRET_LENGTH_MIN:
            raise ValueError(f"secret has at least {SECRET_LENGTH_MIN} characters; make one: openssl rand -base64 48")


class Services(Section, frozen=True):
    """What `zaryad up` starts: less a database or NATS given by `url`, and with the sandbox in demo mode."""

    run: tuple[ServiceName, ...] = ("postgres", "nats", "gateway", "http", "worker")
    ready_within_s: Annotated[int, Meta(ge=1, le=600)] = 60
    stop_within_s: Annotated[int, Meta(ge=1, le=600)] = 20


class Modules(Section, frozen=True):
    """Which modules have routes and jobs. Tables exist all the same: switching one on is no migration."""

    run: tuple[ModuleName, ...] = (
        "accounts",
        "auth",
        "notify",
        "stations",
        "certificates",
        "tariffs",
        "wallet",
        "payments",
        "booking",
        "charging",
        "maintenance",
        "sandbox",
    )


class Demo(Section, frozen=True):
    """A demo network with virtual stations, known logins, and payments that are no money. Never in production.

    Its pages show passwords and everybody's codes: it listens on loopback only, unless `open` says that is meant.
    """

    enabled: bool = False
    open: bool = False


class Log(Section, frozen=True):
    """`auto` is `console` on a terminal and under `zaryad up`, `json` elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"
    colour: bool | None = None  # absent: on a terminal


class Metrics(Section, frozen=True):
    """Loopback ports where services tell Prometheus; `http` tells it on its own port. 0 is off."""

    host: Host = "127.0.0.1"
    gateway: Annotated[int, Meta(ge=0, le=65_535)] = 9_101
    worker: Annotated[int, Meta(ge=0, le=65_535)] = 9_102
    sandbox: Annotated[int, Meta(ge=0, le=65_535)] = 9_103

    def port_of(self, service: str) -> int | None:
        """Return the port of a service, or None when it has none."""
        return {"gateway": self.gateway, "worker": self.worker, "sandbox": self.sandbox}.get(service) or None


class Config(Section, frozen=True, rename={"system": "System"}):
    """Everything that is configured. After `load`, `security.secret` is always there."""

    system: System = System()
    data: Data = Data()
    database: Database = Database()
    nats: Nats = Nats()
    http: http.Settings = http.Settings()
    gateway: gateway.Settings = gateway.Settings()
    ocpp: stations.OcppSettings = stations.OCPP_DEFAULTS
    security: Security = Security()
    services: Services = Services()
    modules: Modules = Modules()
    demo: Demo = Demo()
    log: Log = Log()
    metrics: Metrics = Metrics()
    auth: auth.Settings = auth.Settings()
    notify: notify.Settings = notify.Settings()
    stations: stations.Settings = stations.Settings()
    station_security: station_security.Settings = station_security.DEFAULTS
    certificates: certificates.Settings = certificates.DEFAULTS
    wallet: wallet.Settings = wallet.Settings()
    payments: payments.Settings = payments.Settings()
    charging: charging.Settings = charging.Settings()
    maintenance: Upkeep = Upkeep()
    receipts: receipts.Settings = receipts.Settings()
    sandbox: sandbox.Settings = sandbox.Settings()
    testbank: TestBank = TestBank()

    @property
    def secret(self) -> str:
        """The secret everything is keyed with."""
        assert self.security.secret is not None, "load() sees to it"
        return self.security.secret

    @property
    def public_url(self) -> str:
        """The origin that people see."""
        return self.http.public_url or f"http://{self.http.host}:{self.http.port}"

    @property
    def upkeep(self) -> Upkeep:
        """How stations are kept in order; their files are where people's pages are, unless it is said otherwise."""
        rules = self.maintenance
        if rules.files.public_url:
            return rules
        files = msgspec.structs.replace(rules.files, public_url=self.public_url)
        return msgspec.structs.replace(rules, files=files)

    @property
    def people(self) -> accounts.Settings:
        """What `[System]` says of people, in the words of the modules that keep them."""
        system = self.system
        return accounts.Settings(
            language=system.language,
            phone_prefixes=system.phone_prefixes,
            login_min=system.user_login_minimum_length,
            login_max=system.user_login_maximum_length,
            password_bits_min=system.user_password_minimum_entrophy,
        )

    def has_module(self, name: ModuleName) -> bool:
        """Whether the module's routes and jobs are on."""
        return name in self.modules.run and (name != "sandbox" or self.demo.enabled or "sandbox" in self.services.run)
