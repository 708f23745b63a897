"""${message}

Forward only. In one release do one of: expand (add nullable columns, tables, indexes CONCURRENTLY: the running
release must not notice), backfill (in batches, outside long transactions), contract (drop what no running release
uses any more). A lock not had within `lock_timeout` (env.py) ends the migration, and it is tried again.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
