"""Rows of our CA, of the certificates it gave, of what stations asked for, and of alarms."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)
_STATION = sa.Text(collation="C")  # without a foreign key: stations are a sibling module

# Our own CA. One row of each level is active; keys are sealed with the deployment's secret.
authority = sa.Table(
    "certificate_authority",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("certificate", sa.Text, nullable=False),
    sa.Column("sealed_key", sa.LargeBinary, nullable=False),
    sa.Column("not_after", _TIME, nullable=False),
    sa.Column("made_at", _TIME, nullable=False),
    sa.Column("retired_at", _TIME),
    sa.CheckConstraint("level in ('root', 'issuing')", name="level"),
    sa.Index("uq_certificate_authority_level", "level", unique=True, postgresql_where=sa.text("retired_at is null")),
)

certificate = sa.Table(
    "station_certificate",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("station_id", _STATION),  # none: a server's
    sa.Column("use", sa.Text, nullable=False),
    sa.Column("serial", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("not_before", _TIME, nullable=False),
    sa.Column("not_after", _TIME, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("chain", sa.Text, nullable=False),  # PEM, its own certificate first
    sa.Column("ours", sa.Boolean, nullable=False),  # signed by our CA: its serial may stand in our list of the revoked
    sa.Column("order_id", sa.Uuid),
    sa.Column("issued_at", _TIME, nullable=False),
    sa.Column("revoked_at", _TIME),
    sa.Column("revoked_why", sa.Text),
    sa.Column("renewal_at", _TIME),  # when the station was last asked to come for a new one
    sa.CheckConstraint("use in ('station', 'v2g', 'v2g20', 'server')", name="use"),
    sa.CheckConstraint("status in ('issued', 'active', 'replaced', 'revoked')", name="status"),
    sa.Index("ix_station_certificate_station", "station_id", "use", "issued_at"),
    sa.Index("ix_station_certificate_ends", "not_after", postgresql_where=sa.text("status = 'active'")),
)

# What stations asked for. One of a station and use is open at a time.
request = sa.Table(
    "certificate_request",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("station_id", _STATION, nullable=False),
    sa.Column("use", sa.Text, nullable=False),
    sa.Column("number", sa.Integer),  # 2.1: the station's own number for it
    sa.Column("csr", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("why", sa.Text),
    sa.Column("certificate_id", sa.Uuid),
    sa.Column("asked_at", _TIME, nullable=False),
    sa.Column("ended_at", _TIME),
    sa.CheckConstraint("state in ('asked', 'given', 'done', 'failed')", name="state"),
    sa.Index(
        "uq_certificate_request_open",
        "station_id",
        "use",
        unique=True,
        postgresql_where=sa.text("state in ('asked', 'given')"),
    ),
    sa.Index("ix_certificate_request_station", "station_id", "asked_at"),
)

alarm = sa.Table(
    "security_alarm",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("station_id", _STATION),
    sa.Column("facts", JSONB, nullable=False, server_default="{}"),
    sa.Column("raised_at", _TIME, nullable=False),
    sa.Column("last_at", _TIME, nullable=False),
    sa.Column("times", sa.Integer, nullable=False, server_default="1"),
    sa.Column("cleared_at", _TIME),
    sa.Column("cleared_by", sa.Text),
    sa.Index("uq_security_alarm_open", "kind", "key", unique=True, postgresql_where=sa.text("cleared_at is null")),
    sa.Index("ix_security_alarm_raised", "raised_at"),
)
