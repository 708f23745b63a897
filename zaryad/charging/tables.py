"""Rows of sessions, of what stations report of them, and of their meters.

`session` changes with every reading: its pages keep room, and no index covers a column that moves, so that
PostgreSQL updates in place (HOT). Readings are written once, one wide row a moment, a partition a day.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)
_LIVE = "state in ('starting', 'charging')"

session = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("connector", sa.Integer, nullable=False),
    sa.Column("token", sa.Text(collation="C"), nullable=False),
    sa.Column("driver_id", sa.Uuid),
    sa.Column("payer_id", sa.Uuid),
    sa.Column("hold_id", sa.Uuid),
    sa.Column("hold_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("limit_amount_minor", sa.BigInteger),
    sa.Column("limit_energy_wh", sa.BigInteger),
    sa.Column("tariff_version_id", sa.Uuid),
    sa.Column("currency", sa.CHAR(3), nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("location_id", sa.Uuid),
    sa.Column("location_name", sa.Text, nullable=False, server_default=""),
    sa.Column("address", sa.Text, nullable=False, server_default=""),
    sa.Column("connector_kind", sa.Text, nullable=False, server_default="unknown"),
    sa.Column("power_w", sa.Integer, nullable=False, server_default="0"),
    sa.Column("believed_w", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("on_connector", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("sole", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("requested_at", _TIME, nullable=False),
    sa.Column("charge_ref", sa.Text),
    sa.Column("began_at", _TIME),
    sa.Column("meter_start_mwh", sa.BigInteger),
    # What moves with every reading.
    sa.Column("meter_mwh", sa.BigInteger),
    sa.Column("energy_mwh", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("power_mw", sa.BigInteger),
    sa.Column("soc_percent", sa.SmallInteger),
    sa.Column("cost_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("running", JSONB(none_as_null=True)),
    sa.Column("last_reading_at", _TIME),
    sa.Column("last_received_at", _TIME),
    sa.Column("paused_by", sa.Text),
    sa.Column("available_since", _TIME),
    sa.Column("flags", ARRAY(sa.Text), nullable=False, server_default="{}"),
    # How it is ended.
    sa.Column("stop_reason", sa.Text),
    sa.Column("stop_ordered_at", _TIME),
    sa.Column("stop_orders", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("ended_at", _TIME),
    sa.Column("meter_stop_mwh", sa.BigInteger),
    sa.Column("stop_cause", sa.Text),
    sa.Column("reason", sa.Text),
    # What it cost, and who paid.
    sa.Column("settled_at", _TIME),
    sa.Column("captured_minor", sa.BigInteger),
    sa.Column("from_balance_minor", sa.BigInteger),
    sa.Column("receivable_minor", sa.BigInteger),
    sa.Column("unpaid_minor", sa.BigInteger),
    sa.Column("bill", JSONB(none_as_null=True)),
    sa.CheckConstraint("state in ('starting', 'charging', 'ended', 'settled', 'failed')", name="state"),
    sa.CheckConstraint("energy_mwh >= 0 and cost_minor >= 0 and hold_minor >= 0", name="not_negative"),
    sa.CheckConstraint("(state = 'settled') = (settled_at is not null)", name="settled_at"),
    sa.CheckConstraint("state not in ('charging', 'ended') or began_at is not null", name="began_at"),
    sa.Index(
        "uq_session_live_connector",
        "station_id",
        "connector",
        unique=True,
        postgresql_where=sa.text(f"{_LIVE} and on_connector"),
    ),
    sa.Index("uq_session_live_driver", "driver_id", unique=True, postgresql_where=sa.text(f"{_LIVE} and sole")),
    sa.Index("uq_session_app_token", "token", unique=True, postgresql_where=sa.text("origin = 'app'")),
    sa.Index("ix_session_driver", "driver_id", "requested_at", "id"),
    sa.Index("ix_session_station", "station_id", "requested_at", "id"),
    sa.Index("ix_session_requested", "requested_at", "id"),
    sa.Index("ix_session_open", "state", "requested_at", postgresql_where=sa.text(f"{_LIVE} or state = 'ended'")),
    postgresql_with={"fillfactor": 60},
)

# OCPP 1.6 wants a positive 32-bit number; 2.x brings its own text.
transaction_number = sa.Sequence("charging_transaction_number", minvalue=1, maxvalue=2**31 - 1, metadata=metadata)

# What the station reports, one for one with a session. Times are the station's own, as it gave them. A transaction of
# 2.x is known by its events (`transaction_event`), and has no session before a token or energy makes it one.
charging_transaction = sa.Table(
    "charging_transaction",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("connector", sa.Integer, nullable=False),
    sa.Column("charge_ref", sa.Text(collation="C"), nullable=False),
    sa.Column("token", sa.Text, nullable=False),  # as it was written
    sa.Column("token_key", sa.Text(collation="C"), nullable=False),  # upper case
    sa.Column("meter_start_mwh", sa.BigInteger, nullable=False),
    sa.Column("began_at", _TIME, nullable=False),
    sa.Column("received_at", _TIME, nullable=False),
    # The verdict it was answered with: a repetition is answered alike.
    sa.Column("token_status", sa.Text, nullable=False),
    sa.Column("token_expires_at", _TIME),
    sa.Column("token_group", sa.Text),
    sa.Column("session_id", sa.ForeignKey("session.id"), unique=True),
    sa.Column("ended_at", _TIME),
    sa.Column("end_received_at", _TIME),
    sa.Column("meter_stop_mwh", sa.BigInteger),
    sa.Column("cause", sa.Text),
    sa.Column("ended_by", sa.Text),  # "station", or "evidence" that nothing flows any more
    # Of 2.x only, all the rest: what its events come to. Connector 0 is one that was not named yet.
    sa.Column("events", sa.Integer, nullable=False, server_default="0"),  # kept; 0: a transaction of 1.6
    sa.Column("last_seq", sa.Integer),
    sa.Column("began_seq", sa.Integer),  # the event that `began_at` is taken from
    sa.Column("outlet_named", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("meter_known", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("charging_state", sa.Text),
    sa.Column("protocol", sa.Text),
    sa.Column("reservation_id", sa.BigInteger),
    sa.Column("remote_start", sa.BigInteger),
    sa.Column("missing", sa.Integer, nullable=False, server_default="0"),  # events that a gap in the numbers tells of
    sa.Column("missing_since", _TIME),  # null too when they are given up
    sa.Column("asked", sa.SmallInteger, nullable=False, server_default="0"),  # how often the station was asked for them
    sa.Column("asked_at", _TIME),
    sa.Column("settle_after", _TIME),  # the bill waits for them so long
    sa.UniqueConstraint("station_id", "charge_ref"),
    sa.Index(
        "uq_charging_transaction_content",
        "station_id",
        "connector",
        "token_key",
        "meter_start_mwh",
        "began_at",
        unique=True,
        postgresql_where=sa.text("events = 0"),  # 2.x knows its transactions by name
    ),
    sa.Index("ix_charging_transaction_missing", "missing_since", postgresql_where=sa.text("missing_since is not null")),
    sa.Index("ix_charging_transaction_at", "station_id", "id"),
    sa.Index("ix_charging_transaction_token", "token_key", "id"),
    sa.CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended"),
    sa.Index("ix_charging_transaction_open", "station_id", "connector", postgresql_where=sa.text("ended_at is null")),
    sa.Index("ix_charging_transaction_station", "station_id", "connector", "id"),
)


def _meter_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("station_at", _TIME),  # the station's time where `at` is ours instead
        sa.Column("energy_mwh", sa.BigInteger),
        sa.Column("power_mw", sa.BigInteger),
        sa.Column("current_ma", sa.BigInteger),
        sa.Column("voltage_mv", sa.BigInteger),
        sa.Column("soc_percent", sa.SmallInteger),
        sa.Column("context", sa.Text),  # null: Sample.Periodic
        sa.Column("extra", JSONB),
    )


reading = sa.Table(
    "reading",
    metadata,
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("at", _TIME, primary_key=True),
    *_meter_columns(),
    postgresql_partition_by="RANGE (at)",
)

# Readings of no session: the site's own meter (connector 0), and connectors between transactions.
loose_reading = sa.Table(
    "loose_reading",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("connector", sa.Integer, primary_key=True),
    sa.Column("at", _TIME, primary_key=True),
    *_meter_columns(),
    postgresql_partition_by="RANGE (at)",
)

for _table in (reading, loose_reading):
    _name = _table.name
    _ddl = sa.DDL(f"create table {_name}_default partition of {_name} default")  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
    sa.event.listen(_table, "after_create", _ddl)

# What happened to a session, in keys with a text for people (`session.event.{key}`).
session_event = sa.Table(
    "session_event",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("session_id", sa.ForeignKey("session.id"), nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("facts", JSONB, nullable=False, server_default="{}"),
    sa.Index("ix_session_event_session", "session_id", "id"),
)

# Stops that fit no transaction, for a person to look at; nothing a station told is thrown away.
stray_stop = sa.Table(
    "stray_stop",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("charge_ref", sa.Text, nullable=False),
    sa.Column("token", sa.Text),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("received_at", _TIME, nullable=False),
    sa.Column("meter_stop_mwh", sa.BigInteger, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("readings", JSONB, nullable=False, server_default="[]"),
    sa.Column("why", sa.Text, nullable=False),  # "unmatched", "after_settlement"
    sa.Column("proposed_session_id", sa.Uuid),
    sa.Column("reviewed_at", _TIME),
    sa.Column("reviewed_by", sa.Uuid),
    sa.Column("decision", sa.Text),  # "assigned", "dismissed"
    sa.Column("session_id", sa.Uuid),  # what it was assigned to
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("station_id", "charge_ref", "at", "meter_stop_mwh"),
    sa.Index("ix_stray_stop_open", "received_at", postgresql_where=sa.text("reviewed_at is null")),
)
