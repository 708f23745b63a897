"""Whoever asks a verb for help gets an example to copy."""

from collections.abc import Iterator

import pytest
from cyclopts import App

from zaryad.app import cli, cli_certificates, cli_sandbox, cli_stations, cli_user


def verbs(app: App, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield every verb below an app, shown ones only."""
    for name in app:
        if name.startswith("-"):
            continue
        found = app[name]
        if found.show:
            yield (*path, name)


LAZY = ("user", "certificates", "sandbox", "swarm", "stations", "doctor")
VERBS = sorted(
    {
        *(verb for verb in verbs(cli.app, ()) if verb[0] not in LAZY),
        *verbs(cli.ledger, ("ledger",)),
        *verbs(cli_user.users, ("user",)),
        *verbs(cli_sandbox.hands, ("sandbox",)),
        *verbs(cli_stations.stations, ("stations",)),
        *verbs(cli_certificates.verbs, ("certificates",)),
        ("certificates",),
        ("stations",),
        ("doctor",),
        ("user",),
        ("sandbox",),
        ("swarm",),
    }
)


def test_there_are_verbs() -> None:
    assert {("up",), ("ledger", "verify"), ("sandbox", "plug"), ("user", "add")} <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_help_has_an_example(verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    cli.call([*verb, "--help"])
    told = capsys.readouterr().out
    assert f"Example: zaryad {verb[0]}" in told
