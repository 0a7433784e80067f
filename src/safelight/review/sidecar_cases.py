"""Look at every sidecar of a batch: whose it is, what it says, and what a merge with the ledger would do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from safelight.core.batch import BatchState, FileState
from safelight.core.facts import Fact
from safelight.core.overruling import latest_words, read_overrulings, words_on
from safelight.errors import MediaError
from safelight.media.names import display_name
from safelight.media.sidecar import Fields, Sidecar, read_sidecar
from safelight.media.sidecar_files import list_folder, read_beside, why_not
from safelight.media.sidecar_names import Beside, sidecars_beside
from safelight.review.overrule import places
from safelight.review.sidecar_merge import Base, Merged, Ours, Settle, merge
from safelight.review.sidecar_ours import Place, bases_of, bound_by_name, failures_of, ours_of
from safelight.workflows.sidecar_rules import SidecarRules


@dataclass(frozen=True)
class Case:
    """One original and one of its sidecars, which may not be there yet.

    Parameters
    ----------
    file : FileState
    path : str
        The sidecar, below the shoot.
    data : bytes or None
    read : Sidecar or None
    ours : Ours
    merged : Merged or None
        None where a problem keeps the two apart.
    state : str
        ``"malformed"``, ``"unreachable"``, ``"other_photograph"``, ``"unbound"`` or ``"contested"``; "" if it is whole.
    why : str
    notes : tuple of str
        What a person may want to know besides.
    """

    file: FileState
    path: str
    data: bytes | None
    read: Sidecar | None
    ours: Ours
    merged: Merged | None
    state: str = ""
    why: str = ""
    notes: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """What the ledger knows it by."""
        return self.file.asset, self.path


@dataclass(frozen=True)
class Known:
    """What the ledger remembers of a batch's sidecars."""

    bases: Mapping[Place, Base] = field(default_factory=dict)
    bound: frozenset[Place] = frozenset()
    failures: Mapping[Place, str] = field(default_factory=dict)

    @staticmethod
    def of(facts: Iterable[Fact]) -> Known:
        """Fold the facts of a batch."""
        held = list(facts)
        return Known(bases_of(held), bound_by_name(held), failures_of(held))


def find_cases(
    batch: BatchState, facts: Iterable[Fact], rules: SidecarRules, settle: Settle = "", *, trust_names: bool = False
) -> list[Case]:
    """Return every sorted file of a batch with each of its sidecars, in order of their paths.

    Parameters
    ----------
    batch : BatchState
    facts : iterable of Fact
        Of this batch.
    rules : SidecarRules
    settle : {"", "ledger", "file"}
    trust_names : bool
        Take a sidecar in which nothing says which photograph it is about for the one of that name.
    """
    held = list(facts)
    known = Known.of(held)
    latest, there = latest_words(read_overrulings(held)), places(batch)
    folders: dict[str, dict[str, FileState]] = defaultdict(dict)
    for path, file in sorted(batch.files.items()):
        if file.sorted and not file.refused:
            pure = PurePosixPath(path)
            folders[str(pure.parent)][pure.name] = file
    cases = []
    for folder, files in sorted(folders.items()):
        for name, beside, listing in _beside(batch, folder, files, rules):
            file = files[name]
            ours, unlisted = ours_of(file, words_on(latest, file.asset, file.path, there), rules)
            look = _Look(batch, folder, file, ours, rules, known, settle, trust_names, unlisted)
            cases += [look.unreachable(beside.new, listing)] if listing else list(look.cases(beside))
    return cases


def _beside(
    batch: BatchState, folder: str, files: Mapping[str, FileState], rules: SidecarRules
) -> Iterator[tuple[str, Beside, str]]:
    """Yield each original's name and sidecars, and why the folder could not be looked into."""
    why = ""
    try:
        names = list_folder(batch.opened["folder"], folder)
    except OSError as error:
        names, why = [], why_not(error, display_name(folder))
    originals = {name: str(file.measured.get("format", "")) for name, file in files.items()}
    for name, beside in sidecars_beside(originals, names, rules.naming).items():
        yield name, beside, why


@dataclass(frozen=True)
class _Look:
    batch: BatchState
    folder: str
    file: FileState
    ours: Ours
    rules: SidecarRules
    known: Known
    settle: Settle
    trust_names: bool
    unlisted: tuple[str, ...]

    def cases(self, beside: Beside) -> Iterator[Case]:
        """Yield a case for each sidecar that is about this file, or one for the sidecar that it is to get."""
        notes = self._notes(beside)
        own = 0
        for name in (*beside.own, *beside.contested):
            case = self._case(name, is_contested=name in beside.contested, notes=notes)
            if case is not None:
                own += case.state not in ("other_photograph", "contested")
                yield case
        if not own:
            new = beside.new if beside.new not in (*beside.own, *beside.contested) else f"{self._name}.xmp"
            if new not in beside.own:
                yield self._merged(new, None, None, notes)

    def unreachable(self, name: str, why: str) -> Case:
        """Return the case of a folder that cannot be looked into."""
        return Case(self.file, self._path(name), None, None, self.ours, None, "unreachable", why)

    @property
    def _name(self) -> str:
        return PurePosixPath(self.file.path).name

    def _path(self, name: str) -> str:
        return name if self.folder == "." else f"{self.folder}/{name}"

    def _notes(self, beside: Beside) -> tuple[str, ...]:
        notes = []
        if beside.shared_with:
            notes.append(f"shares its base name with {', '.join(map(display_name, beside.shared_with))}")
        if beside.versions:
            notes.append(f"{len(beside.versions)} sidecars of further versions are left as they are")
        if self.unlisted and self.rules.keywords:
            notes.append(f"not on the keyword list: {', '.join(self.unlisted)}")
        return tuple(notes)

    def _case(self, name: str, *, is_contested: bool, notes: tuple[str, ...]) -> Case | None:
        path = self._path(name)
        try:
            data = read_beside(self.batch.opened["folder"], path)
            if data is None:
                return None
            read = read_sidecar(data, display_name(path))
        except OSError as error:
            return Case(self.file, path, None, None, self.ours, None, "unreachable", why_not(error, display_name(path)))
        except MediaError as error:
            return Case(self.file, path, None, None, self.ours, None, "malformed", str(error))
        if is_contested and self._is_anothers(read):
            return None
        state, why = self._binding(path, read, is_contested=is_contested)
        if state:
            return Case(self.file, path, data, read, self.ours, None, state, why, notes)
        return self._merged(name, data, read, notes)

    def _is_anothers(self, read: Sidecar) -> bool:
        """Say whether a sidecar that several could claim says that it is not this one's."""
        if read.fields.original:
            return read.fields.original != self.file.asset
        return bool(read.extension) and not _claims(self._name, read)

    def _merged(self, name: str, data: bytes | None, read: Sidecar | None, notes: tuple[str, ...]) -> Case:
        path = self._path(name)
        base = self.known.bases.get((self.file.asset, path), Base()) if read else Base()
        theirs, unclear = (read.fields, read.unclear) if read else (Fields(), {})
        merged = merge(base, theirs, self.ours, self.rules, self.settle, unclear)
        return Case(self.file, path, data, read, self.ours, merged, notes=(*notes, *unclear.values()))

    def _binding(self, path: str, read: Sidecar, *, is_contested: bool) -> tuple[str, str]:
        """Say why a sidecar is not known to be about this file: a name alone proves nothing, cameras count anew."""
        if read.fields.original == self.file.asset:
            return "", ""
        if (self.file.asset, path) in self.known.bound:
            return "", ""
        said = _contradiction(self.file, read)
        if not self.trust_names:
            if read.fields.original:
                return "other_photograph", f"it was written for another original ({read.fields.original[:12]}…)"
            if said:
                return "other_photograph", said
        if is_contested and not _claims(self._name, read):
            return "contested", "several originals have this base name, and nothing inside says whose it is"
        if not said and _same_moment(self.file, read):
            return "", ""
        if self.trust_names:
            return "", ""
        return "unbound", (
            "nothing inside says which photograph it is about; if the names are right, take it in with "
            "sidecars read --trust-names --as NAME"
        )


def _claims(name: str, read: Sidecar) -> bool:
    return bool(read.extension) and PurePosixPath(name).suffix.lower() == f".{read.extension}"


def _contradiction(file: FileState, read: Sidecar) -> str:
    """Return what in a sidecar speaks of another photograph, or ""."""
    capture = file.measured.get("capture", {})
    taken, model = _second(capture.get("taken_at", "")), capture.get("model", "")
    told = [each for each in map(_second, read.taken_at) if each]
    if taken and told and taken not in told:
        return f"it is about a photograph of {told[0]}, and this one was taken {taken}"
    if model and read.model and model.strip().casefold() != read.model.strip().casefold():
        return f"it is about a photograph of a {read.model}, and this one is of a {model}"
    return ""


def _same_moment(file: FileState, read: Sidecar) -> bool:
    taken = _second(file.measured.get("capture", {}).get("taken_at", ""))
    return bool(taken) and taken in map(_second, read.taken_at)


def _second(text: str) -> str:
    """Return a moment to the second, without zone, as ``2026-03-01T10:00:00``; "" for anything less exact."""
    digits = "".join(each if each.isdigit() else " " for each in text[:19]).split()
    if len(text) < 19 or [len(each) for each in digits] != [4, 2, 2, 2, 2, 2] or digits[0] == "0000":
        return ""
    return "{}-{}-{}T{}:{}:{}".format(*digits)
