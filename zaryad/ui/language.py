"""Which of our languages a person is answered in."""

from __future__ import annotations

from zaryad.ui.i18n import FALLBACK, LANGUAGES

COOKIE = "language"
# A browser that prefers one of these is served better by Russian than by English.
_KIN = {"kk": "ru", "uz": "ru", "tg": "ru", "be": "ru", "uk": "ru", "kir": "ky"}
_HEADER_MAX = 200  # characters of Accept-Language that are looked at


def negotiate(
    *, cookie: str | None = None, person: str | None = None, accept: str | None = None, default: str = FALLBACK
) -> str:
    """Choose: what this browser was told, what the person chose, what the browser prefers, the network's default.

    `default` is `System.Language`; anything we do not speak is passed over.
    """
    for said in (cookie, person):
        if said in LANGUAGES:
            return str(said)
    for tag in _preferred(accept or ""):
        base = tag.split("-")[0]
        found = _KIN.get(base, base)
        if found in LANGUAGES:
            return found
    return default if default in LANGUAGES else FALLBACK


def _preferred(accept: str) -> list[str]:
    """Return the language tags of an Accept-Language header (RFC 9110, 12.5.4), best first."""
    ranked: list[tuple[int, int, str]] = []
    for position, item in enumerate(accept[:_HEADER_MAX].split(",")):
        tag, _, parameters = item.strip().partition(";")
        weight = _thousandths(parameters.strip())
        if tag and weight > 0:
            ranked.append((-weight, position, tag.strip().lower()))
    return [tag for _, _, tag in sorted(ranked)]


def _thousandths(parameter: str) -> int:
    """Return the weight of `q=0.8` in thousandths; 1000 without one, 0 for nonsense."""
    if not parameter:
        return 1000
    name, _, value = parameter.partition("=")
    whole, _, fraction = value.partition(".")
    if name.strip() != "q" or whole not in ("0", "1") or not (fraction or "0").isdecimal():
        return 0
    return int(whole) * 1000 + (int((fraction + "000")[:3]) if whole == "0" else 0)
