"""Virtual stations as rows: what they are built of, and what they remember."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

sandbox_station = sa.Table(
    "sandbox_station",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # the OCPP identity
    sa.Column("model", JSONB, nullable=False),
    sa.Column("memory", JSONB),  # None: never powered on
    sa.Column("kept_at", sa.TIMESTAMP(timezone=True)),
)
