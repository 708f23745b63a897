"""The ledger's tables. The database refuses to change or delete rows of `account`, `transfer` and `posting`."""

import sqlalchemy as sa

from zaryad.platform.db import metadata

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),  # whose: a person, a location, a partner, a provider's account
    sa.Column("currency", sa.CHAR(3), nullable=False),
    # A guarded account keeps a balance row that cannot go below what is held: a wallet, a budget.
    # Revenue and clearing accounts are summed from postings, so no sale waits for another.
    sa.Column("guarded", sa.Boolean, nullable=False),
    sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.UniqueConstraint("id", "currency"),  # what a posting's foreign keys point at
    sa.Index("ix_account_kind_key", "kind", "key"),
    sa.CheckConstraint("guarded = (kind in ('wallet', 'budget'))", name="guarded"),
)

guard = sa.Table(
    "account_guard",
    metadata,
    sa.Column("account_id", sa.ForeignKey(account.c.id), primary_key=True),
    sa.Column("posted_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("held_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.CheckConstraint("held_minor >= 0", name="held"),
    sa.CheckConstraint("posted_minor >= held_minor", name="enough_money"),
    postgresql_with={"fillfactor": "50"},  # updated at every movement: keep room for HOT updates
)

transfer = sa.Table(
    "transfer",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("about", sa.Text),  # what it paid for: "session:{id}", "payment:{id}"
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
)

posting = sa.Table(
    "posting",
    metadata,
    sa.Column("transfer_id", sa.ForeignKey(transfer.c.id), primary_key=True),
    sa.Column("line", sa.SmallInteger, primary_key=True),
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),  # the order of a statement's lines
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("debit_id", sa.Uuid, nullable=False),
    sa.Column("credit_id", sa.Uuid, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.CHAR(3), nullable=False),
    sa.CheckConstraint("amount_minor > 0", name="amount"),
    sa.CheckConstraint("debit_id <> credit_id", name="two_sides"),
    # Both sides exist and are kept in the posting's currency.
    sa.ForeignKeyConstraint(["debit_id", "currency"], [account.c.id, account.c.currency], name="fk_posting_debit"),
    sa.ForeignKeyConstraint(["credit_id", "currency"], [account.c.id, account.c.currency], name="fk_posting_credit"),
    sa.Index("ix_posting_debit", "debit_id", "at", "seq"),
    sa.Index("ix_posting_credit", "credit_id", "at", "seq"),
)

hold = sa.Table(
    "hold",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.ForeignKey(account.c.id), nullable=False),
    sa.Column("placed_minor", sa.BigInteger, nullable=False),  # what was asked for first: tells a replay from a mistake
    sa.Column("amount_minor", sa.BigInteger, nullable=False),  # after raises
    sa.Column("captured_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("state", sa.Text, nullable=False, server_default="held"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("about", sa.Text),
    sa.Column("placed_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("ended_at", sa.TIMESTAMP(timezone=True)),
    sa.CheckConstraint("state in ('held', 'captured', 'released')", name="state"),
    sa.CheckConstraint("placed_minor > 0 and amount_minor >= placed_minor", name="amount"),
    sa.CheckConstraint("captured_minor between 0 and amount_minor", name="captured"),
    sa.Index("ix_hold_open", "account_id", postgresql_where=sa.text("state = 'held'")),
)

IMMUTABLE = """
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
end $$
"""
REFUSE = "create trigger {table}_immutable before {verbs} on {table} for each {each} execute function refuse_change()"

for _table in (account, transfer, posting):
    for _statement in (
        IMMUTABLE.replace("%", "%%"),
        REFUSE.format(table=_table.name, verbs="update or delete", each="row"),
        REFUSE.format(table=_table.name, verbs="truncate", each="statement").replace("_immutable", "_kept"),
    ):
        ddl = sa.DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
        sa.event.listen(_table, "after_create", ddl)
