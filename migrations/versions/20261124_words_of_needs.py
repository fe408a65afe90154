"""The words of needs, kept so that a new listing meets all of them at once.

Revision ID: 0007_words_of_needs
Revises: 0005_unread_texts_and_copies
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0007_words_of_needs"
down_revision: str | None = "0005_unread_texts_and_copies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "need_words",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("vector_hash", sa.LargeBinary(), nullable=True),
        sa.Column("listings", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.Float(), nullable=False),
        sa.Column("entries", JSONB(), nullable=False),
        sa.Column("weights", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["need.id"], name=op.f("fk_need_words_need_id_need"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_need_words")),
    )


def downgrade() -> None:
    op.drop_table("need_words")
