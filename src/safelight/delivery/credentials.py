"""Content credentials as a verb: what a file claims, and who signs for this store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor, NewFact
from safelight.delivery.signer import Signer, keep_signer, load_signer, make_own, take_certificate
from safelight.errors import CredentialError

if TYPE_CHECKING:
    from safelight.store import Store

SIGNER_CHOSEN = "signer.chosen"
_MOST_BYTES = 1_000_000  # a chain of certificates is some kilobytes


def credentials_line(picture: Path, anchors: Path | None) -> dict[str, Any]:
    """Return what a file's credentials say, as one line of data; the file is read in the sandbox, without a network.

    Parameters
    ----------
    picture : Path
    anchors : Path or None
        Certificates (PEM) whose signatures are trusted; without them nobody is.

    Raises
    ------
    MediaError
        If the file cannot be read.
    CredentialError
        If `anchors` holds no certificates.
    """
    from safelight.media.names import display_name
    from safelight.media.sandbox import Decoder

    trusted = "" if anchors is None else _anchors(anchors)
    with Decoder() as decoder:
        found = decoder.credentials(str(picture), trusted)[2]
    told = found.to_data()
    return {
        "file": display_name(picture),
        "state": found.state,
        "verified": found.is_verified,
        "told": found.told(),
        **{key: value for key, value in told.items() if key != "state"},
    }


def choose_signer(
    store: Store, chain: Path | None, key: Path | None, program: Sequence[str], name: str
) -> dict[str, Any]:
    """Keep who signs from now on, and tell the ledger; files delivered before keep their signatures.

    Without `chain` a new key of the store's own is made.

    Raises
    ------
    CredentialError
        If certificate, key and program do not serve together.
    """
    if chain is None:
        signer = make_own(store.marker.store)
    else:
        signer = take_certificate(_read(chain), None if key is None else _read(key), program)
        _try(signer)
    keep_signer(store.layout, store.io, signer)
    told = signer.describe()
    store.ledger.append(
        [NewFact(SIGNER_CHOSEN, told["fingerprint"], told, Actor("person", "signer"), personal={"name": name})]
    )
    return told | {"chain": signer.chain}


def describe_signer(store: Store) -> dict[str, Any]:
    """Return who signs; ``kind`` is "" where nothing was signed yet."""
    signer = load_signer(store.layout)
    return {"kind": ""} if signer is None else signer.describe() | {"chain": signer.chain}


def _try(signer: Signer) -> None:
    """Sign a picture of one pixel and read it again: what C2PA refuses is said now, not at the first delivery."""
    import numpy as np

    from safelight.core.edit import Edit
    from safelight.core.image import Image
    from safelight.delivery.provenance import provenance_of
    from safelight.delivery.sign import Claim, Parent, sign
    from safelight.media.credentials import read_credentials
    from safelight.media.encode import encode
    from safelight.plugins import step_named

    told = provenance_of(Edit("00" * 32), step_named)
    claim = Claim("trial", told, "2026-01-01T00:00:00Z", Parent("trial", "00" * 32, ""), (1, 1), {})
    data = sign(encode(Image(np.zeros((1, 1, 3), np.uint8), "srgb"), "png"), "image/png", claim, signer)
    found = read_credentials(data, "image/png")
    if found.state not in ("untrusted", "trusted"):
        raise CredentialError(f"a trial signature does not hold: {found.told()}; nothing was changed")


def _anchors(path: Path) -> str:
    text = _read(path).decode("ascii", "replace")
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise CredentialError(f"{path} holds no PEM certificate; --trust takes the roots that you trust")
    return text


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CredentialError(f"{path} is larger than 1 MB: it is no certificate or key")
        return path.read_bytes()
    except OSError as error:
        raise CredentialError(f"{path} cannot be read: {error.strerror or error}") from None
