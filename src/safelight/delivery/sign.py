"""Sign a finished file: its claim from the edit's own steps, its original as the ingredient, nothing after it."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safelight import __version__
from safelight.core.canonical import key_of
from safelight.delivery.provenance import SOURCE_TYPES, Action, Provenance
from safelight.delivery.signer import Signer, sign_by_program
from safelight.errors import CredentialError

_INGREDIENT = "original"
# Of the claim, its assertions and the signature box; what a chain of certificates adds is counted beside it.
_OWN_BYTES = 12_000


@dataclass(frozen=True)
class Parent:
    """The original of a file, as its credentials name it.

    `data` are its bytes where it carries credentials of its own, which then travel on; b"" where it does not, or
    where it was not at hand.
    """

    title: str
    sha256: str
    kind: str
    data: bytes = b""


@dataclass(frozen=True)
class Claim:
    """What a file's credentials say: its title, what was done, when, from what, and for which size.

    `at` is ISO 8601 with a zone, from the ledger. `mining` are CAWG's entries about training, by name.
    """

    title: str
    provenance: Provenance
    at: str
    parent: Parent
    size: tuple[int, int]
    mining: Mapping[str, str]


def signed_bytes(signer: Signer, parent: Parent) -> int:
    """Return how many bytes signing will add at most: what a channel's limit must leave room for."""
    return _OWN_BYTES + 2 * len(signer.chain) + (len(parent.data) and _carried(parent))


def sign(data: bytes, kind: str, claim: Claim, signer: Signer) -> bytes:
    """Return `data` with content credentials; write nothing into it afterwards.

    Parameters
    ----------
    data : bytes
        A finished file of ours: JPEG, PNG, TIFF or WebP.
    kind : str
        Its media type.

    Raises
    ------
    CredentialError
        If the signature cannot be made.
    """
    import c2pa

    from safelight.media.credentials import OFFLINE

    definition = manifest_of(claim, hashlib.sha256(data).hexdigest())
    carried = claim.parent.data and claim.parent.kind
    if not carried:
        definition["ingredients"] = [_ingredient(claim.parent)]
    out = io.BytesIO()
    try:
        with c2pa.Context.from_dict(dict(OFFLINE)) as context, _native(signer) as native:
            builder = c2pa.Builder(definition, context)
            if carried:
                builder.add_ingredient(_ingredient(claim.parent), claim.parent.kind, io.BytesIO(claim.parent.data))
            builder.sign(native, kind, io.BytesIO(data), out)
    except c2pa.C2paError as error:
        raise CredentialError(f"{claim.title} could not be signed: {' '.join(str(error).split())[:300]}") from None
    return out.getvalue()


def manifest_of(claim: Claim, unsigned: str) -> dict[str, Any]:
    """Return the manifest's definition; the same claim about the same bytes has the same name.

    `unsigned` is the SHA-256 of the file before it is signed.
    """
    name = key_of("manifest", unsigned, claim.at, claim.parent.sha256)
    opened: dict[str, Any] = {
        "action": "c2pa.opened",
        "when": claim.at,
        "parameters": {"ingredientIds": [_INGREDIENT]},
    }
    width, height = claim.size
    fitted: dict[str, Any] = {
        "action": "c2pa.resized",
        "when": claim.at,
        "softwareAgent": {"name": "safelight", "version": __version__},
        "parameters": {"safelight": {"width_px": width, "height_px": height}},
    }
    actions = [opened, *(_action(each, claim.at) for each in claim.provenance.actions), fitted]
    assertions: list[dict[str, Any]] = [{"label": "c2pa.actions.v2", "data": {"actions": actions}}]
    if claim.mining:
        entries = {each: {"use": use} for each, use in claim.mining.items()}
        assertions.append({"label": "cawg.training-mining", "data": {"entries": entries}})
    return {
        "claim_generator_info": [{"name": "safelight", "version": __version__}],
        "title": claim.title,
        "label": f"urn:c2pa:{uuid.UUID(hex=name[:32], version=4)}",
        "instance_id": f"xmp:iid:{uuid.UUID(hex=name[32:], version=4)}",
        "assertions": assertions,
    }


def _action(done: Action, at: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "action": done.action,
        "when": at,
        "description": done.purpose,
        "softwareAgent": {"name": f"safelight {done.step}", "version": str(done.version)},
        "parameters": {"safelight": {"class": done.operation, **_plain(done.params)}},
    }
    if done.operation != "non_editorial":
        told["digitalSourceType"] = SOURCE_TYPES + done.source_type
    return told


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in params.items()}


def _ingredient(parent: Parent) -> dict[str, Any]:
    return {
        "title": parent.title,
        "format": parent.kind or "application/octet-stream",
        "relationship": "parentOf",
        "label": _INGREDIENT,
        "instance_id": f"urn:safelight:sha256:{parent.sha256}",
    }


def _carried(parent: Parent) -> int:
    """Return the size of the credentials that an original brings along."""
    import c2pa

    from safelight.media.credentials import OFFLINE

    try:
        with c2pa.Context.from_dict(dict(OFFLINE)) as context:
            builder = c2pa.Builder({"claim_generator_info": [{"name": "safelight"}], "assertions": []}, context)
            builder.add_ingredient(_ingredient(parent), parent.kind, io.BytesIO(parent.data))
            out = io.BytesIO()
            builder.to_archive(out)
    except c2pa.C2paError as error:
        raise CredentialError(f"the credentials of {parent.title} cannot be carried on: {error}") from None
    return len(out.getvalue())


def _native(signer: Signer) -> Any:  # noqa: ANN401 - the library's signer
    import c2pa

    algorithm = c2pa.C2paSigningAlg[signer.algorithm.upper()]
    if signer.program:
        return c2pa.Signer.from_callback(lambda data: sign_by_program(signer.program, data), algorithm, signer.chain)
    info = c2pa.C2paSignerInfo(
        alg=algorithm, sign_cert=signer.chain.encode("ascii"), private_key=signer.key.encode("ascii"), ta_url=None
    )
    return c2pa.Signer.from_info(info)
