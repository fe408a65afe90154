"""How often each owner is shown, day by day, and the public figures that are computed from it.

Revision ID: 0004_turns_and_public_figures
Revises: 0003_wishes_of_both_sides
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004_turns_and_public_figures"
down_revision: str | None = "0003_wishes_of_both_sides"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exposure_day",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("exposure", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_exposure_day_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "day", name=op.f("pk_exposure_day")),
    )
    op.create_table(
        "public_figures",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_public_figures")),
    )


def downgrade() -> None:
    op.drop_table("public_figures")
    op.drop_table("exposure_day")
