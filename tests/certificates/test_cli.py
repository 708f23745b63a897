"""The command line: the root, a server's certificates that work, the list, a revocation."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest

from zaryad.app.cli import call


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> str:
    file = tmp_path / "zaryad.toml"
    file.write_text(
        f'[database]\nurl = "{database_url}"\n[security]\nsecret = "{"s" * 40}"\n[notify]\nsms = "development"\n'
    )
    return str(file)


def test_from_the_root_to_a_revocation(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "tls"
    assert call(["certificates", "ca", "--config", config, "--out", str(tmp_path / "root.pem")]) == 0
    assert call(["certificates", "issue", "ocpp.test", "127.0.0.1", "--config", config, "--out", str(out)]) == 0
    assert sorted(each.name for each in out.iterdir()) == [
        "ocpp.test-ec.key", "ocpp.test-ec.pem", "ocpp.test-rsa.key", "ocpp.test-rsa.pem"
    ]  # fmt: skip
    assert all(each.stat().st_mode & 0o077 == 0 for each in out.glob("*.key"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for kind in ("rsa", "ec"):
        context.load_cert_chain(out / f"ocpp.test-{kind}.pem", out / f"ocpp.test-{kind}.key")
    ssl.create_default_context(cafile=tmp_path / "root.pem")
    capsys.readouterr()
    assert call(["certificates", "list", "--config", config]) == 0
    shown = capsys.readouterr().out
    ids = re.findall(r"^\s*([0-9a-f]{8}-[0-9a-f-]{27})", shown, re.MULTILINE)
    assert len(ids) == 2
    assert call(["certificates", "revoke", ids[0], "--why", "test", "--config", config]) == 0
    assert capsys.readouterr().out.strip().endswith("revoked")
    assert call(["certificates", "list", "--status", "revoked", "--config", config]) == 0
    assert ids[0] in capsys.readouterr().out
    assert call(["certificates", "revoke", "00000000-0000-0000-0000-000000000001", "--config", config]) == 1
    assert "not known" in capsys.readouterr().err
