"""What each version of a batch is dressed with: who signs, where its original lies now, what is known of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from safelight.core.batch import FileState
from safelight.delivery.dress import Wear
from safelight.delivery.signer import Signer, load_signer, signer_of
from safelight.media.names import display_name
from safelight.store.originals import where_they_lie

if TYPE_CHECKING:
    from safelight.store import Store
    from safelight.workflows.guide import Guide


@dataclass(frozen=True)
class Fitting:
    """The guide, who signs, and where the originals lie, by hash."""

    guide: Guide
    signer: Signer | None
    originals: Mapping[str, str]

    def wear(self, file: FileState) -> Wear:
        """Return what a version's files are dressed with."""
        category = file.sorted.get("category", "")
        words = (*(file.sorted.get(key, "") for key in ("view", "color")), category)
        return Wear(
            asset=file.asset,
            title=display_name(PurePosixPath(file.path).name),
            path=self.originals.get(file.asset, ""),
            at=file.approved["at"],
            category=category,
            words=tuple(each for each in words if each),
            rules=self.guide.metadata,
            keywords=self.guide.sidecars.keywords,
            signer=self.signer,
        )


def fit(store: Store, guide: Guide, batch: str, *, sign: bool = True) -> Fitting:
    """Find out who signs and where the originals of a batch lie; the store's own key is made here, once.

    Parameters
    ----------
    store, guide, batch
    sign : bool
        False only looks, and makes no key.

    Raises
    ------
    CredentialError
        If the certificate is not valid now: nothing is delivered then, rather than without what was promised.
    """
    signer = None
    if guide.metadata.credentials:
        signer = signer_of(store.layout, store.io, store.marker.store) if sign else load_signer(store.layout)
        if signer is not None:
            signer.require_valid(datetime.datetime.now(datetime.UTC))
    return Fitting(guide, signer, where_they_lie(store.ledger, store.blobs, batch))
