"""The tables of the ledger, as the newest migration leaves them.

Text is ASCII: what came from outside is spelled as inside a JSON string
(`chain.spell`), so that a file name that is not UTF-8 survives.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
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
REVISION = "0001"

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
