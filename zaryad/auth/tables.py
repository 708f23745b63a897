"""Rows of signing in. Codes and tokens are keyed hashes: the database alone opens nothing."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

# One row per phone; `code_hash` null: none is open.
sign_in_code = sa.Table(
    "sign_in_code",
    metadata,
    sa.Column("phone", sa.Text, primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("code_hash", sa.LargeBinary),
    sa.Column("expires_at", _TIME, nullable=False),
    sa.Column("tries_left", sa.SmallInteger, nullable=False),
    sa.Column("sent_at", ARRAY(_TIME), nullable=False),  # of the last hour
    sa.Column("touched_at", _TIME, nullable=False, index=True),
)

# How often something happened in a slice of time; a sliding hour is a sum of slices.
sign_in_count = sa.Table(
    "sign_in_count",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("slice", _TIME, primary_key=True, index=True),
    sa.Column("times", sa.Integer, nullable=False),
)

sign_in = sa.Table(
    "sign_in",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("last_used_at", _TIME, nullable=False),
    sa.Column("expires_at", _TIME, nullable=False, index=True),
    sa.Column("revoked_at", _TIME),
    sa.Column("revoked_why", sa.Text),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
    sa.CheckConstraint("way in ('code', 'password')", name="way"),
    sa.CheckConstraint("(revoked_at is null) = (revoked_why is null)", name="revoked"),
)

# Every refresh token of a family: an old one that comes back is how a theft shows.
refresh_token = sa.Table(
    "refresh_token",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("sign_in_id", sa.ForeignKey("sign_in.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("issued_at", _TIME, nullable=False),
    sa.Column("used_at", _TIME),
    sa.UniqueConstraint("sign_in_id", "generation"),
)
