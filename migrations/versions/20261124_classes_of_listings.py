"""An index by class, since a need that names one looked at every listing; the words of needs in short.

Revision ID: 0008_classes_of_listings
Revises: 0007_words_of_needs
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0008_classes_of_listings"
down_revision: str | None = "0007_words_of_needs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("need_words", sa.Column("words", sa.Text(), server_default="", nullable=False))
    op.add_column("need_words", sa.Column("worth", sa.LargeBinary(), server_default="", nullable=False))
    op.create_index("ix_search_document_ipc", "search_document", ["ipc"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_search_document_ipc", table_name="search_document")
    op.drop_column("need_words", "worth")
    op.drop_column("need_words", "words")
