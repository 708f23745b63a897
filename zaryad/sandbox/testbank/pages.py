"""The payer's page: pay, decline, pay late; and, folded away, how the bank is to misbehave."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import jinja2
from litestar import Request, Response, get, post
from litestar.enums import MediaType

from zaryad.kernel.money import exponent
from zaryad.platform.db import Db
from zaryad.sandbox.testbank import store
from zaryad.sandbox.testbank.model import BankError, BankPayment, Call, Fault, Settings, State, Telling
from zaryad.sandbox.testbank.orders import origin
from zaryad.sandbox.testbank.pay import Act, act

HERE = Path(__file__).parent
TEXTS: dict[str, dict[str, str]] = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
_templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True)

HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


@get("/pay/{token:str}")
async def show(token: str, request: Request[Any, Any, Any], db: Db, settings: Settings) -> Response[str]:
    """Show the payment."""
    async with db.begin() as tx:
        payment = await store.lock_payment(tx, token=token)
        armed = await store.faults(tx)
    return _page(settings, _language(request), payment, {call.value: what.value for call, (what, _) in armed.items()})


@post("/pay/{token:str}", status_code=303)
async def press(
    token: str, request: Request[Any, Any, Any], db: Db, settings: Settings, now: dt.datetime
) -> Response[str]:
    """Do what was pressed, and send the payer back to the shop, when the shop's address is one we know."""
    form = await request.form()
    here = f"?lang={_language(request)}"
    pressed = str(form.get("act", ""))
    async with db.begin() as tx:
        if pressed == "faults":
            for call in Call:
                what = str(form.get(f"fault_{call.value}", ""))
                await store.set_fault(tx, call, Fault(what) if what in set(Fault._value2member_map_) else None, 1)
            return _go(here)
        telling = str(form.get("telling", ""))
        payment = await act(
            tx,
            token,
            _act(pressed),
            telling=Telling(telling) if telling in set(Telling._value2member_map_) else Telling.NORMAL,
            less_minor=100 if form.get("less") else 0,
            now=now,
        )
    return _go(_back(settings, payment) or here)


def _act(word: str) -> Act:
    try:
        return Act(word)
    except ValueError as error:
        raise BankError(400, "unknown_act") from error


def _page(settings: Settings, language: str, payment: BankPayment | None, armed: dict[str, str]) -> Response[str]:
    texts = TEXTS[language]
    told: dict[str, object] = {}
    if payment is not None:
        told = {
            "sum": _sum(payment),
            "until": f"{payment.expires_at:%H:%M} UTC",
            "open": payment.state is State.WAITING and payment.pay_at is None,
            "state": "later" if payment.pay_at else payment.state.value,
            "back": _back(settings, payment),
        }
    html = _templates.get_template("pay.html").render(
        t=texts,
        language=language,
        payment=payment,
        armed=armed,
        tellings=[one.value for one in Telling],
        calls=[one.value for one in Call],
        faults=[one.value for one in Fault],
        **told,
    )
    status = 404 if payment is None else 200
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=HEADERS)


def _go(url: str) -> Response[str]:
    return Response("", status_code=303, headers={"location": url, **HEADERS})


def _back(settings: Settings, payment: BankPayment) -> str | None:
    allowed = {origin(one) for one in settings.return_origins}
    return payment.return_url if origin(payment.return_url) in allowed else None


def _sum(payment: BankPayment) -> str:
    digits = exponent(payment.currency)
    whole, part = divmod(payment.amount_minor, 10**digits)
    grouped = f"{whole:,}".replace(",", "\N{NO-BREAK SPACE}")
    return f"{grouped}{f',{part:0{digits}}' if part else ''}\N{NO-BREAK SPACE}{payment.currency}"


def _language(request: Request[Any, Any, Any]) -> str:
    asked = request.query_params.get("lang", "")
    if asked in TEXTS:
        return str(asked)
    for one in request.headers.get("accept-language", "").split(","):
        word = one.split(";")[0].strip()[:2].lower()
        if word in TEXTS:
            return word
    return "ru"
