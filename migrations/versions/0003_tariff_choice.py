"""Tariffs chosen by contract, group, connector, station, location or network; drafts, holidays.

Forward only. In one release do one of: expand (add nullable columns, tables, indexes CONCURRENTLY: the running
release must not notice), backfill (in batches, outside long transactions), contract (drop what no running release
uses any more). A lock not had within `lock_timeout` (env.py) ends the migration, and it is tried again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('tariff_holiday',
    sa.Column('calendar', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('holiday', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('names', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.PrimaryKeyConstraint('calendar', 'day', name=op.f('pk_tariff_holiday'))
    )
    op.create_table('tariff_member',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('valid_to', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('contract', 'group')", name=op.f('ck_tariff_member_kind')),
    sa.PrimaryKeyConstraint('person_id', 'kind', 'name', name=op.f('pk_tariff_member'))
    )
    op.create_table('tariff_assignment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('tariff_id', sa.Uuid(), nullable=False),
    sa.Column('priority', sa.Integer(), server_default='0', nullable=False),
    sa.Column('valid_from', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('valid_to', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('author', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("kind in ('contract', 'group', 'connector', 'station', 'location', 'network')", name=op.f('ck_tariff_assignment_kind')),
    sa.CheckConstraint('valid_to is null or valid_to > valid_from', name=op.f('ck_tariff_assignment_valid')),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_tariff_assignment_tariff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tariff_assignment'))
    )
    op.create_index('ix_tariff_assignment_scope', 'tariff_assignment', ['kind', 'scope'], unique=False)
    op.create_table('tariff_draft',
    sa.Column('tariff_id', sa.Uuid(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_tariff_draft_tariff_id')),
    sa.PrimaryKeyConstraint('tariff_id', name=op.f('pk_tariff_draft'))
    )
