"""Whose a file that came back is: by its ticket, its name, or its picture, among all that went out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Image, Pixels
from safelight.errors import ReturnRefusedError
from safelight.pixels.color import spaces

if TYPE_CHECKING:
    from safelight.media.decode import Decoded
    from safelight.store.blobs import Blobs

SAME_PICTURE = 0.6  # correlation of two small copies, below which they show different things
SURE_PICTURE = 0.9  # from here on a file is known again by its picture alone, if no other is as near
NEAR_PICTURE = 0.02


@dataclass(frozen=True)
class Sent:
    """What is known of a file that went out: see `checkout.write_checkout`, and whose version it was."""

    ticket: str
    path: str
    asset: str
    version: str
    file: str
    width: int
    height: int
    bits: int
    space: str
    ground: str
    merged: str
    matte: str
    look: str
    upstream: str
    vendor: str = ""
    due: str = ""
    at: str = ""
    shade: str = ""
    reflected: bool = False
    path_mark: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), px."""
        return self.width, self.height


_KEPT = frozenset(each.name for each in fields(Sent)) - {"asset", "at"}


def sent_of(body: Mapping[str, Any], asset: str, at: str) -> Sent:
    """Read what a ``retouch.sent`` fact keeps."""
    own = {name: body[name] for name in _KEPT if name in body}
    return Sent(asset=asset, at=at, **own)


def whose_is_it(decoded: Decoded, path: Path, sent: Sequence[Sent], kept: Blobs, name: str) -> tuple[Sent, str]:
    """Find whose file came back: by the ticket written into it, else by its name, else by its picture.

    Returns
    -------
    (Sent, {"mark", "name", "picture"})
        What went out, and by what it was known again.

    Raises
    ------
    ReturnRefusedError
        If it belongs to none, or its picture does not agree.
    """
    from safelight.media.hand_off import ticket_in

    if not sent:
        raise ReturnRefusedError(f"{name}: nothing went out that it could be; check out first")
    by_ticket = {each.ticket: each for each in sent}
    ticket = ticket_in(decoded.metadata.xmp)
    if ticket and ticket not in by_ticket:
        raise ReturnRefusedError(
            f"{name} carries ticket {ticket}, which is none of this batch's: check it in where it was checked out"
        )
    named = _by_name(path, sent)
    if not ticket and named is None:
        return _by_picture(decoded, sent, kept, name), "picture"
    chosen, how = (by_ticket[ticket], "mark") if ticket else (cast(Sent, named), "name")
    own = agreement(decoded.image, _look(chosen, kept))
    if own < SAME_PICTURE:
        raise ReturnRefusedError(
            f"{name} goes by {chosen.path} ({'its ticket' if how == 'mark' else 'its name'}) but shows another "
            f"picture: the two agree by {own:.2f}"
        )
    return chosen, how


def _by_picture(decoded: Decoded, sent: Sequence[Sent], kept: Blobs, name: str) -> Sent:
    """The one that it is most like, if it is like it and clearly more so than like any other."""
    likeness = [(likeness_of(decoded.image, _look(each, kept)), each.at, each) for each in sent]
    own, _, best = max(likeness, key=lambda each: each[:2])
    others = max((value for value, _, each in likeness if each.path != best.path), default=-1.0)
    if own < SURE_PICTURE or own - others < NEAR_PICTURE:
        near = f"nearest is {best.path}, {own:.2f} alike" if own > 0 else "none is like it"
        raise ReturnRefusedError(
            f"{name} has no ticket and no name that went out, and its picture does not tell ({near}): "
            "say whose it is with --file PATH"
        )
    return best


def _by_name(path: Path, sent: Sequence[Sent]) -> Sent | None:
    """The ticket in its name, else the name that went out; the latest where a version went out twice."""
    stem = path.stem.casefold()
    found = [each for each in sent if each.ticket in stem]
    found = found or [each for each in sent if Path(each.file).stem.casefold() == stem]
    return found[-1] if found else None


def agreement(image: Image, look: NDArray[np.uint8]) -> float:
    """Return the correlation of a picture with a small copy, -1..1; `SAME_PICTURE` where their frames are unlike."""
    if not _same_shape(image, look):
        return SAME_PICTURE  # turned or cropped, perhaps: what is said of its frame tells more
    mine, theirs = _small(image, look).mean(axis=-1), look.mean(axis=-1)
    if min(float(mine.std()), float(theirs.std())) < 0.25:
        return 0.0
    return float(np.corrcoef(mine.ravel(), theirs.ravel())[0, 1])


def likeness_of(image: Image, look: NDArray[np.uint8]) -> float:
    """Return the share of a small copy's variance that a picture explains, color included: 1 for the same.

    Colorways of one article agree in every line; they are not alike.
    """
    if not _same_shape(image, look):
        return 0.0
    theirs = look.astype(np.float32)
    spread = float(((theirs - theirs.mean(axis=(0, 1))) ** 2).sum())
    return 1.0 - float(((_small(image, look) - theirs) ** 2).sum()) / max(spread, 1.0)


def _same_shape(image: Image, look: NDArray[np.uint8]) -> bool:
    return abs(math.log(image.width / image.height * look.shape[0] / look.shape[1])) < 0.02


def _small(image: Image, look: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture at a small copy's size, as sRGB codes 0..255."""
    size = look.shape[1], look.shape[0]
    small = cv2.resize(np.ascontiguousarray(image.pixels[..., :3]), size, interpolation=cv2.INTER_AREA)
    code = spaces.to_float(cast(Pixels, np.ascontiguousarray(small)))
    if image.space != "srgb":
        code = spaces.convert(code, image.space, "srgb")
    return np.asarray(code.clip(0, 1) * 255, np.float32)


def _look(sent: Sent, kept: Blobs) -> NDArray[np.uint8]:
    return np.asarray(kept_image(kept, sent.look).pixels, np.uint8)


def kept_image(kept: Blobs, sha256: str) -> Image:
    """Return a picture that went out, or its small copy, as it is kept."""
    from safelight.media.encode import decode_own

    return decode_own(bytes(kept.get(sha256)))
