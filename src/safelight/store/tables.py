"""The tables of the ledger, as the newest migration leaves them.

Text is ASCII: what came from outside is spelled as inside a JSON string
(`chain.spell`), so that a file name that is not UTF-8 survives.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)

# The newest revision in migrations/versions; revisions are numbers, so that newer and older can be told apart.
REVISION = "0002"

metadata = MetaData()

# Text sorts by its bytes whatever the database's language, and numbers hold nanoseconds: SQLite does both by itself.
_TEXT = String().with_variant(String(collation="C"), "postgresql")
_WHOLE = Integer().with_variant(BigInteger(), "postgresql")

store = Table(
    "store",
    metadata,
    Column("id", _TEXT, primary_key=True),
    Column("generation", _WHOLE, nullable=False),
)

fact = Table(
    "fact",
    metadata,
    Column("seq", _WHOLE, primary_key=True),
    Column("at", _TEXT, nullable=False),
    Column("kind", _TEXT, nullable=False),
    Column("subject", _TEXT, nullable=False),
    Column("batch", _TEXT, nullable=False),
    Column("actor", _TEXT, nullable=False),
    Column("body", _TEXT, nullable=False),
    Column("blobs", _TEXT, nullable=False),
    Column("personal", _TEXT, nullable=False),
    Column("previous", _TEXT, nullable=False),
    Column("hash", _TEXT, nullable=False),
    Index("fact_by_kind", "kind", "seq"),
    Index("fact_by_subject", "subject", "seq"),
    Index("fact_by_batch", "batch", "seq"),
    Index("fact_by_batch_and_kind", "batch", "kind", "seq"),
)

personal = Table(
    "personal",
    metadata,
    Column("seq", _WHOLE, ForeignKey("fact.seq"), nullable=False),
    Column("field", _TEXT, nullable=False),
    Column("value", _TEXT),
    Column("key", LargeBinary),
    PrimaryKeyConstraint("seq", "field"),
    Index("personal_by_value", "value"),
)

work = Table(
    "work",
    metadata,
    Column("key", _TEXT, primary_key=True),
    Column("at", _TEXT, nullable=False),
    Column("result", _TEXT, nullable=False),
    Column("blobs", _TEXT, nullable=False),
    Column("digest", _TEXT, nullable=False),
)

asset = Table(
    "asset",
    metadata,
    Column("sha256", _TEXT, primary_key=True),
    Column("at", _TEXT, nullable=False),
    Column("path", _TEXT, nullable=False),
    Column("bytes", _WHOLE, nullable=False),
    Column("format", _TEXT, nullable=False),
    Column("width", _WHOLE, nullable=False),
    Column("height", _WHOLE, nullable=False),
    Column("bits", _WHOLE, nullable=False),
    Column("profile", _TEXT, nullable=False),
    Column("capture", _TEXT, nullable=False),
)

sighting = Table(
    "sighting",
    metadata,
    Column("batch", _TEXT, nullable=False),
    Column("path", _TEXT, nullable=False),
    Column("sha256", _TEXT, ForeignKey("asset.sha256"), nullable=False),
    Column("bytes", _WHOLE, nullable=False),
    Column("mtime_ns", _WHOLE, nullable=False),
    Column("copied", _WHOLE, nullable=False),
    Column("at", _TEXT, nullable=False),
    PrimaryKeyConstraint("batch", "path"),
    Index("sighting_by_asset", "sha256"),
)

# Which blobs a fact or a piece of work rests on; an index over their `blobs` columns, which are in the chain.
fact_blob = Table(
    "fact_blob",
    metadata,
    Column("sha256", _TEXT, nullable=False),
    Column("seq", _WHOLE, ForeignKey("fact.seq"), nullable=False),
    Column("bytes", _WHOLE, nullable=False),
    PrimaryKeyConstraint("sha256", "seq"),
    sqlite_with_rowid=False,
)

work_blob = Table(
    "work_blob",
    metadata,
    Column("sha256", _TEXT, nullable=False),
    Column("key", _TEXT, ForeignKey("work.key"), nullable=False),
    Column("bytes", _WHOLE, nullable=False),
    PrimaryKeyConstraint("sha256", "key"),
    sqlite_with_rowid=False,
)

# Where each batch and each file of it stands: folded from the facts in the transaction that writes them, and made
# again from the facts alone where it is behind them (`followed`). Queues and lists read nothing else.
batch_row = Table(
    "batch_row",
    metadata,
    Column("name", _TEXT, primary_key=True),
    Column("project", _TEXT, nullable=False),
    Column("opened_at", _TEXT, nullable=False),
    Column("last_at", _TEXT, nullable=False),
    Column("seq", _WHOLE, nullable=False),
    Column("body", _TEXT, nullable=False),
    Index("batch_row_by_project", "project", "seq"),
)

file_row = Table(
    "file_row",
    metadata,
    Column("id", _TEXT, primary_key=True),
    Column("batch", _TEXT, nullable=False),
    Column("project", _TEXT, nullable=False),
    Column("path", _TEXT, nullable=False),
    Column("asset", _TEXT, nullable=False),
    Column("version", _TEXT, nullable=False),
    Column("sku", _TEXT, nullable=False),
    Column("view", _TEXT, nullable=False),
    Column("category", _TEXT, nullable=False),
    Column("cull", _TEXT, nullable=False),
    Column("similar", _TEXT, nullable=False),
    Column("route", _TEXT, nullable=False),
    Column("queue", _TEXT, nullable=False),
    Column("standing", _TEXT, nullable=False),
    Column("stakes", _WHOLE, nullable=False),
    Column("confidence", Float),
    Column("assigned", _TEXT, nullable=False),
    Column("since", _TEXT, nullable=False),
    Column("seq", _WHOLE, nullable=False),
    Column("state", _TEXT, nullable=False),
    Index("file_row_by_batch", "batch", "path"),
    Index("file_row_by_standing", "batch", "standing", "path"),
    Index("file_row_by_sku", "batch", "sku", "path"),
    Index("file_row_by_asset", "asset", "batch"),
    Index("file_row_by_version", "version", "batch"),
    Index("file_row_by_queue", "queue", "stakes", "since", "id"),
    Index("file_row_by_assigned", "assigned", "queue", "since"),
    Index("file_row_for_board", "queue", "category", "stakes", "standing", "project", "since"),
)

followed = Table(
    "followed",
    metadata,
    Column("name", _TEXT, primary_key=True),
    Column("seq", _WHOLE, nullable=False),
)

# People and what lets them in. What was decided about them is in the ledger; secrets are kept here, as hashes only.
account = Table(
    "account",
    metadata,
    Column("id", _TEXT, primary_key=True),
    Column("login", _TEXT, nullable=False, unique=True),
    Column("name", _TEXT, nullable=False),
    Column("password", _TEXT, nullable=False),
    Column("roles", _TEXT, nullable=False),
    Column("skills", _TEXT, nullable=False),
    Column("junior", _WHOLE, nullable=False),
    Column("disabled", _WHOLE, nullable=False),
    Column("at", _TEXT, nullable=False),
    Column("seq", _WHOLE, nullable=False),
)

pass_row = Table(
    "pass_row",
    metadata,
    # SHA-256 of the secret: of a session's cookie, an API key, a one-time link.
    Column("digest", _TEXT, primary_key=True),
    Column("id", _TEXT, nullable=False, unique=True),
    Column("kind", _TEXT, nullable=False),
    Column("account", _TEXT, nullable=False),
    Column("name", _TEXT, nullable=False),
    Column("roles", _TEXT, nullable=False),
    Column("guard", _TEXT, nullable=False),
    Column("at", _TEXT, nullable=False),
    Column("seen_at", _TEXT, nullable=False),
    Column("until", _TEXT, nullable=False),
    Index("pass_row_by_account", "account", "kind"),
)

claim = Table(
    "claim",
    metadata,
    Column("file", _TEXT, primary_key=True),
    Column("id", _TEXT, nullable=False),
    Column("account", _TEXT, nullable=False),
    Column("at", _TEXT, nullable=False),
    Column("until", _TEXT, nullable=False),
    Index("claim_by_id", "id"),
    Index("claim_by_account", "account", "until"),
    Index("claim_by_until", "until"),
)

# What was answered to a request that carried an Idempotency-Key.
answer = Table(
    "answer",
    metadata,
    Column("key", _TEXT, primary_key=True),
    Column("fingerprint", _TEXT, nullable=False),
    Column("status", _WHOLE, nullable=False),
    Column("body", _TEXT, nullable=False),
    Column("at", _TEXT, nullable=False),
    Index("answer_by_at", "at"),
)
