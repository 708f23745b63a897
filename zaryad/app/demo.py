"""Demo mode: a network of virtual stations, people who may sign in, and a bank that only plays one. Never production.

Its secrets are derived from the deployment's, so that each service finds the same ones without a file of their own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

import msgspec

from zaryad import accounts, auth, payments, sandbox
from zaryad.accounts import IdToken
from zaryad.app import demo_network
from zaryad.app.config import Config
from zaryad.app.demo_page import DemoFacts, DemoLogin
from zaryad.auth import Role
from zaryad.payments import TestPayAccount
from zaryad.platform.db import Db
from zaryad.sandbox import OutletModel, StationModel
from zaryad.sandbox.testbank import Settings as BankSettings

ACCOUNT = "test"
MERCHANT = "zaryad-demo"
DRIVER_PHONE = "+996555000001"
CARD = "DEMO0001"


class DemoPerson(msgspec.Struct, frozen=True):
    """A member of staff of the demo network."""

    login: str
    name: str
    role: Role


STAFF = (
    DemoPerson("admin", "Айбек, администратор", Role.ADMIN),
    DemoPerson("operator", "Айгүл, диспетчер", Role.OPERATOR),
    DemoPerson("technician", "Бакыт, инженер", Role.TECHNICIAN),
    DemoPerson("accountant", "Нургүл, бухгалтер", Role.ACCOUNTANT),
)


def derived(config: Config, purpose: str) -> str:
    """Return the secret for a purpose, the same in every service of this deployment."""
    return hmac.new(config.secret.encode(), f"demo:{purpose}".encode(), hashlib.sha256).hexdigest()


def password(config: Config, login: str) -> str:
    """Return a demo login's password: shown on the demo page, different in each deployment."""
    return f"{login}-{derived(config, f'password:{login}')[:10]}"


def with_bank(config: Config) -> payments.Settings:
    """Return the payment settings with the Test Bank's account added."""
    account = TestPayAccount(
        base_url=bank_url(config),
        merchant=MERCHANT,
        secret=derived(config, "bank:calls"),
        notice_secret=derived(config, "bank:notices"),
        hook_secret=derived(config, "bank:hook"),
        currency=config.system.currency,
    )
    rules = config.payments
    return msgspec.structs.replace(
        rules,
        accounts={**rules.accounts, ACCOUNT: account},
        public_url=config.public_url,
        hook_url=rules.hook_url or f"http://{config.http.host}:{config.http.port}",
    )


def bank_url(config: Config) -> str:
    """Return where the Test Bank listens."""
    return config.testbank.public_url or f"http://{config.testbank.host}:{config.testbank.port}"


def bank_settings(config: Config) -> BankSettings:
    """Return the Test Bank's side of the same account."""
    own = f"http://{config.http.host}:{config.http.port}"
    return BankSettings(
        merchant=MERCHANT,
        secret=derived(config, "bank:calls"),
        notice_secret=derived(config, "bank:notices"),
        public_url=bank_url(config),
        notify_origins=(own, config.public_url),
        return_origins=(config.public_url, own),
    )


async def make(db: Db, config: Config, now: dt.datetime) -> None:
    """Make what is missing of the demo: network, virtual stations, staff, a driver with a card."""
    await demo_network.make(db, now, config.secret.encode())
    async with db.begin() as tx:
        await sandbox.adopt(tx, [_virtual(it) for it in demo_network.demo_stations()])
        driver = await accounts.ensure_by_phone(tx, DRIVER_PHONE, config.system.language, now)
        if await accounts.find_token(tx, CARD) is None:
            await accounts.put_token(tx, IdToken(token=CARD, person_id=driver.id), now)
    for person in STAFF:
        await auth.ensure_staff(
            db, config.people, person.login, password(config, person.login), {person.role}, person.name, now
        )


def facts(config: Config) -> DemoFacts:
    """Return what the demo page shows: whom to sign in as."""
    logins = tuple(DemoLogin(it.login, password(config, it.login), it.role.value) for it in STAFF)
    return DemoFacts(logins)


def _virtual(it: demo_network.DemoStation) -> StationModel:
    outlets = tuple(
        OutletModel(number=number, kind=kind, power_w=power_w)  # type: ignore[arg-type]  # the demo has no unknown plugs
        for number, kind, power_w in it.connectors
    )
    serial = hashlib.sha256(it.id.encode()).hexdigest()[:10].upper()
    return StationModel(
        id=it.id, outlets=outlets, protocol=it.protocol, vendor=it.vendor, model=it.model, serial=serial
    )
