"""Structured logs: JSON for machines, coloured lines for people, and nothing secret in either.

Redaction is by key (passwords, tokens, codes, phones) and by shape (phones, cards, signed tokens, Authorization
headers, passwords in URLs), in nested values, texts and tracebacks. There is one exception, by design: the development
SMS channel shows a sign-in code, in the event `DEVELOPMENT_EVENT` under the key `development_code`. That key in any
other event is redacted like every code.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

HIDDEN = "***"
DEVELOPMENT_EVENT = "sms.development"
DEVELOPMENT_KEY = "development_code"
DEPTH_MAX = 6

_SECRET_KEYS = re.compile(
    r"passw|secret|token|authorization|cookie|credential|signature|private|"
    r"(^|_)(otp|totp|pin|cvc|cvv|api_?key|key_hash|xsrf|csrf|jwt|development_code|one_time_code|sms_code)($|_)",
    re.IGNORECASE,
)
_PHONE_KEYS = re.compile(r"phone|msisdn", re.IGNORECASE)
_CODE_DIGITS = re.compile(r"\d{4,10}")

_SHAPES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"(://[^\s:/@]*:)[^\s@/]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(?<=://)[^\s:/@]{12,}@"), f"{HIDDEN}@"),
    (
        re.compile(
            r"(\b\w*(?:passw\w*|secret|token|authorization|cookie|otp|sms_code)\w*[\"']?\s*[=:]\s*)"
            r"(?!\*\*\*|bearer\b|basic\b|None\b|null\b)(\"[^\"]*\"|'[^']*'|[^\s\"',;&)}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.]|-\d)"), lambda found: _card(found[0])),
    (re.compile(r"(?<!\w)\+\d(?:[ ()-]{0,2}\d){8,14}(?!\d)"), lambda found: masked_phone(found[0])),
    (re.compile(r"(?<![\w.-])996\d{9}(?![\w-])"), lambda found: masked_phone(found[0])),
)


def masked_phone(phone: str) -> str:
    """Return a phone of which only the last two digits can be read."""
    digits = re.sub(r"\D", "", phone)
    return ("+" if phone.lstrip().startswith("+") else "") + "*" * max(len(digits) - 2, 0) + digits[-2:]


def _card(text: str) -> str:
    """Mask what passes the check of card numbers (ISO/IEC 7812-1, annex B), all but the last four digits."""
    digits = [int(d) for d in text if d.isdigit()]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    if (sum(digits[-1::-2]) + sum(doubled)) % 10 or not any(digits):
        return text
    return "*" * (len(digits) - 4) + "".join(map(str, digits[-4:]))


def clean_text(text: str) -> str:
    """Return a text without what must not be read in it."""
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def clean(value: Any, key: str = "", depth: int = 0) -> Any:
    """Return a value fit to be logged under a key."""
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_KEYS.search(key) or (key == "code" and isinstance(value, str) and _CODE_DIGITS.fullmatch(value)):
        return HIDDEN  # a code that is a number is a close code or an exit code: those stay
    if _PHONE_KEYS.search(key) and isinstance(value, str | int):
        return masked_phone(str(value))
    return value if isinstance(value, int | float) else _clean_inside(value, key, depth)


def _clean_inside(value: Any, key: str, depth: int) -> Any:
    if depth >= DEPTH_MAX:
        return "..."
    if isinstance(value, Mapping):
        return {str(k): clean(v, str(k), depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item, key, depth + 1) for item in value]
    if isinstance(value, bytes | bytearray):
        value = bytes(value[:4096]).decode(errors="replace")
    return clean_text(str(value))


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Clean every value of an event; a structlog processor, after those that make texts of exceptions."""
    shown = {}
    for key, value in event.items():
        own = key.startswith("_")  # structlog's
        if own or (key == DEVELOPMENT_KEY and event.get("event") == DEVELOPMENT_EVENT):
            shown[key] = value
        else:
            shown[key] = clean(value, key)
    return shown


def configure(
    level: str = "info",
    form: Literal["auto", "console", "json"] = "auto",
    *,
    colour: bool | None = None,
    service: str | None = None,
    stream: TextIO | None = None,
) -> None:
    """Send all logs of this process, ours and libraries', to `stream` (standard error) in one form."""
    out = stream or sys.stderr
    console = form == "console" or (form == "auto" and out.isatty())
    shared: list[Callable[[Any, str, MutableMapping[str, Any]], Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S.%f" if console else "iso", utc=not console),
    ]
    if service and not console:
        shared.append(lambda _logger, _method, event: {"service": service, **event})
    last = (
        structlog.dev.ConsoleRenderer(colors=out.isatty() if colour is None else colour, pad_event_to=24)
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "websockets", "nats", "procrastinate", "asyncio", "alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class Sometimes:
    """Lets one event of a kind through per period, so that a station with a bad firmware cannot fill the disk.

    ```
    if (more := sometimes.allow(station_id)) is not None:
        log.warning("frame.unreadable", station=station_id, more_like_it=more)
    ```
    """

    def __init__(
        self, every_s: float = 60, *, kinds_max: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._every_s = every_s
        self._kinds_max = kinds_max
        self._clock = clock
        self._seen: dict[object, tuple[float, int]] = {}

    def allow(self, kind: object) -> int | None:
        """Return how many of the kind were held back since the last one, or None to hold this one back too."""
        now = self._clock()
        since, held = self._seen.get(kind, (None, 0))
        if since is not None and now - since < self._every_s:
            self._seen[kind] = (since, held + 1)
            return None
        if len(self._seen) >= self._kinds_max:
            self._seen.clear()  # better a few repeated lines than memory without bound
        self._seen[kind] = (now, 0)
        return held
