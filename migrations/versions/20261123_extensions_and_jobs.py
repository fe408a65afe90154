"""Extensions and the job library's own schema, before any table of ours."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001_extensions_and_jobs"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = ("vector", "pg_trgm", "unaccent", "btree_gist")


def upgrade() -> None:
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    # The pinned library's schema; a later version brings its own migration beside its new pin.
    # The driver's own cursor, because the schema holds percent signs that are no parameters.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema().encode())


def downgrade() -> None:
    raise NotImplementedError("The first migration has nothing to go back to")
