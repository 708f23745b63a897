"""The Test Bank's own tables."""

import sqlalchemy as sa

from zaryad.platform.db import metadata

payment = sa.Table(
    "testbank_payment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("order", sa.Text, nullable=False),
    sa.Column("token", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("telling", sa.Text, nullable=False, server_default="normal"),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("paid_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("currency", sa.CHAR(3), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("return_url", sa.Text, nullable=False),
    sa.Column("notify_url", sa.Text, nullable=False),
    sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("pay_at", sa.TIMESTAMP(timezone=True)),
    sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.CheckConstraint("refunded_minor between 0 and paid_minor", name="refunded"),
    sa.Index("ix_testbank_payment_waiting", "expires_at", postgresql_where=sa.text("state = 'waiting'")),
    sa.Index("ix_testbank_payment_pay_at", "pay_at", postgresql_where=sa.text("pay_at is not null")),
)

refund = sa.Table(
    "testbank_refund",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("payment_id", sa.ForeignKey(payment.c.id), nullable=False, index=True),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
)

notice = sa.Table(
    "testbank_notice",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", sa.TIMESTAMP(timezone=True)),  # null: told, or given up
    sa.Column("last_status", sa.Integer),
    sa.Index("ix_testbank_notice_due", "due_at", postgresql_where=sa.text("due_at is not null")),
)

fault = sa.Table(
    "testbank_fault",
    metadata,
    sa.Column("call", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("left", sa.Integer, nullable=False),
)
