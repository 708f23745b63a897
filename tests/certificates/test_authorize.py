"""Authorize with a contract: its certificates first, then its token in whatever spelling."""

from __future__ import annotations

import pytest

from tests.certificates.pki import NOW
from tests.certificates.test_contracts import Pki, pki
from tests.stations.network import ID, build
from zaryad import accounts, charging, wallet
from zaryad.accounts import IdToken
from zaryad.kernel.ids import derived_id
from zaryad.kernel.money import Money
from zaryad.link.answers import ContractStatus, TokenStatus
from zaryad.link.facts import ContractShown, TokenPresented
from zaryad.platform.db import Db

__all__ = ["pki"]


async def driver(db: Db, token: str, *, money: int = 100_000, status: str = "active") -> None:
    async with db.begin() as tx:
        person = await accounts.ensure_by_phone(tx, "+996555123456", "ru", NOW)
        card = IdToken(token=token, person_id=person.id, status=status)  # type: ignore[arg-type]  # a literal
        await accounts.put_token(tx, card, NOW)
        mine = await wallet.ensure_wallet(tx, person.id, "KGS", NOW)
        bank = await wallet.system_account(tx, "clearing", "test", "KGS", NOW)
        if money:
            paid = wallet.Posting(bank, mine, Money(money, "KGS"))
            await wallet.post(tx, wallet.Transfer(derived_id("gift", token), "top_up", (paid,)), NOW)  # type: ignore[arg-type]  # an id


async def present(pki: Pki, shown: ContractShown | None, token: str = "KG-ZAR-C12345678-X") -> tuple[str, str | None]:
    fact = TokenPresented(station_id=ID, received_at=NOW, token=token, token_kind="emaid", contract=shown)
    verdict = await charging.authorize(pki.db, charging.Settings(), fact, contracts=pki.desk.judge)
    return verdict.status.value, None if verdict.contract is None else verdict.contract.value


@pytest.mark.parametrize("stored", ["KG-ZAR-C12345678-X", "KGZARC12345678", "KGZARC12345678X", "kg-zar-c12345678"])
async def test_a_contract_charges_in_any_spelling_of_its_token(pki: Pki, stored: str) -> None:
    await build(pki.db)
    await pki.trust()
    await driver(pki.db, stored)
    for token in ("KG-ZAR-C12345678-X", "kgzarc12345678"):
        assert await present(pki, pki.chain(), token) == ("accepted", "accepted")
        assert await present(pki, None, token) == ("accepted", None)


async def test_what_the_token_or_the_certificate_lacks_is_told(pki: Pki) -> None:
    await build(pki.db)
    await pki.trust()
    assert await present(pki, pki.chain()) == (TokenStatus.INVALID.value, ContractStatus.CANCELLED.value)
    await driver(pki.db, "KGZARC12345678", status="blocked")
    assert await present(pki, pki.chain()) == (TokenStatus.BLOCKED.value, ContractStatus.CANCELLED.value)
    await driver(pki.db, "KGZARC12345678")
    pki.contract, _ = pki.sub.leaf("KGZARC12345678X", url=pki.responder.url)
    pki.responder.knows(pki.contract, pki.sub, "revoked")
    assert await present(pki, pki.chain()) == (TokenStatus.INVALID.value, ContractStatus.CERTIFICATE_REVOKED.value)
    assert await present(pki, ContractShown()) == (TokenStatus.INVALID.value, ContractStatus.CHAIN_ERROR.value)
