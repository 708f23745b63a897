"""Read the configuration: one TOML file, then `ZARYAD_SECTION__KEY` from the environment, then what follows from both.

Every mistake is a ConfigError that names where it stands, the key, and what to do.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from zaryad import notify
from zaryad.app.config import SECRET_LENGTH_MIN, Config, ConfigError
from zaryad.sandbox import SPEED_MAX

DEFAULT_FILE = "zaryad.toml"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
DEMO_SPEED = 20  # a demo charge takes a minute, not half an hour
BELIEVED = 125  # percent of its plate that a meter is believed, for each of a virtual station's speeds
TOO_FAST = (
    "sandbox.speed is {speed}, and charging.believed_percent believes no meter so much: nothing would be billed. "
    "Set charging.believed_percent to {percent}, or sandbox.speed lower."
)
PREFIX = "ZARYAD_"

# Variables that are no configuration keys. Everything else that begins with ZARYAD_ has to be one.
NOT_KEYS = {
    "ZARYAD_CONFIG": "the file to read",
    "ZARYAD_DATA_DIR": "short for ZARYAD_DATA__DIR",
    "ZARYAD_SUPERVISOR_FD": "how a service under `zaryad up` speaks with it",
    "ZARYAD_TEST_POSTGRES": "the tests' own server",
    "ZARYAD_NATS_URL": "the bus that `zaryad sandbox` talks to",
}


class Source(msgspec.Struct, frozen=True):
    """The tree as written, and where each key of the environment came from."""

    tree: dict[str, Any]
    file: Path | None
    variables: Mapping[tuple[str, ...], str]

    def has(self, *path: str) -> bool:
        """Whether somebody wrote the key."""
        node: Any = self.tree
        for key in path:
            if not isinstance(node, dict) or key not in node:
                return False
            node = node[key]
        return True

    def where(self, path: tuple[str, ...]) -> str:
        """Name the place of a key for a person."""
        if path in self.variables:
            return f"environment variable {self.variables[path]}"
        return str(self.file) if self.file is not None else "the configuration (no file; defaults and environment)"


def load(file: Path | None = None, environment: Mapping[str, str] | None = None, *, demo: bool = False) -> Config:
    """Return the whole configuration, checked; `demo` switches demo mode on whatever the file says.

    In demo mode without a secret one is made, once, in the data directory.
    """
    environment = os.environ if environment is None else environment
    source = _read(file, environment)
    if demo:
        source.tree.setdefault("demo", {})["enabled"] = True
    config = _converted(source)
    config = _with_secret(_followed(config, source), source)
    _check_demo(config, source)
    if "worker" in config.services.run:
        try:
            notify.build_channel(config.notify, demo=config.demo.enabled)
        except ValueError as error:
            raise ConfigError(f"{source.where(('notify', 'sms'))}: notify.sms: {error}") from error
    return config


def _check_demo(config: Config, source: Source) -> None:
    """Keep a demo to its own machine: whoever reaches it may sign in as anybody."""
    if config.demo.enabled and not config.demo.open and config.http.host not in LOOPBACK:
        raise ConfigError(
            f"{source.where(('http', 'host'))}: http.host: {config.http.host} is reached from outside; a demo shows "
            "passwords and sign-in codes to everybody. Use 127.0.0.1, or set demo.open = true if that is meant."
        )


def file_of(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Path | None:
    """Return the file that `load` would read; None when there is none."""
    named = (os.environ if environment is None else environment).get("ZARYAD_CONFIG")
    given = file or (Path(named) if named else None)
    return given or (Path(DEFAULT_FILE) if Path(DEFAULT_FILE).exists() else None)


def _read(file: Path | None, environment: Mapping[str, str]) -> Source:
    path = file_of(file, environment)
    tree: dict[str, Any] = {}
    if path is not None:
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read ({error}). Name another: --config or ZARYAD_CONFIG.") from error
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: not TOML: {error}. Mend that place.") from error
    variables: dict[tuple[str, ...], str] = {}
    if environment.get("ZARYAD_DATA_DIR"):
        _put(tree, ("data", "dir"), environment["ZARYAD_DATA_DIR"])
        variables["data", "dir"] = "ZARYAD_DATA_DIR"
    for name, value in sorted(environment.items()):
        if name.startswith(PREFIX) and name not in NOT_KEYS:
            keys, of_type = _locate(name)
            _put(tree, keys, _typed(name, value, of_type))
            variables[keys] = name
    return Source(tree, path, variables)


def _put(tree: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"{'.'.join(path)}: the file gives the section {key} a plain value. Mend the file.")
    tree[path[-1]] = value


def _locate(name: str) -> tuple[tuple[str, ...], Any]:
    """Find the key that a variable means: section and key without regard to case and underscores."""
    words = name.removeprefix(PREFIX).split("__")
    here: Any = Config
    path: list[str] = []
    for index, word in enumerate(words):
        if get_origin(here) is dict:  # named tables, such as [payments.accounts.NAME]: names are lower-case
            path.append(word.lower())
            here = here.__args__[1]
            continue
        struct = _struct_of(here)
        fields = {_bare(f.encode_name): f for f in msgspec.structs.fields(struct)} if struct is not None else {}
        field = fields.get(_bare(word))
        if field is None or (index == len(words) - 1 and _struct_of(field.type) is not None):
            known = [PREFIX + "__".join((*(p.upper() for p in path), f.encode_name.upper())) for f in fields.values()]
            raise ConfigError(
                f"environment variable {name}: no such key. {_nearest(name, known)}"
                f"Variables are {PREFIX}SECTION__KEY; unset it or correct the name."
            )
        path.append(field.encode_name)
        here = field.type
    return tuple(path), here


def _struct_of(of_type: Any) -> type[msgspec.Struct] | None:
    """Return the section that a type is; of a union of tables (tagged), none: its keys come with the file."""
    return of_type if isinstance(of_type, type) and issubclass(of_type, msgspec.Struct) else None


def _bare(key: str) -> str:
    return key.replace("_", "").lower()


def _typed(name: str, value: str, of_type: Any) -> object:
    """Read a variable's text as the key's type: plain text for texts, `1,2` or TOML for lists."""
    attempts: list[object] = [value]
    with contextlib.suppress(tomllib.TOMLDecodeError):
        attempts.append(tomllib.loads(f"value = {value}")["value"])
    attempts.append([part.strip() for part in value.split(",") if part.strip()])
    complaint = ""
    for attempt in attempts:
        try:
            return msgspec.to_builtins(msgspec.convert(attempt, of_type, strict=False))
        except msgspec.ValidationError as error:
            complaint = complaint or _plain(str(error))
    raise ConfigError(f"environment variable {name}: {complaint}{_listed(of_type)}. Correct its value or unset it.")


_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`")


def _converted(source: Source) -> Config:
    try:
        return msgspec.convert(source.tree, Config)
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        assert found is not None
        path = tuple(re.sub(r"\[\d+\]|\[\.\.\.\]", "", found["path"] or "").split(".")) if found["path"] else ()
        unknown = _UNKNOWN.match(found["what"])
        if unknown is not None:
            path = (*path, unknown["key"])
            raise ConfigError(_no_such_key(source, path)) from error
        key = ".".join(path)
        raise ConfigError(
            f"{source.where(path)}: {key}: {_plain(found['what'])}{_choices(path)}. Correct the value."
        ) from error


def _no_such_key(source: Source, path: tuple[str, ...]) -> str:
    here: Any = Config
    for key in path[:-1]:
        struct = _struct_of(here)
        fields = {f.encode_name: f.type for f in msgspec.structs.fields(struct)} if struct is not None else {}
        here = fields.get(key)
    struct = _struct_of(here)
    known = [f.encode_name for f in msgspec.structs.fields(struct)] if struct is not None else []
    kind = "section" if len(path) == 1 else "key"
    return (
        f"{source.where(path)}: {'.'.join(path)}: unknown {kind}. {_nearest(path[-1], known)}"
        f"Known here: {', '.join(known) or 'nothing'}. Remove it or correct its name."
    )


def _choices(path: tuple[str, ...]) -> str:
    """Say which values a key may have, when they can be listed."""
    here: Any = Config
    for key in path:
        struct = _struct_of(here)
        fields = {f.encode_name: f.type for f in msgspec.structs.fields(struct)} if struct is not None else {}
        here = fields.get(key)
    return _listed(here)


def _listed(of_type: Any) -> str:
    of = next((part for part in (of_type, *get_args(of_type)) if get_origin(part) is Literal), None)
    return f" (one of: {', '.join(map(str, get_args(of)))})" if of is not None else ""


def _plain(what: str) -> str:
    """Say msgspec's words as a person would."""
    words = {"`int`": "a whole number", "`str`": "a text", "`bool`": "true or false", "`array`": "a list"}
    for code, word in words.items():
        what = what.replace(code, word)
    return what.replace("`", "")


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"Did you mean {near[0]}? " if near else ""


def _followed(config: Config, source: Source) -> Config:
    """Fill in what nobody wrote and what follows from other keys."""
    put = msgspec.structs.replace
    if config.http.public_url and not re.fullmatch(r"https?://[^/\s]+", config.http.public_url):
        where = source.where(("http", "public_url"))
        raise ConfigError(f"{where}: http.public_url: an origin such as https://app.example.kg, without a path.")
    if not source.has("gateway", "host"):  # loopback is the default of every listener
        config = put(config, gateway=put(config.gateway, host="127.0.0.1"))
    if not source.has("payments", "public_url"):
        config = put(config, payments=put(config.payments, public_url=config.public_url))
    if config.http.public_url and not source.has("certificates", "public_url"):
        config = put(config, certificates=put(config.certificates, public_url=config.http.public_url))
    if not source.has("wallet", "currency"):
        config = put(config, wallet=put(config.wallet, currency=config.system.currency))
    if not source.has("sandbox", "gateway_url"):
        url = f"ws://{_near(config.gateway.host)}:{config.gateway.port}/ocpp"
        config = put(config, sandbox=put(config.sandbox, gateway_url=url))
    if config.demo.enabled and not source.has("sandbox", "drivers_may_act"):
        config = put(config, sandbox=put(config.sandbox, drivers_may_act=True))
    return _sped_up(config, source)


def _sped_up(config: Config, source: Source) -> Config:
    """Let virtual stations be as fast as their meters are believed, and no faster."""
    put = msgspec.structs.replace
    if config.demo.enabled and not source.has("charging", "believed_percent"):
        # Virtual stations are sped up by anybody at any time: their meters give more than their plates allow.
        config = put(config, charging=put(config.charging, believed_percent=BELIEVED * SPEED_MAX))
    if not source.has("sandbox", "speed_believed"):
        most = min(max(config.charging.believed_percent // BELIEVED, 1), SPEED_MAX)
        if config.sandbox.speed > most:
            raise ConfigError(TOO_FAST.format(speed=config.sandbox.speed, percent=BELIEVED * config.sandbox.speed))
        config = put(config, sandbox=put(config.sandbox, speed_believed=most))
    if config.demo.enabled and not source.has("sandbox", "speed"):
        config = put(config, sandbox=put(config.sandbox, speed=min(DEMO_SPEED, config.sandbox.speed_believed)))
    return config


def _near(host: str) -> str:
    """Return the address by which this machine itself reaches a listener."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", "localhost"} else host  # noqa: S104  # it is compared, not bound


def _with_secret(config: Config, source: Source) -> Config:
    security = config.security
    if security.secret is not None and security.secret_file is not None:
        raise ConfigError(f"{source.where(('security', 'secret'))}: secret and secret_file are both given. Keep one.")
    if security.secret is None:
        secret = _secret_of_file(security.secret_file, source) if security.secret_file else None
        if secret is None and config.demo.enabled:
            secret = made_once(config.data.path / "secrets" / "secret")
        if secret is None:
            raise ConfigError(
                f"{source.where(('security', 'secret'))}: security.secret is missing. Put it there, or in "
                "ZARYAD_SECURITY__SECRET, or name a file in security.secret_file; make one with: "
                "openssl rand -base64 48. (Demo mode makes its own: zaryad up --demo.)"
            )
        config = msgspec.structs.replace(config, security=msgspec.structs.replace(security, secret=secret))
    return config


def _secret_of_file(name: str, source: Source) -> str:
    place = f"{source.where(('security', 'secret_file'))}: security.secret_file"
    try:
        secret = Path(name).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place}: {name} cannot be read ({error}). Make the file or correct its name.") from error
    if len(secret) < SECRET_LENGTH_MIN:
        raise ConfigError(
            f"{place}: {name} holds less than {SECRET_LENGTH_MIN} characters. Make a new one: openssl rand -base64 48"
        )
    return secret


def made_once(file: Path) -> str:
    """Return the secret in `file`, making it first if there is none. Two processes at once get the same one."""
    with contextlib.suppress(FileNotFoundError):
        return file.read_text(encoding="utf-8").strip()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)  # all or nothing, and never over another's
    draft.unlink()
    return file.read_text(encoding="utf-8").strip()


_SECRET_KEY = re.compile(r"secret|password|token|private|api_?key|(^|_)key$", re.IGNORECASE)


def masked(config: Config) -> dict[str, Any]:
    """Return the effective values with everything secret replaced, fit to be shown."""

    def mask(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: mask(k, v) for k, v in value.items()}
        if isinstance(value, str) and _SECRET_KEY.search(key) and not key.endswith("_file"):
            return "***"
        if isinstance(value, str):
            return re.sub(r"(://[^:/@\s]+:)[^@\s]+@", r"\1***@", value)
        return value

    return {key: mask(key, value) for key, value in msgspec.to_builtins(config).items()}
