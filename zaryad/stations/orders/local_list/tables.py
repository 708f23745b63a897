"""Each station's local list as we believe it to be, and what is on its way."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

local_list = sa.Table(
    "local_list",
    metadata,
    sa.Column("station_id", sa.ForeignKey("station.id"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),  # the highest that was ever sent or told
    sa.Column("certain", sa.Boolean, nullable=False, server_default=sa.false()),  # our entries are the station's
    sa.Column("status", sa.Text, nullable=False, server_default="unknown"),
    sa.Column("per_message_max", sa.Integer),  # SendLocalListMaxLength, or ItemsPerMessage of 2.x
    sa.Column("entries_max", sa.Integer),  # LocalAuthListMaxLength
    sa.Column("filter", JSONB(none_as_null=True)),  # which tokens the last sync was for
    sa.Column("rest", JSONB, nullable=False, server_default="[]"),  # entries that go with the next messages
    sa.Column("order_id", sa.Uuid),  # the message that is out
    sa.Column("was_full", sa.Boolean, nullable=False, server_default=sa.false()),  # this sync has tried a full list
    sa.Column("author", sa.Text, nullable=False, server_default=""),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.Column("synced_at", _TIME),
    sa.CheckConstraint("status in ('unknown', 'syncing', 'synced', 'failed', 'not_supported')", name="status"),
    sa.CheckConstraint("version >= 0", name="version"),
)

local_list_entry = sa.Table(
    "local_list_entry",
    metadata,
    sa.Column("station_id", sa.ForeignKey("local_list.station_id"), primary_key=True),
    sa.Column("token", sa.Text(collation="C"), primary_key=True),
    sa.Column("entry", JSONB, nullable=False),
)
