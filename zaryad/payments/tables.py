"""Payments, what happened to each, and the inbox of providers' notices."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.payments.model import PaymentState
from zaryad.platform.db import metadata

_states = ", ".join(f"'{state.value}'" for state in PaymentState)

payment = sa.Table(
    "payment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),  # made by the client; the provider's idempotency key
    sa.Column("person_id", sa.Uuid, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.CHAR(3), nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="new"),
    sa.Column("uncertain", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("quarantine", sa.Text),
    sa.Column("late", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("error", sa.Text),
    sa.Column("external", JSONB, nullable=False, server_default="{}"),
    sa.Column("url", sa.Text),
    sa.Column("qr", sa.Text),
    sa.Column("app", sa.Text),
    sa.Column("return_url", sa.Text, nullable=False),
    sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("paid_at", sa.TIMESTAMP(timezone=True)),
    sa.Column("turn", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_check_at", sa.TIMESTAMP(timezone=True)),  # a sweep finds those whose job was lost
    sa.CheckConstraint("amount_minor > 0", name="amount"),
    sa.CheckConstraint(f"state in ({_states})", name="state"),
    sa.Index("ix_payment_person", "person_id", "created_at"),
    sa.Index("ix_payment_next_check", "next_check_at", postgresql_where=sa.text("next_check_at is not null")),
    sa.Index("ix_payment_quarantine", "created_at", postgresql_where=sa.text("quarantine is not null")),
)

payment_event = sa.Table(
    "payment_event",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("payment_id", sa.ForeignKey(payment.c.id), nullable=False, index=True),
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),  # "asked", "read:{the provider's word}", "quarantine:{why}"
)

payment_notice = sa.Table(
    "payment_notice",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("payment_id", sa.Uuid),  # may name a payment that is not ours: no foreign key
    sa.Column("word", sa.Text, nullable=False),
    sa.Column("evidence", JSONB, nullable=False),
    sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.UniqueConstraint("provider", "account", "key"),
)
