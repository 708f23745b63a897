"""Receipts are written once and never changed; their numbers count without gaps within a year."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

receipt = sa.Table(
    "receipt",
    metadata,
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("person_id", sa.Uuid),
    sa.Column("issued_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("data", JSONB, nullable=False),  # receipts.model.Receipt
    sa.Index("ix_receipt_person_issued", "person_id", "issued_at"),
)

receipt_count = sa.Table(
    "receipt_count",
    metadata,
    sa.Column("year", sa.SmallInteger, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
