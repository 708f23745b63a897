"""Routes of receipts: as data, and as a document to print."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import anyio
from litestar import Response, get
from litestar.params import QueryParameter

from zaryad.auth import SIGNED_IN, Caller, Role
from zaryad.charging.model import SessionId
from zaryad.charging.receipts.issue import find
from zaryad.charging.receipts.model import Receipt
from zaryad.charging.receipts.pdf import set_pdf
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Db
from zaryad.ui.i18n import LANGUAGES

Layout = Annotated[Literal["80mm", "a4"], QueryParameter(name="format", description="the paper")]
Language = Annotated[Literal["ru", "ky", "en"] | None, QueryParameter(name="lang", description="absent: the caller's")]


async def receipt_for(db: Db, caller: Caller, session_id: UUID) -> Receipt:
    """Return a receipt to its driver, and to staff who answer for it; NOT_FOUND for anyone else."""
    async with db.begin() as tx:
        found = await find(tx, SessionId(session_id))
    if found is None or not (found[1] == caller.person_id or caller.has(Role.ACCOUNTANT, Role.OPERATOR)):
        raise DomainError(Kind.NOT_FOUND, "no_such_receipt")
    return found[0]


@get("/sessions/{session_id:uuid}/receipt", opt=SIGNED_IN, tags=["receipts"])
async def get_receipt(session_id: UUID, db: Db, caller: Caller) -> Receipt:
    """Return the session's receipt as it was issued."""
    return await receipt_for(db, caller, session_id)


@get("/sessions/{session_id:uuid}/receipt.pdf", opt=SIGNED_IN, tags=["receipts"], media_type="application/pdf")
async def get_receipt_pdf(
    *,
    session_id: UUID,
    db: Db,
    caller: Caller,
    language: str,
    receipt_limit: anyio.CapacityLimiter,
    layout: Layout = "a4",
    wanted: Language = None,
) -> Response[bytes]:
    """Return the session's receipt as a PDF: 80 mm roll or A4, in any of our languages."""
    receipt = await receipt_for(db, caller, session_id)
    chosen = wanted or (language if language in LANGUAGES else "ru")
    document = await set_pdf(receipt, layout, chosen, receipt_limit)
    headers = {
        "Content-Disposition": f'inline; filename="zaryad-{receipt.number}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(document, media_type="application/pdf", headers=headers)


routes: list[Any] = [get_receipt, get_receipt_pdf]
