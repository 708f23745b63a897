"""Routes by which stations become ours: the inbox, bans, registration tokens, files of stations."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from zaryad.auth import Caller, Role, needs
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.stations.model import Ban, ConnectorPlan, Knock, LocationId
from zaryad.stations.onboarding import inbox, tokens
from zaryad.stations.onboarding.csv_import import Did, Imported, import_stations
from zaryad.stations.onboarding.csv_read import BYTES_MAX
from zaryad.stations.onboarding.model import RegistrationToken
from zaryad.stations.views import PasswordGiven, reason_text
from zaryad.ui.i18n import t

Limit = Annotated[int, Parameter(ge=1, le=500)]
Words = Annotated[str | None, Parameter(max_length=100)]
DESCRIBE = needs(Role.OPERATOR, Role.TECHNICIAN)
Many = Annotated[list[str], Meta(min_length=1, max_length=200)]


class KnockView(Knock, frozen=True, kw_only=True):
    """A knock, with the reason in words."""

    reason_text: str


class KnockPage(msgspec.Struct, frozen=True):
    """Knocks, and what to ask for next."""

    items: list[KnockView]
    next: str | None


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a station of a knock."""

    location_id: UUID
    connectors: list[ConnectorPlan] = []
    with_password: bool = False


class ApprovalOfMany(Approval, frozen=True, kw_only=True):
    """The same for several knocks."""

    station_ids: Many


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one of several: `error` and `error_text` say why not."""

    station_id: str
    outcome: Literal["approved", "refused"]
    password: str | None = None
    error: str | None = None
    error_text: str | None = None


class Several(msgspec.Struct, frozen=True):
    """Some identities."""

    station_ids: Many


class BanPut(msgspec.Struct, frozen=True):
    """Why an identity is turned away."""

    note: str = ""


class BanPage(msgspec.Struct, frozen=True):
    """Bans, and what to ask for next."""

    items: list[Ban]
    next: str | None


class TokenWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A registration token to be made; `tariff_id` is for connectors that name none."""

    location_id: UUID
    expires_at: Annotated[dt.datetime, Meta(tz=True)]
    connectors: list[ConnectorPlan] = []
    tariff_id: UUID | None = None
    max_uses: int = 1
    note: str = ""


class TokenGiven(msgspec.Struct, frozen=True):
    """The token, shown this once, and the path that goes into a station's settings."""

    token: str
    path: str
    about: RegistrationToken


class TokenPage(msgspec.Struct, frozen=True):
    """Registration tokens, and what to ask for next."""

    items: list[RegistrationToken]
    next: str | None


class ProblemView(msgspec.Struct, frozen=True):
    """What is wrong with a line, in words."""

    column: str
    code: str
    text: str


class LineView(msgspec.Struct, frozen=True):
    """What a line of a file does, or would do."""

    line: int
    station_id: str
    connector: int | None
    outcome: Did
    problems: list[ProblemView]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a file does, or would do while `applied` is false; `passwords` by station, shown this once."""

    applied: bool
    new: int
    changed: int
    same: int
    problems: int
    lines: list[LineView]
    passwords: dict[str, str]


@get("/knocks", opt=DESCRIBE)
async def list_knocks(
    db: Db, language: str, before: Annotated[dt.datetime, Meta(tz=True)] | None = None, limit: Limit = 100
) -> KnockPage:
    """List stations that were turned away, latest first; `before` is the `next` of the page before."""
    async with db.begin() as tx:
        items = await inbox.list_knocks(tx, limit=limit, before=before)
    views = [
        KnockView(**msgspec.structs.asdict(item), reason_text=reason_text(language, item.reason)) for item in items
    ]
    return KnockPage(views, items[-1].last_at.isoformat() if len(items) == limit else None)


@post("/knocks/{station_id:str}/approve", opt=DESCRIBE, status_code=200)
async def approve_knock(station_id: str, data: Approval, db: Db, now: dt.datetime, station_key: bytes) -> PasswordGiven:
    """Make a station of a knock in one step."""
    return PasswordGiven(await _approve(db, StationId(station_id), data, station_key, now))


@post("/knocks/approve", opt=DESCRIBE, status_code=200)
async def approve_knocks(
    data: ApprovalOfMany, db: Db, now: dt.datetime, language: str, station_key: bytes
) -> list[Approved]:
    """Make stations of several knocks; each is its own step, and one that fails holds up no other."""
    found = []
    for station_id in dict.fromkeys(data.station_ids):
        try:
            password = await _approve(db, StationId(station_id), data, station_key, now)
        except DomainError as error:
            text = t(language, f"error.{error.code}", **error.facts)
            found.append(Approved(station_id=station_id, outcome="refused", error=error.code, error_text=text))
        else:
            found.append(Approved(station_id=station_id, outcome="approved", password=password))
    return found


async def _approve(db: Db, id: StationId, data: Approval, key: bytes, now: dt.datetime) -> str | None:
    async with db.begin() as tx:
        return await inbox.approve(
            tx,
            id,
            LocationId(data.location_id),
            data.connectors,
            key=key,
            now=now,
            with_password=data.with_password,
        )


@post("/knocks/forget", opt=DESCRIBE, status_code=204)
async def forget_knocks(data: Several, db: Db) -> None:
    """Take several knocks out of the inbox; they may knock again."""
    async with db.begin() as tx:
        for station_id in sorted(set(data.station_ids)):
            await inbox.forget(tx, StationId(station_id))


@delete("/knocks/{station_id:str}", opt=DESCRIBE, status_code=204)
async def forget_knock(station_id: str, db: Db) -> None:
    """Take a knock out of the inbox; gone already is as good. It may knock again."""
    async with db.begin() as tx:
        await inbox.forget(tx, StationId(station_id))


@get("/bans", opt=DESCRIBE)
async def list_bans(db: Db, after: Words = None, limit: Limit = 100) -> BanPage:
    """List identities that are turned away without a trace."""
    async with db.begin() as tx:
        items = await inbox.list_bans(tx, limit=limit, after=after)
    return BanPage(items, items[-1].station_id if len(items) == limit else None)


@put("/bans/{station_id:str}", opt=DESCRIBE, status_code=204)
async def put_ban(station_id: str, data: BanPut, db: Db, now: dt.datetime, caller: Caller) -> None:
    """Turn an identity away from now on, without a trace; it leaves the inbox."""
    async with db.begin() as tx:
        await inbox.put_ban(tx, StationId(station_id), caller.person_id, data.note, now)


@delete("/bans/{station_id:str}", opt=DESCRIBE, status_code=204)
async def lift_ban(station_id: str, db: Db) -> None:
    """Let an identity knock again."""
    async with db.begin() as tx:
        await inbox.lift_ban(tx, StationId(station_id))


@post("/registration-tokens", opt=needs(Role.OPERATOR))
async def create_token(data: TokenWanted, db: Db, now: dt.datetime, caller: Caller, station_key: bytes) -> TokenGiven:
    """Make a token that registers stations by their URL; it is shown this once."""
    async with db.begin() as tx:
        made, text = await tokens.create(
            tx,
            new_id(),
            LocationId(data.location_id),
            data.connectors,
            tariff_id=data.tariff_id,
            max_uses=data.max_uses,
            expires_at=data.expires_at,
            note=data.note,
            by=caller.person_id,
            key=station_key,
            now=now,
        )
    return TokenGiven(text, f"/ocpp/{text}/{{station_id}}", made)


@get("/registration-tokens", opt=DESCRIBE)
async def list_tokens(db: Db, after: UUID | None = None, limit: Limit = 100) -> TokenPage:
    """List registration tokens, newest first, without their texts."""
    async with db.begin() as tx:
        items = await tokens.list_tokens(tx, limit=limit, after=after)
    return TokenPage(items, str(items[-1].id) if len(items) == limit else None)


@delete("/registration-tokens/{id:uuid}", opt=needs(Role.OPERATOR), status_code=204)
async def revoke_token(id: UUID, db: Db, now: dt.datetime) -> None:
    """Make a token register no more; the stations it made stay."""
    async with db.begin() as tx:
        await tokens.revoke(tx, id, now)


@post("/stations/import", opt=needs(Role.OPERATOR), status_code=200, request_max_body_size=BYTES_MAX)
async def import_file(
    *,
    request: Request[Any, Any, Any],
    db: Db,
    now: dt.datetime,
    language: str,
    station_key: bytes,
    apply: bool = False,
    passwords: bool = False,
) -> Response[ImportReport]:
    """Say what a CSV file (the body) would do, line by line; with `apply` do all of it, or 422 when a line is wrong."""
    data = await request.body()
    async with db.begin() as tx:
        done = await import_stations(tx, data, apply=apply, make_passwords=passwords, key=station_key, now=now)
    refused = apply and not done.applied
    return Response(report(done, language), status_code=422 if refused else 200)


def report(done: Imported, language: str) -> ImportReport:
    """Put what a file did into words."""
    return ImportReport(
        applied=done.applied,
        new=done.count("new"),
        changed=done.count("changed"),
        same=done.count("same"),
        problems=done.count("problem"),
        lines=[
            LineView(
                each.line,
                each.station_id,
                each.connector,
                each.outcome,
                [ProblemView(it.column, it.code, t(language, f"csv.{it.code}", **it.facts)) for it in each.problems],
            )
            for each in done.outcomes
        ],
        passwords=done.passwords,
    )


routes: list[Any] = [
    list_knocks,
    approve_knock,
    approve_knocks,
    forget_knock,
    forget_knocks,
    list_bans,
    put_ban,
    lift_ban,
    create_token,
    list_tokens,
    revoke_token,
    import_file,
]
