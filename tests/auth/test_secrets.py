"""What opens doors: tokens, passwords, cookies' domains, keys. Without a database."""

from __future__ import annotations

import datetime as dt

import jwt
import pytest

from zaryad import auth
from zaryad.accounts import Person, PersonId
from zaryad.accounts import Settings as People
from zaryad.auth import Role, Settings, keys_of, read_access
from zaryad.auth.access import issue_access
from zaryad.auth.cookies import domain_of, sign_out_cookies
from zaryad.auth.entropy import entropy_bits
from zaryad.auth.keys import keyed
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
KEYS = keys_of(b"a secret")
LIFE = dt.timedelta(minutes=15)
PERSON = Person(
    id=PersonId(new_id()),
    phone="+996555123456",
    login=None,
    name=None,
    language="ky",
    roles=frozenset({"driver", "operator"}),
    status="active",
    created_at=NOW,
)


def test_an_access_token_says_who_and_in_which_roles_until_its_end() -> None:
    id = new_id()
    token = issue_access(KEYS.access, PERSON, id, NOW, LIFE)
    caller = read_access(KEYS.access, token, NOW + LIFE - dt.timedelta(seconds=1))
    assert caller == auth.Caller(PERSON.id, frozenset({Role.DRIVER, Role.OPERATOR}), "ky", id)
    assert read_access(KEYS.access, token, NOW + LIFE) is None
    assert read_access(keys_of(b"another").access, token, NOW) is None
    assert read_access(KEYS.refresh, token, NOW) is None
    assert PERSON.phone is not None
    assert PERSON.phone not in str(jwt.decode(token, options={"verify_signature": False}))


@pytest.mark.parametrize(
    "change",
    [{"roles": ["king"]}, {"sub": "x"}, {"exp": "soon"}, {"iss": "other"}, {"roles": 5}, {"sid": None}],
    ids=lambda change: next(iter(change)),
)
def test_a_token_signed_by_us_but_strange_is_nobody(change: dict[str, object]) -> None:
    good = jwt.decode(issue_access(KEYS.access, PERSON, new_id(), NOW, LIFE), options={"verify_signature": False})
    assert read_access(KEYS.access, jwt.encode(good, KEYS.access, "HS256"), NOW) is not None
    assert read_access(KEYS.access, jwt.encode(good | change, KEYS.access, "HS256"), NOW) is None


def test_no_other_algorithm_is_taken() -> None:
    good = jwt.decode(issue_access(KEYS.access, PERSON, new_id(), NOW, LIFE), options={"verify_signature": False})
    assert read_access(KEYS.access, jwt.encode(good, None, "none"), NOW) is None
    assert read_access(KEYS.access, jwt.encode(good, KEYS.access * 2, "HS512"), NOW) is None


def test_keys_differ_by_purpose_and_are_not_shown() -> None:
    assert len({KEYS.access, KEYS.codes, KEYS.refresh}) == 3
    assert len(KEYS.access) == 32
    assert "b'" not in repr(KEYS)
    assert keyed(b"k", "ab", "c") != keyed(b"k", "a", "bc")


@pytest.mark.parametrize(
    ("weak", "known"),
    [
        ("", ()),
        ("password", ()),
        ("P@ssw0rd", ()),
        ("a" * 250, ()),
        ("abab" * 60, ()),
        ("123456789012", ()),
        ("qwertyuiop", ()),
        ("йцукенгшщз", ()),
        ("admin2024", ()),
        ("abcdefghijklmnop", ()),
        ("operator", ()),
        ("aibekaibek", ("aibek",)),
        ("Айбек1999", ("Айбек",)),
    ],
)
def test_weak_passwords(weak: str, known: tuple[str, ...]) -> None:
    assert entropy_bits(weak, known) < 30
    with pytest.raises(DomainError, match="password_weak"):
        auth.check_password(weak, People(), known)


@pytest.mark.parametrize(
    "strong", ["correct horse battery staple", "operator-9aebf6c49e", "Тёплый чай в Оше", "k7#Qz!p2Lx"]
)
def test_strong_passwords(strong: str) -> None:
    assert entropy_bits(strong, ["operator"]) >= 30
    auth.check_password(strong, People(), ["operator"])


def test_the_setting_decides() -> None:
    auth.check_password("", People(password_bits_min=0))
    with pytest.raises(DomainError):
        auth.check_password("correct horse", People(password_bits_min=200))
    with pytest.raises(DomainError, match="password_long"):
        auth.check_password("x1#" * 100, People())


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("app.example.kg", "example.kg"),
        ("example.kg", "example.kg"),
        ("a.b.example.com", "b.example.com"),
        ("evilexample.kg", None),
        ("example.kg.evil.com", None),
        ("localhost", None),
        ("127.0.0.1", None),
    ],
)
def test_the_cookie_domain_is_the_longest_allowed_one(host: str, domain: str | None) -> None:
    allowed = ("example.kg", "example.com", "b.example.com")
    assert domain_of(host, allowed) == domain
    gone = sign_out_cookies(host, allowed, secure=True)
    spelled = {part for line in gone for part in line.split("; ") if part.startswith("Domain=")}
    assert spelled == {f"Domain={each}" for each in allowed if host == each or host.endswith("." + each)}
    assert len([line for line in gone if "Domain" not in line]) == 3, "and whatever was left with the host alone"


def test_settings_say_what_is_wrong() -> None:
    for wrong in (
        {"cookie_domains": ("kg",)},
        {"cookie_domains": ("https://example.kg",)},
        {"code_tries": 0},
        {"refresh_days": 999},
    ):
        with pytest.raises(ValueError, match=r"cookie_domains|positive|at most"):
            Settings(**wrong)
