"""Texts the embedder could not read so far, and sketches by which copies of a text are found.

Revision ID: 0005_unread_texts_and_copies
Revises: 0004_turns_and_public_figures
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision: str = "0005_unread_texts_and_copies"
down_revision: str | None = "0004_turns_and_public_figures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unread_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unread_text")),
    )
    op.create_index(op.f("ix_unread_text_retry_at"), "unread_text", ["retry_at"])
    op.add_column("search_document", sa.Column("sketch", ARRAY(sa.Integer()), server_default="{}", nullable=False))
    op.create_index("ix_search_document_sketch", "search_document", ["sketch"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_search_document_sketch", table_name="search_document")
    op.drop_column("search_document", "sketch")
    op.drop_index(op.f("ix_unread_text_retry_at"), table_name="unread_text")
    op.drop_table("unread_text")
