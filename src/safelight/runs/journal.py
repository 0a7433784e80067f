"""Write what is new about a batch, and only that: a run that is repeated writes nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.batch import OPENED, BatchState, read_batch
from safelight.core.canonical import to_json
from safelight.core.facts import SYSTEM, Actor, NewFact

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
        self._facts = list(store.ledger.facts(batch=batch))
        self._said = {self._place(f.kind, f.subject, f.body): to_json(f.body) for f in self._facts}

    def state(self) -> BatchState:
        """Return the batch as the facts so far tell it."""
        return read_batch(self.batch, self._facts)

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
            place, text = self._place(kind, subject, body), to_json(body)
            if self._said.get(place) != text:
                self._said[place] = text
                news.append(NewFact(kind, subject, body, by, self.batch))
        work = list(work)
        if news or work:
            self._facts += self.store.ledger.append(news, work=work)
        return len(news)

    def refresh(self) -> None:
        """Read what was appended to the batch by others than `say`."""
        last = self._facts[-1].seq if self._facts else 0
        for fact in self.store.ledger.facts(batch=self.batch, after=last):
            self._facts.append(fact)
            self._said[self._place(fact.kind, fact.subject, fact.body)] = to_json(fact.body)

    def known(self, key: str) -> Mapping[str, Any] | None:
        """Return the result of a piece of work, if it was ever done in this store."""
        return self.store.ledger.work(key)

    @staticmethod
    def _place(kind: str, subject: str, body: Mapping[str, Any]) -> tuple[str, str, str]:
        path = body.get("path", "")
        return kind, "" if kind == "file.seen" else subject, str(path)


def batch_for(store: Store, folder: str, wanted: str) -> str:
    """Return the name of the batch of `folder`: the one it has, or `wanted` with a number if that is taken."""
    taken: dict[str, str] = {}
    for fact in store.ledger.facts(kind=OPENED):
        if fact.body["folder"] == folder:
            return fact.subject
        taken[fact.subject] = fact.body["folder"]
    names = [wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))]
    return next(each for each in names if each not in taken)
