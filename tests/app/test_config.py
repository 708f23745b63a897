"""The configuration: typed, complete, and every mistake named with its place, its key and its remedy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zaryad.app.config import Config, ConfigError
from zaryad.app.load import load, made_once, masked
from zaryad.sandbox.settings import SPEED_MAX

SECRET = "s" * 40
SMS = {"ZARYAD_NOTIFY__SMS": "development"}
GOOD = {"ZARYAD_SECURITY__SECRET": SECRET, **SMS}


def written(directory: Path, text: str) -> Path:
    file = directory / "zaryad.toml"
    file.write_text(text, encoding="utf-8")
    return file


def complaint(file: Path | None, environment: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as told:
        load(file, environment)
    return str(told.value)


def test_the_system_settings_have_their_exact_names_and_defaults() -> None:
    assert Config().system.told == {
        "System.Language": "ru",
        "System.Currency": "KGS",
        "System.PhonePrefix": None,
        "System.UserLoginMinimumLength": 3,
        "System.UserLoginMaximumLength": 150,
        "System.UserPasswordMinimumEntrophy": 30,
    }


def test_file_then_environment(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        '[System]\nLanguage = "ky"\nPhonePrefix = "+996, +7"\n[http]\nport = 9090\n[services]\nrun = ["http"]\n',
    )
    config = load(file, {**GOOD, "ZARYAD_HTTP__PORT": "7070", "ZARYAD_SYSTEM__USERLOGINMINIMUMLENGTH": "5"})
    assert config.http.port == 7070
    assert config.system.language == "ky"
    assert config.people.phone_prefixes == ("+996", "+7")
    assert config.people.login_min == 5
    assert config.services.run == ("http",)


def test_environment_values_have_the_key_s_type() -> None:
    config = load(
        None,
        {
            **GOOD,
            "ZARYAD_DEMO__ENABLED": "true",
            "ZARYAD_SERVICES__RUN": "http, worker",
            "ZARYAD_MODULES__RUN": '["charging"]',
            "ZARYAD_DATABASE__SETTINGS": "{shared_buffers = '1GB'}",
            "ZARYAD_SYSTEM__PHONEPREFIX": "996",
        },
    )
    assert config.demo.enabled is True
    assert config.services.run == ("http", "worker")
    assert config.modules.run == ("charging",)
    assert config.database.settings == {"shared_buffers": "1GB"}
    assert config.system.phone_prefix == "996"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[http]\nprot = 1\n", ["http.prot", "unknown key", "Did you mean port?"]),
        ("[htpp]\nport = 1\n", ["htpp", "unknown section", "Did you mean http?"]),
        ('[http]\nport = "80"\n', ["http.port", "a whole number", "Correct the value"]),
        ('[System]\nLanguage = "de"\n', ["System.Language", "ru, ky, en"]),
        ('[System]\nCurrency = "som"\n', ["System", "Currency", "ISO 4217"]),
        ("[System]\nUserLoginMinimumLength = 200\n", ["System", "UserLoginMinimumLength"]),
        ('[System]\nPhonePrefix = "abc"\n', ["System", "PhonePrefix"]),
        ("[System]\nUserPasswordMinimumEntropy = 30\n", ["UserPasswordMinimumEntropy", "UserPasswordMinimumEntrophy"]),
        ('[database]\nurl = "mysql://x"\n', ["database", "postgresql://"]),
        ('[security]\nsecret = "short"\n', ["security", "32 characters", "openssl rand"]),
        ("[http\n", ["not TOML"]),
        ('services = "http"\n', ["services"]),
    ],
)
def test_a_mistake_in_the_file_is_named_with_file_key_and_remedy(tmp_path: Path, text: str, parts: list[str]) -> None:
    file = written(tmp_path, text)
    told = complaint(file, {} if "security" in text else GOOD)
    assert str(file) in told
    for part in parts:
        assert part in told


@pytest.mark.parametrize(
    ("name", "value", "parts"),
    [
        ("ZARYAD_HTTP__PROT", "1", ["no such key", "ZARYAD_HTTP__PORT"]),
        ("ZARYAD_NOTHING", "1", ["no such key"]),
        ("ZARYAD_HTTP", "1", ["no such key"]),
        ("ZARYAD_HTTP__PORT", "many", ["a whole number"]),
        ("ZARYAD_LOG__LEVEL", "loud", ["debug, info, warning, error"]),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(name: str, value: str, parts: list[str]) -> None:
    told = complaint(None, {**GOOD, name: value})
    assert name in told
    for part in parts:
        assert part in told


def test_a_missing_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    assert "nowhere.toml" in complaint(tmp_path / "nowhere.toml", GOOD)


def test_no_secret_is_an_error_with_the_remedy_except_in_demo_mode(tmp_path: Path) -> None:
    told = complaint(None, {})
    assert "security.secret" in told
    assert "openssl rand -base64 48" in told
    environment = {"ZARYAD_DATA_DIR": str(tmp_path)}
    first = load(None, environment, demo=True).secret
    assert len(first) >= 32
    assert load(None, environment, demo=True).secret == first
    assert (tmp_path / "secrets" / "secret").stat().st_mode & 0o777 == 0o600


def test_a_secret_made_by_another_process_meanwhile_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "secret"
    file.parent.mkdir()
    file.write_text("theirs\n")
    assert made_once(file) == "theirs"


def test_a_demo_stays_on_its_machine_unless_that_is_meant(tmp_path: Path) -> None:
    outside = {"ZARYAD_DATA_DIR": str(tmp_path), "ZARYAD_DEMO__ENABLED": "true", "ZARYAD_HTTP__HOST": "0.0.0.0"}
    said = complaint(None, outside)
    assert all(part in said for part in ("ZARYAD_HTTP__HOST", "http.host", "demo.open"))
    assert load(None, outside | {"ZARYAD_DEMO__OPEN": "true"}).demo.open


def test_the_secret_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")
    assert load(None, {**SMS, "ZARYAD_SECURITY__SECRET_FILE": str(tmp_path / "key")}).secret == SECRET
    assert "cannot be read" in complaint(None, {"ZARYAD_SECURITY__SECRET_FILE": str(tmp_path / "none")})
    assert "Keep one" in complaint(None, {**GOOD, "ZARYAD_SECURITY__SECRET_FILE": str(tmp_path / "key")})


def test_without_a_channel_no_code_would_arrive() -> None:
    told = complaint(None, {"ZARYAD_SECURITY__SECRET": SECRET})
    assert "notify.sms" in told
    assert load(None, {"ZARYAD_SECURITY__SECRET": SECRET, "ZARYAD_SERVICES__RUN": "gateway"}).notify.sms is None


def test_every_listener_is_on_loopback_unless_told_otherwise() -> None:
    config = load(None, GOOD)
    hosts = {config.http.host, config.gateway.host, config.metrics.host, config.testbank.host}
    assert hosts == {"127.0.0.1"}
    assert load(None, {**GOOD, "ZARYAD_GATEWAY__HOST": "0.0.0.0"}).gateway.host == "0.0.0.0"


def test_virtual_stations_are_not_faster_than_their_meters_are_believed() -> None:
    assert load(None, GOOD).sandbox.speed_believed == 1
    assert load(None, {**GOOD, "ZARYAD_CHARGING__BELIEVED_PERCENT": "7600"}).sandbox.speed_believed == 60
    fast = {**GOOD, "ZARYAD_SANDBOX__SPEED": "60"}
    assert "charging.believed_percent to 7500" in complaint(None, fast)
    assert load(None, {**fast, "ZARYAD_CHARGING__BELIEVED_PERCENT": "7500"}).sandbox.speed == 60
    demo = {**GOOD, "ZARYAD_DEMO__ENABLED": "true"}
    assert load(None, demo).sandbox.speed_believed == SPEED_MAX
    assert load(None, {**demo, "ZARYAD_CHARGING__BELIEVED_PERCENT": "125"}).sandbox.speed == 1


def test_what_follows_from_other_keys() -> None:
    config = load(None, {**GOOD, "ZARYAD_GATEWAY__PORT": "9999", "ZARYAD_HTTP__PUBLIC_URL": "https://app.example.kg"})
    assert config.sandbox.gateway_url == "ws://127.0.0.1:9999/ocpp"
    assert config.payments.public_url == "https://app.example.kg"
    assert load(None, {**GOOD, "ZARYAD_SYSTEM__CURRENCY": "KZT"}).wallet.currency == "KZT"


def test_shown_values_hide_secrets() -> None:
    url = "postgresql://zaryad:hunter2@db/zaryad"
    shown = str(masked(load(None, {**GOOD, "ZARYAD_DATABASE__URL": url})))
    assert SECRET not in shown
    assert "hunter2" not in shown
    assert "postgresql://zaryad:***@db/zaryad" in shown


def program(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZARYAD_")}
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-m", "zaryad", *arguments],
        cwd=directory,
        env={**inherited, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_program_says_what_is_wrong_without_a_traceback_and_exits_with_2(tmp_path: Path) -> None:
    written(tmp_path, "[http]\nprot = 1\n")
    for verb in (["check"], ["run", "gateway"], ["up"]):
        done = program(tmp_path, *verb, **GOOD)
        assert done.returncode == 2, done
        assert "zaryad.toml: http.prot: unknown key." in done.stderr
        assert "Traceback" not in done.stderr


def test_check_says_what_would_start(tmp_path: Path) -> None:
    done = program(tmp_path, "check", **GOOD, ZARYAD_NATS__URL="nats://far:4222", COLUMNS="200")
    assert done.returncode == 0, done
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert "127.0.0.1:8080" in lines["http"]
    assert "outside" in lines["nats"]
    assert lines["sandbox"].rstrip().endswith("off")
    assert SECRET not in program(tmp_path, "check", "--print", **GOOD).stdout


def test_usage_errors_exit_with_2_and_every_verb_has_an_example(tmp_path: Path) -> None:
    assert program(tmp_path, "up", "--demox").returncode == 2
    assert program(tmp_path, "run", "kitchen").returncode == 2
    for verb in (["up"], ["run"], ["migrate"], ["check"], ["openapi"], ["ledger", "verify"]):
        assert "Example: zaryad" in program(tmp_path, *verb, "--help").stdout
