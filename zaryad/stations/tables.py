"""Rows of the network. Presence and states change all the time: their pages keep room for HOT updates."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

location = sa.Table(
    "location",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("names", JSONB, nullable=False, server_default="{}"),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("latitude_udeg", sa.Integer, nullable=False),
    sa.Column("longitude_udeg", sa.Integer, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("currency", sa.CHAR(3), nullable=False),
    sa.Column("access_notes", sa.Text, nullable=False, server_default=""),
    sa.Column("status", sa.Text, nullable=False, server_default="open"),
    sa.CheckConstraint("status in ('open', 'planned', 'closed')", name="status"),
    sa.CheckConstraint("latitude_udeg between -90000000 and 90000000", name="latitude"),
    sa.CheckConstraint("longitude_udeg between -180000000 and 180000000", name="longitude"),
    sa.Index("ix_location_name", "name", "id"),
)

station = sa.Table(
    "station",
    metadata,
    sa.Column("id", sa.Text(collation="C"), primary_key=True),  # OCPP identity; compared byte by byte
    sa.Column("location_id", sa.ForeignKey("location.id"), nullable=False, index=True),
    sa.Column("vendor", sa.Text),
    sa.Column("model", sa.Text),
    sa.Column("serial", sa.Text),
    sa.Column("firmware", sa.Text),
    sa.Column("protocol", sa.Text),
    sa.Column("details", JSONB, nullable=False, server_default="{}"),
    sa.Column("password_hash", sa.LargeBinary),  # none: security profile 0
    sa.Column("password_set_at", _TIME),
    sa.Column("password_hash_next", sa.LargeBinary),  # while a change is under way both let in
    sa.Column("security_profile", sa.SmallInteger),  # that it last came in by
    sa.Column("expired_until", _TIME),  # so long its certificate may be over: to come in and get a new one
    sa.Column("profile_floor", sa.SmallInteger, nullable=False, server_default="0"),  # lower ones are refused
    sa.Column("boot_status", sa.Text, nullable=False, server_default="accepted"),
    sa.Column("last_boot_at", _TIME),
    sa.Column("admin_state", sa.Text, nullable=False, server_default="active"),
    sa.Column("firmware_status", sa.Text),
    sa.Column("firmware_status_at", _TIME),
    sa.Column("diagnostics_status", sa.Text),
    sa.Column("diagnostics_status_at", _TIME),
    sa.Column("origin", sa.Text),  # how it came to be without a person describing it: accepted, token:{id}
    sa.Column("created_at", _TIME, server_default=sa.func.now()),
    sa.CheckConstraint("length(id) between 1 and 48", name="id"),
    sa.CheckConstraint("boot_status in ('accepted', 'pending', 'rejected')", name="boot_status"),
    sa.CheckConstraint("admin_state in ('active', 'maintenance', 'disabled')", name="admin_state"),
    sa.Index("ix_station_accepted", "created_at", postgresql_where=sa.text("origin = 'accepted'")),
    postgresql_with={"fillfactor": 80},
)

# Number 0 is the station as a whole. `tariff_id` has no foreign key: tariffs are a sibling module.
connector = sa.Table(
    "connector",
    metadata,
    sa.Column("station_id", sa.ForeignKey("station.id"), primary_key=True),
    sa.Column("number", sa.SmallInteger, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, server_default="unknown"),
    sa.Column("power_w", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tariff_id", sa.Uuid),
    sa.Column("admin_state", sa.Text, nullable=False, server_default="active"),
    sa.Column("state", sa.Text),
    sa.Column("state_at", _TIME),
    # Whether `state_at` is the station's time; a later report is out of order only against such a one.
    sa.Column("state_at_is_theirs", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("error_code", sa.Text),
    sa.Column("info", sa.Text),
    sa.Column("vendor_error", sa.Text),
    sa.CheckConstraint("number between 0 and 864", name="number"),
    sa.CheckConstraint("kind in ('type2', 'ccs2', 'chademo', 'gbt_ac', 'gbt_dc', 'unknown')", name="kind"),
    sa.CheckConstraint("power_w between 0 and 10000000", name="power_w"),
    sa.CheckConstraint("admin_state in ('active', 'maintenance', 'disabled')", name="admin_state"),
    postgresql_with={"fillfactor": 70},
)

presence_epoch = sa.Sequence("presence_epoch", metadata=metadata)

# Who is connected where. The newest epoch wins: an old socket's close cannot mark the new one offline.
presence = sa.Table(
    "presence",
    metadata,
    sa.Column("station_id", sa.ForeignKey("station.id"), primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("node", sa.Text, nullable=False),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("connected_at", _TIME, nullable=False),
    sa.Column("last_seen_at", _TIME, nullable=False),
    sa.Column("disconnected_at", _TIME),
    sa.Column("clock_skew_ms", sa.BigInteger),  # the station's clock less ours; negative: it is behind
    sa.Column("clock_skew_at", _TIME),
    postgresql_with={"fillfactor": 50},
)

knock = sa.Table(
    "knock",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("first_at", _TIME, nullable=False),
    sa.Column("last_at", _TIME, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="1"),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
    sa.Column("subprotocols", ARRAY(sa.Text), nullable=False),
    sa.Column("had_password", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("tls", JSONB(none_as_null=True)),
    sa.Column("vendor", sa.Text),  # these five by its own word, where strangers are listened to
    sa.Column("model", sa.Text),
    sa.Column("serial", sa.Text),
    sa.Column("firmware", sa.Text),
    sa.Column("learned_at", _TIME),
)

# Identities that are turned away without a trace, whoever uses them. A known station is disabled instead.
ban = sa.Table(
    "ban",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("banned_at", _TIME, nullable=False),
    sa.Column("banned_by", sa.Uuid, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)

# Each try to connect, known stations' and strangers' alike, so without a foreign key. The newest few of each are kept.
attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("at", _TIME, nullable=False, index=True),
    sa.Column("node", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
    sa.Column("tls", JSONB(none_as_null=True)),
    sa.Column("auth", sa.Text, nullable=False),
    sa.Column("offered", ARRAY(sa.Text), nullable=False),
    sa.Column("chosen", sa.Text),
    sa.Column("status", sa.SmallInteger),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),
    sa.Column("epoch", sa.BigInteger),
    sa.Column("closed_at", _TIME),
    sa.Column("close_code", sa.SmallInteger),
    sa.Column("close_reason", sa.Text),
    sa.Column("rtt_ms", sa.Integer),
    sa.Column("quirks", JSONB, nullable=False, server_default="{}"),
)

# In a station's URL it stands for a person's approval. The token itself is not kept.
registration_token = sa.Table(
    "registration_token",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("location_id", sa.ForeignKey("location.id"), nullable=False),
    sa.Column("connectors", JSONB, nullable=False),  # a list of ConnectorPlan
    sa.Column("max_uses", sa.Integer, nullable=False),
    sa.Column("used", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_used_at", _TIME),
    sa.Column("expires_at", _TIME, nullable=False),
    sa.Column("revoked_at", _TIME),
    sa.Column("created_at", _TIME, nullable=False, index=True),
    sa.Column("created_by", sa.Uuid, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.CheckConstraint("used between 0 and max_uses", name="used"),
)
