"""The tables of the ledger, as the newest migration leaves them.

Text is ASCII: what came from outside is spelled as inside a JSON string
(`chain.spell`), so that a file name that is not UTF-8 survives.
"""

from __future__ import annotations

from sqlalchemy import (
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

store = Table(
    "store",
    metadata,
    Column("id", String, primary_key=True),
    Column("generation", Integer, nullable=False),
)

fact = Table(
    "fact",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("batch", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("body", String, nullable=False),
    Column("blobs", String, nullable=False),
    Column("personal", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Index("fact_by_kind", "kind", "seq"),
    Index("fact_by_subject", "subject", "seq"),
    Index("fact_by_batch", "batch", "seq"),
    Index("fact_by_batch_and_kind", "batch", "kind", "seq"),
)

personal = Table(
    "personal",
    metadata,
    Column("seq", Integer, ForeignKey("fact.seq"), nullable=False),
    Column("field", String, nullable=False),
    Column("value", String),
    Column("key", LargeBinary),
    PrimaryKeyConstraint("seq", "field"),
    Index("personal_by_value", "value"),
)

work = Table(
    "work",
    metadata,
    Column("key", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("result", String, nullable=False),
    Column("blobs", String, nullable=False),
    Column("digest", String, nullable=False),
)

asset = Table(
    "asset",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("path", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("format", String, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bits", Integer, nullable=False),
    Column("profile", String, nullable=False),
    Column("capture", String, nullable=False),
)

sighting = Table(
    "sighting",
    metadata,
    Column("batch", String, nullable=False),
    Column("path", String, nullable=False),
    Column("sha256", String, ForeignKey("asset.sha256"), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("copied", Integer, nullable=False),
    Column("at", String, nullable=False),
    PrimaryKeyConstraint("batch", "path"),
    Index("sighting_by_asset", "sha256"),
)

# Which blobs a fact or a piece of work rests on; an index over their `blobs` columns, which are in the chain.
fact_blob = Table(
    "fact_blob",
    metadata,
    Column("sha256", String, nullable=False),
    Column("seq", Integer, ForeignKey("fact.seq"), nullable=False),
    Column("bytes", Integer, nullable=False),
    PrimaryKeyConstraint("sha256", "seq"),
    sqlite_with_rowid=False,
)

work_blob = Table(
    "work_blob",
    metadata,
    Column("sha256", String, nullable=False),
    Column("key", String, ForeignKey("work.key"), nullable=False),
    Column("bytes", Integer, nullable=False),
    PrimaryKeyConstraint("sha256", "key"),
    sqlite_with_rowid=False,
)

# Where each batch and each file of it stands: folded from the facts in the transaction that writes them, and made
# again from the facts alone where it is behind them (`followed`). Queues and lists read nothing else.
batch_row = Table(
    "batch_row",
    metadata,
    Column("name", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("opened_at", String, nullable=False),
    Column("last_at", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("body", String, nullable=False),
    Index("batch_row_by_project", "project", "seq"),
)

file_row = Table(
    "file_row",
    metadata,
    Column("id", String, primary_key=True),
    Column("batch", String, nullable=False),
    Column("project", String, nullable=False),
    Column("path", String, nullable=False),
    Column("asset", String, nullable=False),
    Column("version", String, nullable=False),
    Column("sku", String, nullable=False),
    Column("view", String, nullable=False),
    Column("category", String, nullable=False),
    Column("cull", String, nullable=False),
    Column("similar", String, nullable=False),
    Column("route", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("standing", String, nullable=False),
    Column("stakes", Integer, nullable=False),
    Column("confidence", Float),
    Column("assigned", String, nullable=False),
    Column("since", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", String, nullable=False),
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
    Column("name", String, primary_key=True),
    Column("seq", Integer, nullable=False),
)

# People and what lets them in. What was decided about them is in the ledger; secrets are kept here, as hashes only.
account = Table(
    "account",
    metadata,
    Column("id", String, primary_key=True),
    Column("login", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("password", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("skills", String, nullable=False),
    Column("junior", Integer, nullable=False),
    Column("disabled", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("seq", Integer, nullable=False),
)

pass_row = Table(
    "pass_row",
    metadata,
    # SHA-256 of the secret: of a session's cookie, an API key, a one-time link.
    Column("digest", String, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("account", String, nullable=False),
    Column("name", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("guard", String, nullable=False),
    Column("at", String, nullable=False),
    Column("seen_at", String, nullable=False),
    Column("until", String, nullable=False),
    Index("pass_row_by_account", "account", "kind"),
)

claim = Table(
    "claim",
    metadata,
    Column("file", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("account", String, nullable=False),
    Column("at", String, nullable=False),
    Column("until", String, nullable=False),
    Index("claim_by_id", "id"),
    Index("claim_by_account", "account", "until"),
    Index("claim_by_until", "until"),
)

# What was answered to a request that carried an Idempotency-Key.
answer = Table(
    "answer",
    metadata,
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", String, nullable=False),
    Column("at", String, nullable=False),
    Index("answer_by_at", "at"),
)
