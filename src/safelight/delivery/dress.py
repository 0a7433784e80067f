"""Dress a delivered file: the original's metadata at the desk once a picture, credentials last on every file."""

from __future__ import annotations

import atexit
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from safelight.core.canonical import key_of
from safelight.core.edit import Edit
from safelight.delivery.describe import Said, describe_delivery, source_type_of
from safelight.delivery.provenance import SYNTHETIC, Provenance, provenance_of
from safelight.delivery.sign import Claim, Parent, sign, signed_bytes
from safelight.delivery.signer import Signer
from safelight.errors import MediaError
from safelight.media.metadata import Metadata
from safelight.workflows.metadata_rules import MetadataRules
from safelight.workflows.sidecar_rules import SidecarRules

if TYPE_CHECKING:
    from safelight.media.sandbox import Decoder

_PEOPLE = ("on_model",)


@dataclass(frozen=True)
class Wear:
    """What a version's files are dressed with; plain and picklable.

    Parameters
    ----------
    asset : str
        SHA-256 of the original.
    title : str
        The original's file name, as people may read it.
    path : str
        Where the original's bytes lie now; "" where it is not at hand.
    at : str
        When the version was approved, ISO 8601 with a zone.
    words : tuple of str
        View, color, category.
    keywords : tuple of str
        The guide's controlled list.
    signer : Signer or None
        None delivers without credentials.
    """

    asset: str
    title: str
    path: str
    at: str
    category: str
    words: tuple[str, ...]
    rules: MetadataRules
    keywords: tuple[str, ...]
    signer: Signer | None

    def key(self) -> list[Any]:
        """Return what a file's bytes depend on here; the certificate does not count: a new one unmakes no file."""
        rules = [getattr(self.rules, each) for each in self.rules.__dataclass_fields__]
        return [self.asset, self.title, self.at, self.words, rules, list(self.keywords), bool(self.signer)]


@dataclass(frozen=True)
class Dress:
    """A version's metadata and claim, ready for each of its files."""

    wear: Wear
    provenance: Provenance
    said: Said
    parent: Parent
    notes: tuple[str, ...]

    @property
    def metadata(self) -> Metadata:
        """What the encoder writes."""
        return self.said.metadata

    def room(self) -> int:
        """Return how many bytes the credentials take of what a channel allows."""
        return 0 if self.wear.signer is None else signed_bytes(self.wear.signer, self.parent)

    def content(self, data: bytes, name: str) -> str:
        """Return what a file shows and says, before it is signed: two of one content differ in their signatures alone.

        Parameters
        ----------
        data : bytes
            Finished, not yet signed.
        name : str
        """
        wear, told = self.wear, self.provenance.to_data()
        signed = [wear.at, wear.asset, told, wear.rules.mining()] if wear.signer is not None else []
        return key_of("content", hashlib.sha256(data).hexdigest(), name, signed)

    def finish(self, data: bytes, name: str, kind: str, size: tuple[int, int]) -> bytes:
        """Return the file as it leaves: signed, where files are signed. Nothing may be written into it afterwards.

        Raises
        ------
        CredentialError
            If it cannot be signed, or its own credentials do not hold when they are read again.
        """
        from safelight.errors import CredentialError
        from safelight.media.credentials import read_credentials

        if self.wear.signer is None:
            return data
        claim = Claim(name, self.provenance, self.wear.at, self.parent, size, self.wear.rules.mining())
        signed = sign(data, kind, claim, self.wear.signer)
        read = read_credentials(signed, kind)
        if read.state not in ("untrusted", "trusted"):
            raise CredentialError(f"{name} was signed and its credentials do not hold: {read.told()}")
        return signed

    def to_data(self) -> dict[str, Any]:
        """Return what ledger and manifest tell of it."""
        told = self.provenance.to_data()
        if self.wear.signer is not None:
            told["credentials"] = self.wear.signer.describe()
        if self.said.left_out:
            told["keywords_left_out"] = list(self.said.left_out)
        if self.notes:
            told["notes"] = list(self.notes)
        for name in ("look_owner", "creator", "rights"):
            if value := getattr(self.wear.rules, name):
                told[name] = value
        return told


def dress_version(edit: Edit, wear: Wear, find_step: Any) -> Dress:  # noqa: ANN401 - provenance.FindStep
    """Read the original's own words once, in the sandbox, and put ours beside them.

    An original that is away or unreadable costs its metadata and its own credentials, and the notes say so; the
    delivery goes on, since its pixels were approved.
    """
    original, parent, notes = _original(wear)
    told = provenance_of(edit, find_step, source_type_of(original))
    said = describe_delivery(
        original,
        told,
        wear.rules,
        SidecarRules(wear.keywords),
        wear.words,
        asset=wear.asset,
        version=edit.painted_key(),
        is_performer=told.source_type in SYNTHETIC and wear.category in _PEOPLE,
    )
    return Dress(wear, told, said, parent, (*notes, *said.notes))


def _original(wear: Wear) -> tuple[Metadata, Parent, tuple[str, ...]]:
    from safelight.media.credentials import media_type

    away = Parent(wear.title, wear.asset, "")
    if not wear.path:
        why = "the original is away, so its metadata and its own credentials could not be carried on"
        return Metadata(), away, (why,)
    try:
        probe, metadata, credentials = _decoder().credentials(wear.path)
    except MediaError as error:
        return Metadata(), away, (f"the original's metadata could not be carried on: {error}",)
    kind = media_type(probe.format, probe.title)
    if credentials.state == "none":
        return metadata, Parent(wear.title, wear.asset, kind), ()
    if credentials.state == "remote" or credentials.why:
        why = f"the original's own credentials could not be carried on: {credentials.told()}"
        return metadata, Parent(wear.title, wear.asset, kind), (why,)
    from pathlib import Path

    notes = (f"the original's own credentials: {credentials.told()}",) if credentials.state == "invalid" else ()
    return metadata, Parent(wear.title, wear.asset, kind, Path(wear.path).read_bytes()), notes


@cache
def _decoder() -> Decoder:
    """Return this process's reader of originals, started when it is first needed."""
    from safelight.media.sandbox import Decoder

    started = Decoder(threads=1)
    atexit.register(started.close)
    return started
