"""The first schema: the network, people, money, sessions, orders, the OCPP log."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    sql = Path(__file__).with_name("0001_initial.sql").read_text(encoding="utf-8")
    connection.connection.driver_connection.execute(sql)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")
