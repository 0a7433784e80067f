"""The first tables: facts, personal fields, work, assets, sightings, and the blobs they rest on."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text(name: str, *, null: bool = False) -> "sa.Column[str]":
    return sa.Column(name, _TEXT, nullable=null)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, _WHOLE, nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table("store", _text("id"), _number("generation"), sa.PrimaryKeyConstraint("id"))
    texts = ("at", "kind", "subject", "batch", "actor", "body", "blobs", "personal", "previous", "hash")
    op.create_table("fact", _number("seq"), *map(_text, texts), sa.PrimaryKeyConstraint("seq"))
    op.create_index("fact_by_kind", "fact", ["kind", "seq"])
    op.create_index("fact_by_subject", "fact", ["subject", "seq"])
    op.create_index("fact_by_batch", "fact", ["batch", "seq"])
    op.create_index("fact_by_batch_and_kind", "fact", ["batch", "kind", "seq"])
    op.create_table(
        "personal",
        _number("seq"),
        _text("field"),
        _text("value", null=True),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["fact.seq"]),
        sa.PrimaryKeyConstraint("seq", "field"),
    )
    op.create_index("personal_by_value", "personal", ["value"])
    op.create_table("work", *map(_text, ("key", "at", "result", "blobs", "digest")), sa.PrimaryKeyConstraint("key"))
    op.create_table(
        "asset",
        *map(_text, ("sha256", "at", "path")),
        _number("bytes"),
        _text("format"),
        *map(_number, ("width", "height", "bits")),
        *map(_text, ("profile", "capture")),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "sighting",
        *map(_text, ("batch", "path", "sha256")),
        *map(_number, ("bytes", "mtime_ns", "copied")),
        _text("at"),
        sa.ForeignKeyConstraint(["sha256"], ["asset.sha256"]),
        sa.PrimaryKeyConstraint("batch", "path"),
    )
    op.create_index("sighting_by_asset", "sighting", ["sha256"])
    op.create_table(
        "fact_blob",
        _text("sha256"),
        *map(_number, ("seq", "bytes")),
        sa.ForeignKeyConstraint(["seq"], ["fact.seq"]),
        sa.PrimaryKeyConstraint("sha256", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_blob",
        *map(_text, ("sha256", "key")),
        _number("bytes"),
        sa.ForeignKeyConstraint(["key"], ["work.key"]),
        sa.PrimaryKeyConstraint("sha256", "key"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Remove the tables."""
    for name in ("work_blob", "fact_blob", "sighting", "asset", "work", "personal", "fact", "store"):
        op.drop_table(name)
