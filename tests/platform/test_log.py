"""Nothing secret is ever logged: by key, by shape, however deep, and from whichever library."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from zaryad.platform import log

SECRETS = (
    "hunter2",
    "493817",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "4111111111111111",
    "4111 1111 1111 1111",
    "996555123456",
    "+996 555 12-34-56",
    "dXNlcjpwYXNz",
)


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    kept = structlog.get_config(), logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    log.configure("info", "json", service="test", stream=stream)
    yield stream
    structlog.configure(**kept[0])
    logging.getLogger().handlers[:] = kept[1]
    logging.getLogger().setLevel(kept[2])


def events(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    "told",
    [
        {"password": "hunter2"},
        {"staff_password_hash": "hunter2"},
        {"hook_secret": "hunter2"},
        {"access_token": "hunter2"},
        {"token": "hunter2"},
        {"otp": "493817"},
        {"code": "493817"},
        {"development_code": "493817"},
        {"headers": {"Authorization": "Basic dXNlcjpwYXNz", "Cookie": "evp_access=hunter2"}},
        {"header": "Authorization: Basic dXNlcjpwYXNz"},
        {"jwt_in_text": "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl back"},
        {"phone": "996555123456"},
        {"who": "+996 555 12-34-56 called"},
        {"who": "996555123456"},
        {"text": "paid with 4111 1111 1111 1111"},
        {"numbers": ["4111111111111111"]},
        {"deep": [{"er": ({"password": "hunter2"},)}]},
        {"url": "postgresql://zaryad:hunter2@db/zaryad"},
        {"form": "login=admin&password=hunter2&x=1"},
        {"dumped": '{"password": "hunter2", "x": 1}'},
        {"body": b"password=hunter2"},
        {"error": ValueError("token='hunter2'")},
    ],
    ids=str,
)
def test_a_secret_is_not_logged(out: io.StringIO, told: dict[str, object]) -> None:
    structlog.get_logger("test").info("something.happened", **told)
    assert events(out)[0]["event"] == "something.happened"
    for secret in SECRETS:
        assert secret not in out.getvalue()


def test_a_secret_in_a_traceback_or_a_library_s_line_is_not_logged(out: io.StringIO) -> None:
    try:
        raise ValueError("no such login: password=hunter2 phone +996555123456")
    except ValueError:
        structlog.get_logger("test").exception("it.failed")
    logging.getLogger("uvicorn.error").warning("Authorization: Bearer %s", SECRETS[2])
    assert "Traceback" in out.getvalue()
    for secret in (*SECRETS, "+996555123456"):
        assert secret not in out.getvalue()
    assert "+**********56" in out.getvalue()


def test_what_is_no_secret_can_be_read(out: io.StringIO) -> None:
    told = {
        "session": "0199f3f5-1234-7abc-8def-123456789012",
        "code": "provider_unreachable",
        "energy_mwh": 4111111111111111,
        "at": "2026-03-01T10:00:00+00:00",
        "station": "KG-BISHKEK-0001",
        "amount_minor": 150000,
    }
    structlog.get_logger("test").info("x.y", **told, close_code=1006)
    assert events(out)[0].items() >= told.items()
    assert events(out)[0]["close_code"] == 1006
    assert events(out)[0]["service"] == "test"


def test_the_development_channel_alone_shows_a_code(out: io.StringIO) -> None:
    structlog.get_logger("test").info(log.DEVELOPMENT_EVENT, development_code="493817", phone="+996555123456")
    structlog.get_logger("test").info("some.other", development_code="493817")
    shown, hidden = events(out)
    assert shown["development_code"] == "493817"
    assert shown["phone"] == "+**********56"
    assert hidden["development_code"] == "***"


def test_the_console_form_hides_the_same() -> None:
    stream = io.StringIO()
    log.configure("info", "console", colour=False, stream=stream)
    structlog.get_logger("console").info("x", password="hunter2", phone="+996555123456")
    assert "hunter2" not in stream.getvalue()
    assert "phone=+**********56" in stream.getvalue()


def test_only_one_event_of_a_kind_in_a_period() -> None:
    now = [0.0]
    sometimes = log.Sometimes(60, kinds_max=2, clock=lambda: now[0])
    assert sometimes.allow("a") == 0
    assert [sometimes.allow("a") for _ in range(3)] == [None] * 3
    assert sometimes.allow("b") == 0
    now[0] = 60
    assert sometimes.allow("a") == 3
    assert sometimes.allow("c") == 0  # the memory of kinds has a bound
    assert sometimes.allow("d") == 0
