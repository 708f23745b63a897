"""Rows of what is trusted, of what stations were given to trust, and of what responders said."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

trusted_root = sa.Table(
    "trusted_root",
    metadata,
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("use", sa.Text, primary_key=True),
    sa.Column("certificate", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("not_after", _TIME, nullable=False),
    sa.Column("responders", ARRAY(sa.Text), nullable=False),  # OCSP URLs that stand in it
    sa.Column("added_at", _TIME, nullable=False),
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.CheckConstraint(
        "use in ('csms_root', 'manufacturer_root', 'v2g_root', 'mo_root', 'oem_root', 'v2g_chain')", name="use"
    ),
)

# What stations have taken from us, by the word of their answers.
installed_root = sa.Table(
    "installed_root",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("use", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("at", _TIME, nullable=False),
)

# Responders' answers as they came, by what was asked; judged anew by whoever decides on them.
ocsp_answer = sa.Table(
    "ocsp_answer",
    metadata,
    sa.Column("asked", sa.Text, primary_key=True),  # algorithm:issuer name:issuer key:serial
    sa.Column("response", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("next_update", _TIME, nullable=False, index=True),
    sa.Column("fetched_at", _TIME, nullable=False),
)
