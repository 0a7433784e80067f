"""Copy a ledger from one database into another, row by row: a dump, or a move to another engine."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from safelight.store import tables

_PART = 1000


def copy_tables(source: Connection, target: Connection) -> dict[str, int]:
    """Copy every row of every table into empty tables of the same schema; return how many of each.

    Parameters
    ----------
    source, target : Connection
        Inside transactions; of whatever engine.
    """
    counts = {}
    for table in tables.metadata.sorted_tables:
        found = source.execution_options(yield_per=_PART).execute(select(table))
        for part in found.partitions(_PART):
            target.execute(insert(table), [dict(each._mapping) for each in part])
        counts[table.name] = int(target.execute(select(func.count()).select_from(table)).scalar() or 0)
    return counts
