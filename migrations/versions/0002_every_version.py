"""Stations of every version: their transactions, orders, settings, files, security, and a log kept by class.

Forward only. In one release do one of: expand (add nullable columns, tables, indexes CONCURRENTLY: the running
release must not notice), backfill (in batches, outside long transactions), contract (drop what no running release
uses any more). A lock not had within `lock_timeout` (env.py) ends the migration, and it is tried again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('CREATE SEQUENCE station_order_number MINVALUE 1 MAXVALUE 2147483647 CYCLE')
    op.execute('CREATE SEQUENCE station_reservation_number MINVALUE 1 MAXVALUE 2147483647 CYCLE')
    op.create_table('attempt',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('node', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('user_agent', sa.Text(), nullable=False),
    sa.Column('tls', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('auth', sa.Text(), nullable=False),
    sa.Column('offered', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('chosen', sa.Text(), nullable=True),
    sa.Column('status', sa.SmallInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('epoch', sa.BigInteger(), nullable=True),
    sa.Column('closed_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('close_code', sa.SmallInteger(), nullable=True),
    sa.Column('close_reason', sa.Text(), nullable=True),
    sa.Column('rtt_ms', sa.Integer(), nullable=True),
    sa.Column('quirks', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.PrimaryKeyConstraint('station_id', 'id', name=op.f('pk_attempt'))
    )
    op.create_index(op.f('ix_attempt_at'), 'attempt', ['at'], unique=False)
    op.create_table('ban',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('banned_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('banned_by', sa.Uuid(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('station_id', name=op.f('pk_ban'))
    )
    op.create_table('bulk_order',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('filter', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('parallelism', sa.SmallInteger(), nullable=False),
    sa.Column('wait_s', sa.Integer(), nullable=False),
    sa.Column('deadline', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('placed_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('ended_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('running', 'done', 'cancelled')", name=op.f('ck_bulk_order_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_order'))
    )
    op.create_index('ix_bulk_order_placed', 'bulk_order', ['placed_at', 'id'], unique=False)
    op.create_index('ix_bulk_order_running', 'bulk_order', ['id'], unique=False, postgresql_where=sa.text("state = 'running'"))
    op.create_table('certificate_authority',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('certificate', sa.Text(), nullable=False),
    sa.Column('sealed_key', sa.LargeBinary(), nullable=False),
    sa.Column('not_after', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('made_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('retired_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("level in ('root', 'issuing')", name=op.f('ck_certificate_authority_level')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_authority'))
    )
    op.create_index('uq_certificate_authority_level', 'certificate_authority', ['level'], unique=True, postgresql_where=sa.text('retired_at is null'))
    op.create_table('certificate_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('use', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('csr', sa.Text(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('certificate_id', sa.Uuid(), nullable=True),
    sa.Column('asked_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('ended_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('asked', 'given', 'done', 'failed')", name=op.f('ck_certificate_request_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_request'))
    )
    op.create_index('ix_certificate_request_station', 'certificate_request', ['station_id', 'asked_at'], unique=False)
    op.create_index('uq_certificate_request_open', 'certificate_request', ['station_id', 'use'], unique=True, postgresql_where=sa.text("state in ('asked', 'given')"))
    op.create_table('charging_profile_template',
    sa.Column('name', sa.Text(collation='C'), nullable=False),
    sa.Column('profile', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('changed_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_charging_profile_template'))
    )
    op.create_table('device_model',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('asked_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('complete_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('firmware', sa.Text(), nullable=True),
    sa.Column('protocol', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('station_id', name=op.f('pk_device_model'))
    )
    op.create_table('device_report',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('request', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('parts', postgresql.ARRAY(sa.Integer()), nullable=False),
    sa.Column('last_part', sa.Integer(), nullable=True),
    sa.Column('began_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('complete_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('texts', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.PrimaryKeyConstraint('station_id', 'request', 'kind', name=op.f('pk_device_report'))
    )
    op.create_index(op.f('ix_device_report_began_at'), 'device_report', ['began_at'], unique=False)
    op.create_table('device_variable',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('folded', sa.Text(collation='C'), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=True),
    sa.Column('mutability', sa.Text(), server_default='read_write', nullable=False),
    sa.Column('persistent', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('constant', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('data_type', sa.Text(), nullable=True),
    sa.Column('minimum', sa.Text(), nullable=True),
    sa.Column('maximum', sa.Text(), nullable=True),
    sa.Column('allowed', sa.Text(), nullable=True),
    sa.Column('monitored', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('reported_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.CheckConstraint("mutability in ('read_only', 'write_only', 'read_write')", name=op.f('ck_device_variable_mutability')),
    sa.PrimaryKeyConstraint('station_id', 'folded', name=op.f('pk_device_variable'))
    )
    op.create_table('installed_root',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('use', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.Column('at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('station_id', 'use', 'fingerprint', name=op.f('pk_installed_root'))
    )
    op.create_table('log_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('log', sa.Text(), nullable=False),
    sa.Column('via', sa.Text(), nullable=False),
    sa.Column('plain', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('since', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('until', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), server_default='asked', nullable=False),
    sa.Column('said', sa.Text(), nullable=True),
    sa.Column('file_name', sa.Text(), nullable=True),
    sa.Column('files', postgresql.ARRAY(sa.Uuid()), server_default='{}', nullable=False),
    sa.Column('changed_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('asked', 'accepted', 'uploading', 'uploaded', 'nothing', 'refused', 'failed', 'expired')", name=op.f('ck_log_request_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_log_request'))
    )
    op.create_index('ix_log_request_station', 'log_request', ['station_id', 'asked_at'], unique=False)
    op.create_table('ocsp_answer',
    sa.Column('asked', sa.Text(), nullable=False),
    sa.Column('response', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('next_update', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('fetched_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('asked', name=op.f('pk_ocsp_answer'))
    )
    op.create_index(op.f('ix_ocsp_answer_next_update'), 'ocsp_answer', ['next_update'], unique=False)
    op.create_table('security_alarm',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('raised_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('last_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('times', sa.Integer(), server_default='1', nullable=False),
    sa.Column('cleared_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('cleared_by', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_security_alarm'))
    )
    op.create_index('ix_security_alarm_raised', 'security_alarm', ['raised_at'], unique=False)
    op.create_index('uq_security_alarm_open', 'security_alarm', ['kind', 'key'], unique=True, postgresql_where=sa.text('cleared_at is null'))
    op.create_table('security_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('received_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('info', sa.Text(), nullable=True),
    sa.Column('critical', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_security_event'))
    )
    op.create_index('ix_security_event_at', 'security_event', ['at', 'id'], unique=False)
    op.create_index('ix_security_event_kind', 'security_event', ['kind', 'at'], unique=False)
    op.create_index('ix_security_event_station', 'security_event', ['station_id', 'at', 'id'], unique=False)
    op.create_table('setting_attempt',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('folded', sa.Text(collation='C'), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('ended_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("outcome in ('accepted', 'reboot_needed', 'refused', 'not_supported', 'unanswered')", name=op.f('ck_setting_attempt_outcome')),
    sa.PrimaryKeyConstraint('station_id', 'folded', name=op.f('pk_setting_attempt'))
    )
    op.create_index(op.f('ix_setting_attempt_order_id'), 'setting_attempt', ['order_id'], unique=False)
    op.create_table('setting_template',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('vendor', sa.Text(), nullable=True),
    sa.Column('model', sa.Text(), nullable=True),
    sa.Column('firmware', sa.Text(), nullable=True),
    sa.Column('protocol', sa.Text(), nullable=True),
    sa.Column('location_id', sa.Uuid(), nullable=True),
    sa.Column('priority', sa.Integer(), server_default='0', nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('automatic', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_setting_template')),
    sa.UniqueConstraint('name', name=op.f('uq_setting_template_name'))
    )
    op.create_table('station_certificate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=True),
    sa.Column('use', sa.Text(), nullable=False),
    sa.Column('serial', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('issuer', sa.Text(), nullable=False),
    sa.Column('not_before', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('not_after', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('chain', sa.Text(), nullable=False),
    sa.Column('ours', sa.Boolean(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('issued_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('revoked_why', sa.Text(), nullable=True),
    sa.Column('renewal_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("status in ('issued', 'active', 'replaced', 'revoked')", name=op.f('ck_station_certificate_status')),
    sa.CheckConstraint("use in ('station', 'v2g', 'v2g20', 'server')", name=op.f('ck_station_certificate_use')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_station_certificate')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_station_certificate_fingerprint'))
    )
    op.create_index('ix_station_certificate_ends', 'station_certificate', ['not_after'], unique=False, postgresql_where=sa.text("status = 'active'"))
    op.create_index('ix_station_certificate_station', 'station_certificate', ['station_id', 'use', 'issued_at'], unique=False)
    op.create_table('station_display',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reported_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('station_id', 'number', name=op.f('pk_station_display'))
    )
    op.create_table('station_event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('received_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('trigger', sa.Text(), nullable=False),
    sa.Column('severity', sa.SmallInteger(), nullable=True),
    sa.Column('cleared', sa.Boolean(), nullable=False),
    sa.Column('cause', sa.Integer(), nullable=True),
    sa.Column('monitor', sa.Integer(), nullable=True),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('info', sa.Text(), nullable=True),
    sa.Column('charge_ref', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_station_event')),
    sa.UniqueConstraint('station_id', 'event_id', 'at', 'key', name='uq_station_event_same')
    )
    op.create_index('ix_station_event_received', 'station_event', ['received_at'], unique=False)
    op.create_index('ix_station_event_station', 'station_event', ['station_id', 'id'], unique=False)
    op.create_table('station_monitor',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('severity', sa.SmallInteger(), nullable=False),
    sa.Column('while_transaction', sa.Boolean(), nullable=False),
    sa.Column('reported_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('station_id', 'id', name=op.f('pk_station_monitor'))
    )
    op.create_table('station_notice',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('received_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('connector', sa.Integer(), nullable=True),
    sa.Column('charge_ref', sa.Text(), nullable=True),
    sa.Column('request', sa.Integer(), nullable=True),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_station_notice'))
    )
    op.create_index(op.f('ix_station_notice_received_at'), 'station_notice', ['received_at'], unique=False)
    op.create_index('ix_station_notice_station', 'station_notice', ['station_id', 'id'], unique=False)
    op.create_table('station_oddity',
    sa.Column('station_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('first_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('last_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('times', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('station_id', 'kind', name=op.f('pk_station_oddity'))
    )
    op.create_table('station_reservation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), server_default=sa.text("nextval('station_reservation_number')"), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('connector', sa.Integer(), nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('token_kind', sa.Text(), nullable=False),
    sa.Column('group', sa.Text(), nullable=True),
    sa.Column('expires_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.Integer(), server_default='0', nullable=False),
    sa.Column('charge_ref', sa.Text(), nullable=True),
    sa.Column('created_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('ended_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("status in ('requested', 'active', 'refused', 'used', 'cancelled', 'expired', 'removed')", name=op.f('ck_station_reservation_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_station_reservation'))
    )
    op.create_index('ix_station_reservation_created', 'station_reservation', ['created_at', 'id'], unique=False)
    op.create_index('ix_station_reservation_expiring', 'station_reservation', ['expires_at'], unique=False, postgresql_where=sa.text("status in ('requested', 'active')"))
    op.create_index(op.f('ix_station_reservation_order_id'), 'station_reservation', ['order_id'], unique=False)
    op.create_index('ix_station_reservation_station_created', 'station_reservation', ['station_id', 'created_at', 'id'], unique=False)
    op.create_index('uq_station_reservation_live', 'station_reservation', ['station_id', 'number'], unique=True, postgresql_where=sa.text("status in ('requested', 'active')"))
    op.create_table('stored_file',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('sha256', sa.Text(), server_default='', nullable=False),
    sa.Column('md5', sa.Text(), server_default='', nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=True),
    sa.Column('brought_by', sa.Text(), nullable=False),
    sa.Column('at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('complete', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint("kind in ('firmware', 'log')", name=op.f('ck_stored_file_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file'))
    )
    op.create_index(op.f('ix_stored_file_at'), 'stored_file', ['at'], unique=False)
    op.create_table('transaction_event',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('charge_ref', sa.Text(collation='C'), nullable=False),
    sa.Column('seq_no', sa.Integer(), nullable=False),
    sa.Column('told', sa.Text(), nullable=False),
    sa.Column('at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('received_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('offline', sa.Boolean(), nullable=False),
    sa.Column('trigger', sa.Text(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('verdict', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('others', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('repeats', sa.Integer(), server_default='0', nullable=False),
    sa.CheckConstraint("told in ('started', 'updated', 'ended')", name=op.f('ck_transaction_event_told')),
    sa.PrimaryKeyConstraint('station_id', 'charge_ref', 'seq_no', name=op.f('pk_transaction_event'))
    )
    op.create_index('ix_transaction_event_received', 'transaction_event', ['received_at'], unique=False, postgresql_using='brin')
    op.create_table('trusted_root',
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.Column('use', sa.Text(), nullable=False),
    sa.Column('certificate', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('not_after', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('responders', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('added_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('added_by', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("use in ('csms_root', 'manufacturer_root', 'v2g_root', 'mo_root', 'oem_root', 'v2g_chain')", name=op.f('ck_trusted_root_use')),
    sa.PrimaryKeyConstraint('fingerprint', 'use', name=op.f('pk_trusted_root'))
    )
    op.create_table('wanted_setting',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('folded', sa.Text(collation='C'), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('wanted_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('station_id', 'folded', name=op.f('pk_wanted_setting'))
    )
    op.create_table('bulk_order_item',
    sa.Column('bulk_id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('ended_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['bulk_id'], ['bulk_order.id'], name=op.f('fk_bulk_order_item_bulk_id')),
    sa.PrimaryKeyConstraint('bulk_id', 'station_id', name=op.f('pk_bulk_order_item')),
    sa.UniqueConstraint('order_id', name=op.f('uq_bulk_order_item_order_id'))
    )
    op.create_index('ix_bulk_order_item_state', 'bulk_order_item', ['bulk_id', 'state', 'station_id'], unique=False)
    op.create_table('file_chunk',
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_file_chunk_file_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('file_id', 'number', name=op.f('pk_file_chunk'))
    )
    op.create_table('file_grant',
    sa.Column('id', sa.Text(collation='C'), nullable=False),
    sa.Column('secret_hash', sa.LargeBinary(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=True),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('bytes_max', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('uploads', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('used_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("(purpose = 'download') = (file_id is not null)", name=op.f('ck_file_grant_file')),
    sa.CheckConstraint("purpose in ('download', 'upload')", name=op.f('ck_file_grant_purpose')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_file_grant_file_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_file_grant'))
    )
    op.create_index(op.f('ix_file_grant_expires_at'), 'file_grant', ['expires_at'], unique=False)
    op.create_index(op.f('ix_file_grant_order_id'), 'file_grant', ['order_id'], unique=False)
    op.create_table('firmware',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.Column('vendor', sa.Text(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('certificate', sa.Text(), nullable=True),
    sa.Column('signature', sa.Text(), nullable=True),
    sa.Column('withdrawn', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('brought_by', sa.Text(), nullable=False),
    sa.Column('at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.CheckConstraint('(certificate is null) = (signature is null)', name=op.f('ck_firmware_signed')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_firmware_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_firmware'))
    )
    op.create_table('registration_token',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('connectors', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('max_uses', sa.Integer(), nullable=False),
    sa.Column('used', sa.Integer(), server_default='0', nullable=False),
    sa.Column('last_used_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('expires_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint('used between 0 and max_uses', name=op.f('ck_registration_token_used')),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_registration_token_location_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registration_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_registration_token_token_hash'))
    )
    op.create_index(op.f('ix_registration_token_created_at'), 'registration_token', ['created_at'], unique=False)
    op.create_table('campaign',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('firmware_id', sa.Uuid(), nullable=False),
    sa.Column('plan', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), server_default='draft', nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('started_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('ended_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('draft', 'running', 'paused', 'halted', 'done', 'cancelled')", name=op.f('ck_campaign_state')),
    sa.ForeignKeyConstraint(['firmware_id'], ['firmware.id'], name=op.f('fk_campaign_firmware_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign'))
    )
    op.create_index('ix_campaign_running', 'campaign', ['id'], unique=False, postgresql_where=sa.text("state = 'running'"))
    op.create_table('firmware_update',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('firmware_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=True),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('from_version', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('steps', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('asked_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('changed_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('ended_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('asked', 'accepted', 'downloading', 'downloaded', 'installing', 'rebooting', 'installed', 'verified', 'refused', 'failed', 'expired')", name=op.f('ck_firmware_update_state')),
    sa.ForeignKeyConstraint(['firmware_id'], ['firmware.id'], name=op.f('fk_firmware_update_firmware_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_firmware_update'))
    )
    op.create_index(op.f('ix_firmware_update_campaign_id'), 'firmware_update', ['campaign_id'], unique=False)
    op.create_index('ix_firmware_update_station', 'firmware_update', ['station_id', 'asked_at'], unique=False)
    op.create_index('uq_firmware_update_open', 'firmware_update', ['station_id'], unique=True, postgresql_where=sa.text('ended_at is null'))
    op.create_table('local_list',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('certain', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('status', sa.Text(), server_default='unknown', nullable=False),
    sa.Column('per_message_max', sa.Integer(), nullable=True),
    sa.Column('entries_max', sa.Integer(), nullable=True),
    sa.Column('filter', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('rest', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('was_full', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('author', sa.Text(), server_default='', nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('changed_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('synced_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.CheckConstraint("status in ('unknown', 'syncing', 'synced', 'failed', 'not_supported')", name=op.f('ck_local_list_status')),
    sa.CheckConstraint('version >= 0', name=op.f('ck_local_list_version')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_local_list_station_id')),
    sa.PrimaryKeyConstraint('station_id', name=op.f('pk_local_list'))
    )
    op.create_table('password_rotation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('tries', sa.Integer(), server_default='1', nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('started_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('ended_at', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('why', sa.Text(), nullable=True),
    sa.CheckConstraint("state in ('ordered', 'taken', 'unanswered', 'done', 'kept', 'stuck')", name=op.f('ck_password_rotation_state')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_password_rotation_station_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_password_rotation'))
    )
    op.create_index('ix_password_rotation_order', 'password_rotation', ['order_id'], unique=False)
    op.create_index('ix_password_rotation_station', 'password_rotation', ['station_id', 'started_at'], unique=False)
    op.create_index('uq_password_rotation_open', 'password_rotation', ['station_id'], unique=True, postgresql_where=sa.text("state in ('ordered', 'taken', 'unanswered')"))
    op.create_table('profile_change',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('from_profile', sa.SmallInteger(), nullable=True),
    sa.Column('to_profile', sa.SmallInteger(), nullable=False),
    sa.Column('protocol', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('slot', sa.Integer(), nullable=True),
    sa.Column('priority', sa.Text(), nullable=True),
    sa.Column('back_before', sa.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('started_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('changed_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('life', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint('to_profile between 0 and 3', name=op.f('ck_profile_change_to_profile')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_profile_change_station_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_profile_change'))
    )
    op.create_index('ix_profile_change_order', 'profile_change', ['order_id'], unique=False)
    op.create_index('ix_profile_change_station', 'profile_change', ['station_id', 'started_at'], unique=False)
    op.create_index('uq_profile_change_open', 'profile_change', ['station_id'], unique=True, postgresql_where=sa.text("state not in ('done', 'rolled_back', 'failed', 'cancelled')"))
    op.create_table('station_profile',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('connector', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('stack_level', sa.Integer(), nullable=False),
    sa.Column('charge_ref', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('profile', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('noted_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('request', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_station_profile_station_id')),
    sa.PrimaryKeyConstraint('station_id', 'number', name=op.f('pk_station_profile'))
    )
    op.create_table('campaign_station',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('canary', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
    sa.Column('update_id', sa.Uuid(), nullable=True),
    sa.Column('tries', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('changed_at', sa.TIMESTAMP(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('waiting', 'under_way', 'done', 'failed', 'skipped')", name=op.f('ck_campaign_station_state')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_campaign_station_campaign_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('campaign_id', 'station_id', name=op.f('pk_campaign_station'))
    )
    op.create_index(op.f('ix_campaign_station_update_id'), 'campaign_station', ['update_id'], unique=False)
    op.create_table('local_list_entry',
    sa.Column('station_id', sa.Text(collation='C'), nullable=False),
    sa.Column('token', sa.Text(collation='C'), nullable=False),
    sa.Column('entry', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['station_id'], ['local_list.station_id'], name=op.f('fk_local_list_entry_station_id')),
    sa.PrimaryKeyConstraint('station_id', 'token', name=op.f('pk_local_list_entry'))
    )
    op.add_column('charging_transaction', sa.Column('events', sa.Integer(), server_default='0', nullable=False))
    op.add_column('charging_transaction', sa.Column('last_seq', sa.Integer(), nullable=True))
    op.add_column('charging_transaction', sa.Column('began_seq', sa.Integer(), nullable=True))
    op.add_column('charging_transaction', sa.Column('outlet_named', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('charging_transaction', sa.Column('meter_known', sa.Boolean(), server_default=sa.text('true'), nullable=False))
    op.add_column('charging_transaction', sa.Column('charging_state', sa.Text(), nullable=True))
    op.add_column('charging_transaction', sa.Column('protocol', sa.Text(), nullable=True))
    op.add_column('charging_transaction', sa.Column('reservation_id', sa.BigInteger(), nullable=True))
    op.add_column('charging_transaction', sa.Column('remote_start', sa.BigInteger(), nullable=True))
    op.add_column('charging_transaction', sa.Column('missing', sa.Integer(), server_default='0', nullable=False))
    op.add_column('charging_transaction', sa.Column('missing_since', sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column('charging_transaction', sa.Column('asked', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('charging_transaction', sa.Column('asked_at', sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column('charging_transaction', sa.Column('settle_after', sa.TIMESTAMP(timezone=True), nullable=True))
    op.alter_column('charging_transaction', 'session_id',
               existing_type=sa.UUID(),
               nullable=True)
    op.drop_constraint(op.f('uq_charging_transaction_content'), 'charging_transaction', type_='unique')
    op.create_index('uq_charging_transaction_content', 'charging_transaction', ['station_id', 'connector', 'token_key', 'meter_start_mwh', 'began_at'], unique=True, postgresql_where=sa.text('events = 0'))
    op.create_index('ix_charging_transaction_at', 'charging_transaction', ['station_id', 'id'], unique=False)
    op.create_index('ix_charging_transaction_missing', 'charging_transaction', ['missing_since'], unique=False, postgresql_where=sa.text('missing_since is not null'))
    op.create_index('ix_charging_transaction_token', 'charging_transaction', ['token_key', 'id'], unique=False)
    op.create_index('ix_id_token_compact', 'id_token', [sa.literal_column("left(replace(token, '-', ''), 14)")], unique=False)
    op.add_column('knock', sa.Column('tls', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('knock', sa.Column('vendor', sa.Text(), nullable=True))
    op.add_column('knock', sa.Column('model', sa.Text(), nullable=True))
    op.add_column('knock', sa.Column('serial', sa.Text(), nullable=True))
    op.add_column('knock', sa.Column('firmware', sa.Text(), nullable=True))
    op.add_column('knock', sa.Column('learned_at', sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column('ocpp_frame', sa.Column('nr', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('ocpp_frame', sa.Column('bulk', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('ocpp_frame', sa.Column('protocol', sa.Text(), nullable=True))
    op.add_column('ocpp_frame', sa.Column('charge_ref', sa.Text(), nullable=True))
    op.create_index('ix_ocpp_frame_action_at', 'ocpp_frame', ['action', 'at'], unique=False, postgresql_where=sa.text('not bulk'))
    op.create_index('ix_ocpp_frame_at', 'ocpp_frame', ['at'], unique=False)
    op.create_index('ix_ocpp_frame_odd', 'ocpp_frame', ['action', 'at'], unique=False, postgresql_where=sa.text("outcome <> 'answered'"))
    op.add_column('presence', sa.Column('clock_skew_ms', sa.BigInteger(), nullable=True))
    op.add_column('presence', sa.Column('clock_skew_at', sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column('station', sa.Column('password_hash_next', sa.LargeBinary(), nullable=True))
    op.add_column('station', sa.Column('security_profile', sa.SmallInteger(), nullable=True))
    op.add_column('station', sa.Column('expired_until', sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column('station', sa.Column('profile_floor', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('station', sa.Column('origin', sa.Text(), nullable=True))
    op.add_column('station', sa.Column('created_at', sa.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=True))
    op.create_index('ix_station_accepted', 'station', ['created_at'], unique=False, postgresql_where=sa.text("origin = 'accepted'"))
    op.add_column('station_order', sa.Column('number', sa.Integer(), server_default=sa.text("nextval('station_order_number')"), nullable=False))
    op.create_index('ix_station_order_number', 'station_order', ['station_id', 'number'], unique=False)
    op.create_index('ix_station_order_placed', 'station_order', ['placed_at', 'id'], unique=False)
    op.add_column('stray_stop', sa.Column('reviewed_by', sa.Uuid(), nullable=True))
    op.add_column('stray_stop', sa.Column('decision', sa.Text(), nullable=True))
    op.add_column('stray_stop', sa.Column('session_id', sa.Uuid(), nullable=True))
    op.add_column('stray_stop', sa.Column('note', sa.Text(), server_default='', nullable=False))
    # Connectors of EVSEs have numbers up to 864 (zaryad.link.station). Widening cannot fail: nothing is looked at twice.
    op.execute(
        "alter table connector drop constraint ck_connector_number, "
        "add constraint ck_connector_number check (number between 0 and 864) not valid"
    )
    op.execute("alter table connector validate constraint ck_connector_number")
