"""What a service needs: where files stand, people and their passes, claims, answers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, _TEXT, nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, _WHOLE, nullable=False)


_FILE_INDICES = {
    "file_row_by_batch": ["batch", "path"],
    "file_row_by_standing": ["batch", "standing", "path"],
    "file_row_by_sku": ["batch", "sku", "path"],
    "file_row_by_asset": ["asset", "batch"],
    "file_row_by_version": ["version", "batch"],
    "file_row_by_queue": ["queue", "stakes", "since", "id"],
    "file_row_by_assigned": ["assigned", "queue", "since"],
    "file_row_for_board": ["queue", "category", "stakes", "standing", "project", "since"],
}


def upgrade() -> None:
    """Make the tables; the store fills where files stand from its facts when it opens."""
    op.create_table(
        "batch_row",
        *map(_text, ("name", "project", "opened_at", "last_at")),
        _number("seq"),
        _text("body"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("batch_row_by_project", "batch_row", ["project", "seq"])
    words = ("id", "batch", "project", "path", "asset", "version", "sku", "view", "category", "cull", "similar")
    op.create_table(
        "file_row",
        *map(_text, (*words, "route", "queue", "standing")),
        _number("stakes"),
        sa.Column("confidence", sa.Float(), nullable=True),
        *map(_text, ("assigned", "since")),
        _number("seq"),
        _text("state"),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, columns in _FILE_INDICES.items():
        op.create_index(name, "file_row", columns)
    op.create_table("followed", _text("name"), _number("seq"), sa.PrimaryKeyConstraint("name"))
    op.create_table(
        "account",
        *map(_text, ("id", "login", "name", "password", "roles", "skills")),
        *map(_number, ("junior", "disabled")),
        _text("at"),
        _number("seq"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
    )
    passes = ("digest", "id", "kind", "account", "name", "roles", "guard", "at", "seen_at", "until")
    op.create_table("pass_row", *map(_text, passes), sa.PrimaryKeyConstraint("digest"), sa.UniqueConstraint("id"))
    op.create_index("pass_row_by_account", "pass_row", ["account", "kind"])
    op.create_table("claim", *map(_text, ("file", "id", "account", "at", "until")), sa.PrimaryKeyConstraint("file"))
    op.create_index("claim_by_id", "claim", ["id"])
    op.create_index("claim_by_account", "claim", ["account", "until"])
    op.create_index("claim_by_until", "claim", ["until"])
    op.create_table(
        "answer",
        *map(_text, ("key", "fingerprint")),
        _number("status"),
        *map(_text, ("body", "at")),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("answer_by_at", "answer", ["at"])


def downgrade() -> None:
    """Remove the tables; people and their keys go with them."""
    for name in ("answer", "claim", "pass_row", "account", "followed", "file_row", "batch_row"):
        op.drop_table(name)
