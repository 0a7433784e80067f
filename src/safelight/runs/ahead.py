"""Workers that start while a store is being opened: what they import takes as long as that."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from safelight.runs.pool import Pool

if TYPE_CHECKING:
    from safelight.settings import Settings


def pool_of(settings: Settings) -> Pool:
    """Return the pool that a run works in, by its settings."""
    return Pool(
        settings.workers or os.cpu_count() or 1,
        settings.work_timeout_s,
        settings.work_attempts,
        settings.worker_lifetime,
        nice=settings.work_nice,
    )


@contextmanager
def workers_ahead(settings: Settings) -> Iterator[Pool]:
    """A pool whose workers get ready to look at pictures before there is one; it ends with the block.

    A first thumbnail has to wait for three things that know nothing of each other: the store, a worker's imports and
    its decoder's. One after the other they take 2.5 s on two cores, side by side half of that.
    """
    with pool_of(settings) as pool:
        pool.start_ahead(get_ready)
        yield pool


def get_ready(_: None) -> None:
    """Import what a first look needs and start the decoder beside it; in a worker."""
    from safelight.runs.bench import decoder

    def start() -> None:
        with suppress(Exception):  # the first picture meets the same trouble, and says so
            decoder().start()

    starting = threading.Thread(target=start, name="safelight-decoder")
    starting.start()
    from safelight.media.encode import encode  # noqa: F401
    from safelight.runs import intake  # noqa: F401

    starting.join()
