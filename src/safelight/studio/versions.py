"""Versions: lineage, checkpoints, restoring without loss, and who owns a look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor
from safelight.errors import ConflictError, UnknownNameError
from safelight.studio.opened import Opened
from safelight.studio.said import OWNER

if TYPE_CHECKING:
    from safelight.core.batch import FileState
    from safelight.review.versions import Checkpoint


class VersionVerbs(Opened):
    """The verbs about versions and looks."""

    def versions(self, batch: str, file: str) -> list[dict[str, Any]]:
        """Return a file's lineage: each version with who, when, why, what changed in words, and what was said of it."""
        from safelight.core.batch import AMENDED
        from safelight.review.decide import find_file
        from safelight.review.versions import lineage, node_line

        self._may(OWNER, "view", batch)
        found = find_file(self.state(batch), file)
        facts = {each: self.store.ledger.facts(subject=each, batch=batch) for each in dict.fromkeys(found.versions)}
        amended = self.store.ledger.facts(kind=AMENDED, subject=found.asset)
        return [node_line(each, found.superseded) for each in lineage(found, facts, amended)]

    def restore_version(self, batch: str, file: str, version: str, name: str, reason: str) -> dict[str, Any]:
        """Go back to an earlier version of a file; nothing of the one that stands is lost."""
        from safelight.review.decide import find_file
        from safelight.review.versions import restore, version_named

        self._may(Actor("person", name), "amend", batch)
        with self._lock:
            state = self.state(batch)
            found = find_file(state, file)
            wanted = version_named(found, version)
            facts = self.store.ledger.facts(subject=wanted, batch=batch)
            self.store.ledger.append(restore(state, found, wanted, facts, name, reason))
        return _went_back(found, wanted, name)

    def checkpoint(self, batch: str, label: str, note: str, name: str) -> dict[str, Any]:
        """Remember where a batch stands, to come back to."""
        from safelight.review.versions import CHECKPOINT, set_checkpoint

        self._may(Actor("person", name), "amend", batch)
        with self._lock:
            marks = self.store.ledger.iterate(kind=CHECKPOINT, batch=batch)
            same = next((each for each in marks if each.body["label"] == label.strip()), None)
            if same is not None:
                who = same.personal.get("name", "somebody")
                raise ConflictError(f"{batch} has a checkpoint {label.strip()!r} by {who}; give yours another label")
            (fact,) = self.store.ledger.append(set_checkpoint(self.state(batch), label, note, name))
        return {"batch": batch, "label": label, "at": fact.at, "said": f"checkpoint {label} of {batch}, by {name}"}

    def checkpoints(self, batch: str) -> list[Checkpoint]:
        """Return a batch's checkpoints, the oldest first, each with what going back to it would change."""
        from safelight.review.versions import CHECKPOINT, checkpoints

        self._may(OWNER, "view", batch)
        ledger = self.store.ledger
        marks = list(ledger.iterate(kind=CHECKPOINT, batch=batch))
        return checkpoints(self.state(batch), marks, ledger.iterate(batch=batch)) if marks else []

    def restore_checkpoint(self, batch: str, label: str, name: str, reason: str) -> list[dict[str, Any]]:
        """Take every file that is not approved back to where it stood at a checkpoint."""
        from safelight.review.versions import CHECKPOINT, files_at, moved_since, restore

        self._may(Actor("person", name), "amend", batch)
        with self._lock:
            marks = {each.body["label"]: each for each in self.store.ledger.iterate(kind=CHECKPOINT, batch=batch)}
            if label not in marks:
                raise UnknownNameError(f"{batch} has no checkpoint {label!r}; it has: {', '.join(marks) or 'none'}")
            then = files_at(batch, self.store.ledger.iterate(batch=batch), marks[label].body["seq"])
            moved = moved_since(self.state(batch), then)
            state, facts = self.state(batch), []
            for now, version in moved:
                told = self.store.ledger.facts(subject=version, batch=batch)
                facts += restore(state, now, version, told, name, reason)
            self.store.ledger.append(facts)  # all of it or nothing
        return [_went_back(now, version, name) for now, version in moved]

    def own_look(self, look: Path, owner: str, terms: str, name: str) -> dict[str, Any]:
        """Record who owns a look, by the content of its file, and on what terms it may be used."""
        import hashlib

        from safelight.review.versions import own_look

        self._may(Actor("person", name), "guide")
        digest = hashlib.sha256(look.read_bytes()).hexdigest()
        self.store.ledger.append(own_look(digest, look.name, owner, terms, name))
        return {"look": digest, "owner": owner, "terms": terms, "said": f"{look.name} is owned by {owner}, says {name}"}

    def look_owners(self) -> list[dict[str, Any]]:
        """Return who owns which look."""
        from safelight.review.versions import OWNED

        self._may(OWNER, "view")
        latest = {each.subject: each for each in self.store.ledger.iterate(kind=OWNED)}
        return [
            {"look": sha256, "owner": each.personal.get("owner", "erased"), "at": each.at, **each.body}
            for sha256, each in latest.items()
        ]


def _went_back(file: FileState, version: str, name: str) -> dict[str, Any]:
    said = f"{file.path} is at version {version} again, says {name}; {file.version} stays in its lineage"
    return {"file": file.path, "version": version, "was": file.version, "by": name, "said": said}
