"""The suites' cases about TLS: a server's certificate, a station's own, versions that are too old."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest
import websockets

from tests.ocpp.rig import BOX, basic
from tests.ocpp.test_tls import SUITES, WITH_PASSWORD, World, anyio_backend, world  # noqa: F401  # its fixtures


async def boots(socket: Any) -> None:
    await socket.send('[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
    assert '"status":"Accepted"' in await asyncio.wait_for(socket.recv(), 5)


@pytest.mark.parametrize(("suite", "version"), SUITES[:4], ids=[str(suite) for suite, _ in SUITES[:4]])
async def test_tc_086_tc_a_04_servers_certificate(world: World, suite: str, version: ssl.TLSVersion) -> None:  # noqa: F811
    async with world.station(world.context(suite, version), WITH_PASSWORD) as socket:
        await boots(socket)


async def test_tc_a_06_an_older_tls_is_refused(world: World) -> None:  # noqa: F811
    context = world.context("DEFAULT:@SECLEVEL=0", ssl.TLSVersion.TLSv1_1)
    with pytest.raises((ssl.SSLError, OSError)):
        async with world.station(context):
            pass


async def test_tc_087_tc_a_07_stations_own_certificate(world: World) -> None:  # noqa: F811
    async with world.station(world.context(certificate=await world.own()), auth=None) as socket:
        await boots(socket)


async def test_tc_a_08_a_certificate_of_another_station(world: World) -> None:  # noqa: F811
    certificate = await world.own("OTHER")
    assert await world.refused(world.context(certificate=certificate)) in (401, 403)


@pytest.mark.parametrize(("user", "password"), [("OTHER", "0123456789abcdef0123"), (BOX, "wrong-password-000000")])
async def test_tc_a_02_03_a_wrong_user_or_password_over_tls(world: World, user: str, password: str) -> None:  # noqa: F811
    with pytest.raises(websockets.InvalidStatus) as told:
        async with world.station(world.context(), basic(user, password)):
            pass
    assert told.value.response.status_code == 401
