"""Rows of files. Their bytes are rows too: every node reaches them, and a backup has them."""

import sqlalchemy as sa

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

stored_file = sa.Table(
    "stored_file",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("sha256", sa.Text, nullable=False, server_default=""),
    sa.Column("md5", sa.Text, nullable=False, server_default=""),
    sa.Column("station_id", sa.Text(collation="C")),
    sa.Column("brought_by", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False, index=True),
    sa.Column("complete", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint("kind in ('firmware', 'log')", name="kind"),
)

file_chunk = sa.Table(
    "file_chunk",
    metadata,
    sa.Column("file_id", sa.ForeignKey("stored_file.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

file_grant = sa.Table(
    "file_grant",
    metadata,
    sa.Column("id", sa.Text(collation="C"), primary_key=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False),
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("file_id", sa.ForeignKey("stored_file.id", ondelete="CASCADE")),
    sa.Column("order_id", sa.Uuid, nullable=False, index=True),
    sa.Column("bytes_max", sa.BigInteger, nullable=False),
    sa.Column("expires_at", _TIME, nullable=False, index=True),
    sa.Column("uploads", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("used_at", _TIME),
    sa.CheckConstraint("purpose in ('download', 'upload')", name="purpose"),
    sa.CheckConstraint("(purpose = 'download') = (file_id is not null)", name="file"),
)
