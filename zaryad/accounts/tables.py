"""Rows of people and of their cards."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from zaryad.accounts.model import LANGUAGES, ROLES
from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("phone", sa.Text, unique=True),
    sa.Column("login", sa.Text),
    sa.Column("password_hash", sa.Text),
    sa.Column("password_set_at", _TIME),
    sa.Column("name", sa.Text),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="active"),
    sa.Column("created_at", _TIME, nullable=False),
    sa.CheckConstraint("phone ~ '^[+][0-9]{6,15}$'", name="phone"),
    sa.CheckConstraint(f"language in ({_words(LANGUAGES)})", name="language"),
    sa.CheckConstraint(f"roles <@ array[{_words(ROLES)}]::text[]", name="roles"),
    sa.CheckConstraint("status in ('active', 'blocked', 'deleted')", name="status"),
    sa.CheckConstraint("status = 'deleted' or phone is not null or login is not null", name="reachable"),
    sa.Index("uq_person_login", sa.text("lower(login)"), unique=True),
)

id_token = sa.Table(
    "id_token",
    metadata,
    sa.Column("token", sa.Text(collation="C"), primary_key=True),
    sa.Column("person_id", sa.ForeignKey("person.id"), index=True),
    sa.Column("status", sa.Text, nullable=False, server_default="active"),
    sa.Column("expires_at", _TIME),
    sa.Column("group", sa.Text),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.CheckConstraint("token = upper(token) and length(token) between 1 and 36", name="token"),
    sa.CheckConstraint("status in ('active', 'blocked')", name="status"),
)

# How a contract's token (eMAID) is found in any spelling: without hyphens and check digit (`zaryad.kernel.emaid`).
compact_token = sa.func.left(sa.func.replace(id_token.c.token, "-", ""), 14)
sa.Index("ix_id_token_compact", compact_token)
