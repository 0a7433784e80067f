"""Write what is new about a batch, and only that: a run that is repeated writes nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.batch import JUDGED, MADE, OPENED, ROUTED, SEEN, BatchState
from safelight.core.canonical import to_json
from safelight.core.facts import SYSTEM, Actor, NewFact
from safelight.core.fold import BatchFold

if TYPE_CHECKING:
    from safelight.store import Store

Work = tuple[str, Mapping[str, Any]]


class Journal:
    """The facts of one batch as they stand, and the way to add to them.

    Only facts that state how something is pass here, where a repeated one says nothing; decisions and
    deliveries are events and are appended by their own verbs.
    Not safe for threads; one run owns one journal.
    """

    def __init__(self, store: Store, batch: str) -> None:
        self.store, self.batch = store, batch
        self._fold = BatchFold(batch)
        self._said: dict[tuple[str, str, str], tuple[str, bytes]] = {}  # of whom, and a hash of what
        for each in store.ledger.iterate(batch=batch):
            self._fold.add([each])
            self._is_news(each.kind, each.subject, each.body)

    def state(self) -> BatchState:
        """Return the batch as the facts so far tell it."""
        return self._fold.state()

    def say(
        self, facts: Iterable[tuple[str, str, Mapping[str, Any]]], work: Iterable[Work] = (), by: Actor = SYSTEM
    ) -> int:
        """Append those of `facts` (kind, subject, body) that are news, with `work`, in one transaction.

        Returns
        -------
        int
            How many facts were news.
        """
        news = []
        for kind, subject, body in facts:
            if self._is_news(kind, subject, body):
                news.append(NewFact(kind, subject, body, by, self.batch))
        work = list(work)
        if news or work:
            self.store.ledger.append(news, work=work)
            self.refresh()
        return len(news)

    def refresh(self) -> None:
        """Read what was appended to the batch, by whomever: people decide while a run is under way."""
        for fact in self.store.ledger.facts(batch=self.batch, after=self._fold.last_seq):
            self._fold.add([fact])
            self._is_news(fact.kind, fact.subject, fact.body)

    def known(self, key: str) -> Mapping[str, Any] | None:
        """Return the result of a piece of work, if it was ever done in this store."""
        return self.store.ledger.work(key)

    def _is_news(self, kind: str, subject: str, body: Mapping[str, Any]) -> bool:
        """Say whether a fact states something other than before, and remember it.

        An asset has one version at a time: one that comes back is news, and so is what is said of it.
        """
        place, told = self._place(kind, subject, body), (subject, _hashed(to_json(body)))
        if self._said.get(place) == told:
            return False
        if kind == MADE and self._said.get(place, ("", b""))[0] != subject:
            for other in (JUDGED, ROUTED):
                self._said.pop((other, subject, ""), None)
        self._said[place] = told
        return True

    @staticmethod
    def _place(kind: str, subject: str, body: Mapping[str, Any]) -> tuple[str, str, str]:
        path = body.get("path", "")
        if kind == MADE:
            return kind, str(body["asset"]), ""
        return kind, "" if kind == SEEN else subject, str(path)


def _hashed(text: str) -> bytes:
    """A hash in place of a body: a card of ten thousand frames says a hundred megabytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def batch_for(store: Store, folder: str, wanted: str) -> str:
    """Return the name of the batch of `folder`: the one it has, or `wanted` with a number if that is taken."""
    taken: dict[str, str] = {}
    for fact in store.ledger.facts(kind=OPENED):
        if fact.body["folder"] == folder:
            return fact.subject
        taken[fact.subject] = fact.body["folder"]
    names = [wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))]
    return next(each for each in names if each not in taken)
