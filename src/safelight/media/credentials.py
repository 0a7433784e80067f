"""Content credentials (C2PA) as they stand in a file: what they claim, who signed, and whether that still holds.

Nothing is fetched: no remote manifest, no revocation list, no time stamp. Foreign files are read
by `sandbox.Decoder.credentials`, in a process that has no network at all.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Literal

State = Literal["none", "remote", "invalid", "untrusted", "trusted"]

UNTRUSTED = "signingCredential.untrusted"
# What c2pa reads, by our name of the format; for RAW by the name that people know it by.
_TYPES = MappingProxyType(
    {
        "jpeg": "image/jpeg",
        "png": "image/png",
        "tiff": "image/tiff",
        "webp": "image/webp",
        "avif": "image/avif",
        "heif": "image/heif",
        "gif": "image/gif",
        "Adobe DNG": "image/x-adobe-dng",
        "Nikon NEF": "image/x-nikon-nef",
        "Sony ARW": "image/x-sony-arw",
    }
)
_INGREDIENT = ("title", "format", "relationship", "instance_id", "active_manifest")
OFFLINE: Mapping[str, Any] = MappingProxyType(
    {
        "version": 1,
        "core": {"salt_jumbf_boxes": False},
        "verify": {
            "verify_after_reading": True,
            "verify_after_sign": False,
            "verify_trust": True,
            "verify_timestamp_trust": True,
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
        },
        "builder": {"thumbnail": {"enabled": False}},
    }
)


@dataclass(frozen=True)
class Credentials:
    """What a file's content credentials say, and whether that still holds.

    Parameters
    ----------
    state : {"none", "remote", "invalid", "untrusted", "trusted"}
        ``none``: there are none. ``remote``: they lie at `remote`, which is not fetched. ``invalid``: the file or
        its credentials were changed, or the signature does not hold. ``untrusted``: whole and signed, by somebody
        whom no given anchor vouches for. ``trusted``: whole, and signed under a given anchor. Only that is verified.
    codes : tuple of str
        C2PA's failure codes of the file's own manifest: ``"assertion.dataHash.mismatch"``...
    ingredient_codes : tuple of str
        Those of the files it was made from.
    signed_by, algorithm : str
        The certificate's organization and name; the signature's algorithm.
    actions, ingredients : tuple of mapping
        As the manifest lists them.
    source_types : tuple of str
        Last words of the digital source types that its actions name.
    manifests : int
        The file's own and those of its ancestors.
    """

    state: State
    codes: tuple[str, ...] = ()
    ingredient_codes: tuple[str, ...] = ()
    signed_by: str = ""
    algorithm: str = ""
    title: str = ""
    actions: tuple[Mapping[str, Any], ...] = ()
    ingredients: tuple[Mapping[str, Any], ...] = ()
    source_types: tuple[str, ...] = ()
    manifests: int = 0
    remote: str = ""
    why: str = ""
    assertions: tuple[str, ...] = field(default=())

    @property
    def is_verified(self) -> bool:
        """True only where everything holds and an anchor vouches for the signer."""
        return self.state == "trusted"

    def told(self) -> str:
        """Return one sentence for people."""
        by = self.signed_by or "an unnamed signer"
        if self.state == "none":
            return "no content credentials"
        if self.state == "remote":
            return f"content credentials are said to lie at {self.remote}; nothing was fetched"
        if self.state == "invalid":
            # That nobody vouches for the signer breaks nothing: what does is said first.
            codes = sorted(self.codes, key=lambda each: each.endswith(".untrusted"))
            return f"content credentials do not hold: {', '.join(codes) or self.why}"
        if self.state == "untrusted":
            return f"whole and signed by {by}, whom nothing here vouches for ({UNTRUSTED})"
        return f"verified: whole, and signed by {by} under a trusted certificate"

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Credentials:
        """Read what `to_data` wrote."""
        known: dict[str, Any] = {name: data[name] for name in Credentials.__dataclass_fields__ if name in data}
        held: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in known.items()}
        return Credentials(**held)


def media_type(format: str, title: str = "") -> str:
    """Return the media type that content credentials know a format by; "" where they have no place for them.

    Examples
    --------
    >>> media_type("jpeg"), media_type("raw", "Adobe DNG"), media_type("raw", "Canon CR3")
    ('image/jpeg', 'image/x-adobe-dng', '')
    """
    return _TYPES.get(format, _TYPES.get(title, ""))


def read_credentials(data: bytes, kind: str, anchors: str = "") -> Credentials:
    """Read and validate the content credentials of a file.

    Parameters
    ----------
    data : bytes
        The whole file. Foreign bytes only inside the sandbox.
    kind : str
        Its media type, as `media_type` names it; "" reads nothing.
    anchors : str
        Certificates (PEM) whose signatures are trusted; none by default.

    Returns
    -------
    Credentials
    """
    import c2pa

    if not kind:
        return Credentials("none", why="this format has no place for content credentials")
    try:
        with c2pa.Context.from_dict(_settings(anchors)) as context:
            reader = c2pa.Reader(kind, io.BytesIO(data), context=context)
            with reader:
                told = json.loads(reader.json())
    except c2pa.C2paError as error:
        return _absent(str(error))
    return _told(told)


def _settings(anchors: str) -> dict[str, Any]:
    settings = {key: dict(value) if isinstance(value, Mapping) else value for key, value in OFFLINE.items()}
    return settings | ({"trust": {"user_anchors": anchors}} if anchors else {})


def _absent(said: str) -> Credentials:
    """Tell what the library could not read: no manifest, one that lies elsewhere, or a damaged one."""
    if "ManifestNotFound" in said:
        return Credentials("none")
    if said.startswith("Remote"):
        return Credentials("remote", remote=said.rpartition(" ")[2])
    return Credentials("invalid", why=" ".join(said.split())[:300])


def _told(told: Mapping[str, Any]) -> Credentials:
    active = told.get("manifests", {}).get(told.get("active_manifest", ""), {})
    results = told.get("validation_results", {})
    codes = _codes(results.get("activeManifest", {}))
    deltas = [code for each in results.get("ingredientDeltas", ()) for code in _codes(each.get("validationDeltas", {}))]
    assertions = active.get("assertions", ())
    actions = [
        each
        for one in assertions
        if one.get("label", "").startswith("c2pa.actions")
        for each in one["data"].get("actions", ())
    ]
    signature = active.get("signature_info", {})
    names = dict.fromkeys((signature.get("issuer"), signature.get("common_name")))
    sources = dict.fromkeys(
        each["digitalSourceType"].rsplit("/", 1)[-1] for each in actions if each.get("digitalSourceType")
    )
    return Credentials(
        state=_state(str(told.get("validation_state", "")), codes),
        codes=codes,
        ingredient_codes=tuple(dict.fromkeys(deltas)),
        signed_by=", ".join(each for each in names if each),
        algorithm=signature.get("alg") or "",
        title=active.get("title") or "",
        actions=tuple(actions),
        ingredients=tuple(
            {key: each[key] for key in _INGREDIENT if key in each} for each in active.get("ingredients", ())
        ),
        source_types=tuple(sources),
        manifests=len(told.get("manifests", {})),
        assertions=tuple(one.get("label", "") for one in assertions),
    )


def _state(said: str, codes: tuple[str, ...]) -> State:
    if said == "Trusted" and not codes:
        return "trusted"
    # Anything that failed beside trust is no detail: the library calls some of it valid.
    whole = said in ("Valid", "Trusted") and all(each.endswith(".untrusted") for each in codes)
    return "untrusted" if whole else "invalid"


def _codes(results: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(each["code"]) for each in results.get("failure", ())))
