"""Whom either side would rather have as a partner, and what of it search may show.

Revision ID: 0003_wishes_of_both_sides
Revises: 0002_first_tables
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision: str = "0003_wishes_of_both_sides"
down_revision: str | None = "0002_first_tables"
branch_labels = None
depends_on = None

LISTS = (
    ("listing", "excluded_countries"),
    ("need", "partner_kinds"),
    ("need", "partner_countries"),
    ("search_document", "ended"),
    ("search_document", "partner_kinds"),
    ("search_document", "excluded_countries"),
    ("search_document", "owner_languages"),
)


def upgrade() -> None:
    for table, name in LISTS:
        op.add_column(table, sa.Column(name, ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("search_document", sa.Column("lapsed", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("search_document", sa.Column("rights_until", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("search_document", "rights_until")
    op.drop_column("search_document", "lapsed")
    for table, name in reversed(LISTS):
        op.drop_column(table, name)
