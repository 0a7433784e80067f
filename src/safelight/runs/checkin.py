"""A file that came back from a retoucher: whether it lies where it lay, what changed, and its own layer.

Nothing is recorded here and nothing that went out is written over: what is taken in becomes blobs that an amendment
names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Image, Pixels
from safelight.errors import ReturnRefusedError
from safelight.media.names import display_name
from safelight.pixels.color import spaces
from safelight.runs.checkout import ground_light
from safelight.runs.known_again import Sent, kept_image, whose_is_it
from safelight.runs.lift import in_wide_codes, own_alpha, require_ground, take_apart

if TYPE_CHECKING:
    from safelight.media.decode import Decoded
    from safelight.media.psd_layers import Layered
    from safelight.pixels.measure.changed import Changed
    from safelight.runs.layers_back import LayersBack
    from safelight.store.blobs import Blobs

ReadLayers = Callable[[Path, str], "tuple[Layered, NDArray[np.uint8] | None] | None"]
MOVED_PX = 0.5
_TRUST = 0.1  # height of the peak of a phase correlation; between unlike pictures it stays below 0.03
# What is no change, as a share of the code range, averaged over 3 x 3 pixels: half a code of 8 bits for 16-bit files
# (Photoshop counts to 32768), one for 8 bits, eight for JPEG's noise at quality 90 along sharp edges.
_TOLERANCE = {"jpeg": 8 / 255, "webp": 8 / 255, "avif": 8 / 255, "heif": 8 / 255}
_CONVERTED = 1 / 255  # on top, where it was carried from another profile


@dataclass(frozen=True, eq=False)
class Returned:
    """A file that belongs to what went out, and lies on it pixel by pixel.

    Parameters
    ----------
    sent : Sent
    how : {"mark", "name", "picture"}
        By what it was known again.
    sha256 : str
        Of the file.
    changed : Changed
    said : tuple of str
        What was found and needs nobody's word: another format, depth or profile.
    asks : tuple of str
        What a person must say yes to before it is taken in.
    base, matte : str
        Blobs: the picture without its ground, and the cut-out where it is another; "" where it is not, or where
        nothing was taken in.
    layers : LayersBack or None
        What its layers say, of a PSD.
    layered : str
        A blob: the file itself with all its layers, where it was taken in and has any.
    """

    sent: Sent
    how: str
    sha256: str
    format: str
    changed: Changed
    said: tuple[str, ...]
    asks: tuple[str, ...]
    base: str = ""
    matte: str = ""
    grown_share: float = 0.0
    layers: LayersBack | None = None
    layered: str = ""

    @property
    def is_changed(self) -> bool:
        """False where it came back as it went out; white on white, a mask alone may have changed."""
        return self.changed.share > 0 or (self.layers is not None and bool(self.layers.facts["mask_read"]))


@dataclass(frozen=True)
class ReturnTask:
    """A file that came back, all that it may be, and a path of the batch that a person named, or ""."""

    store_root: str
    path: Path
    sent: tuple[Sent, ...]
    only: str = ""


def look_at_task(task: ReturnTask) -> Returned:
    """Look at a return with this process's sandbox; errors as `look_at_return`."""
    from safelight.runs.bench import blobs, decoder

    own, kept = decoder(), blobs(task.store_root)
    found = look_at_return(task.path, task.sent, kept, own.decode, layers=own.layers, only=task.only)
    # A mask at full size has become a blob and need not cross a pipe.
    return found if found.layers is None else replace(found, layers=replace(found.layers, mask=None))


def look_at_return(
    path: Path,
    sent: Sequence[Sent],
    kept: Blobs,
    decode: Callable[[Path], Decoded],
    *,
    layers: ReadLayers | None = None,
    only: str = "",
) -> Returned:
    """Find out whose file it is, hold it against what went out, and take it apart.

    Parameters
    ----------
    path : Path
        The file that came back.
    sent : sequence of Sent
        All that went out, latest last.
    kept : Blobs
        Where what went out lies, and what is taken in goes.
    decode : callable
        The sandbox's.
    layers : callable, optional
        The sandbox's, for what a PSD holds beside its flat picture.
    only : str
        A path of the batch that a person named: it is held against this one's last going out and no other.

    Raises
    ------
    ReturnRefusedError
        If it belongs to none, shows another picture, has another frame, or lies beside it.
    MediaError
        If it can't be read.
    """
    name = display_name(path.name)
    decoded = decode(path)
    whose, how = whose_is_it(decoded, path, [each for each in sent if not only or each.path == only], kept, name)
    _require_frame(decoded.image, whose, kept, name, decoded.probe.model)
    merged = kept_image(kept, whose.merged)
    back = _flat(decoded.image, whose)
    _require_place(back, merged, whose, name)
    tolerance = tolerance_of(decoded, whose)
    from safelight.pixels.measure.changed import measure_changed

    changed = measure_changed(merged.pixels, merged.space, back.pixels, back.space, tolerance=tolerance)
    said, asks = _told(decoded, whose, how, changed)
    back_of = _layers_of(path, whose, kept, layers) if layers is not None else None
    said += () if back_of is None else back_of.said
    found = Returned(whose, how, decoded.sha256, decoded.probe.format, changed, said, asks, layers=back_of)
    if not found.is_changed:
        return found
    taken = _taken_in(found, decoded.image, kept, tolerance, name)
    return taken if back_of is None else replace(taken, layered=kept.put_file(path, decoded.sha256))


def _layers_of(path: Path, sent: Sent, kept: Blobs, read: ReadLayers) -> LayersBack | None:
    from safelight.pixels.matte.matte_png import decode_matte
    from safelight.runs.checkout import RESULT
    from safelight.runs.layers_back import look_at_layers

    found = read(path, RESULT)
    if found is None or not found[0].layers:
        return None
    before = decode_matte(kept.get(sent.matte)) if sent.matte else None
    return look_at_layers(*found, before, sent.path_mark)


def return_line(path: Path, found: Returned, version: str, asset: str, *, known: bool) -> dict[str, Any]:
    """Return what became of a file that came back, as a line of data with its words.

    Parameters
    ----------
    version, asset : str
        Where the file of the batch stands now.
    known : bool
        True if the same bytes were taken in before.

    Returns
    -------
    dict
        ``standing``: taken, asked (a person must say yes), unchanged, known or refused.
    """
    sent, changed = found.sent, found.changed
    asks = list(found.asks)
    if version != sent.version:
        asks.append(f"it was made on version {sent.version}, and {version} stands now")
    what = f"{path.name} is {sent.path}"
    places = f"{len(changed.places)} place{'s' if len(changed.places) != 1 else ''}"
    apart = f"ΔE00 {changed.delta_e:.1f}, most {changed.delta_e_most:.0f}"
    far = f"{100 * changed.share:.2g} % of it changed in {places}, {apart}"
    if asset != sent.asset:
        standing, said = "refused", f"{what}, whose original is another one since it went out; check it out again"
    elif known:
        standing, said = "known", f"{what} and was taken in before"
    elif not found.is_changed:
        standing, said = "unchanged", f"{what} and came back as it went out; nothing was taken in"
    elif asks:
        standing, said = "asked", f"{what}: {'; '.join(asks)}. {far}. Say yes with --confirm."
    else:
        standing, said = "taken", f"{what}: {far}; run the shoot again to paint it"
    return {
        "file": path.name,
        "path": sent.path,
        "ticket": sent.ticket,
        "vendor": sent.vendor,
        "due": sent.due,
        "standing": standing,
        "said": said,
        "how": found.how,
        "sha256": found.sha256,
        "format": found.format,
        "base": found.base,
        "reflected": sent.reflected and bool(found.base),
        "matte": found.matte,
        "layered": found.layered,
        "layers": {} if found.layers is None else found.layers.facts,
        "reasons": [*found.said, *asks],
        "changed": {
            "share": round(changed.share, 6),
            "delta_e": round(changed.delta_e, 2),
            "delta_e_most": round(changed.delta_e_most, 2),
            "cutout_share": round(found.grown_share, 6),
            "places": [[round(each, 5) for each in box] for box in changed.places],
        },
    }


def tolerance_of(decoded: Decoded, sent: Sent) -> float:
    """Return what is no change in a file of this kind, as a share of the code range."""
    eight = (1.0 if decoded.probe.bits <= 8 or sent.bits == 8 else 0.5) / 255
    found = _TOLERANCE.get(decoded.probe.format, eight)
    return found + (_CONVERTED if decoded.image.space != sent.space else 0.0)


# Where it lies


def _require_frame(image: Image, sent: Sent, kept: Blobs, name: str, model: str) -> None:
    if model not in ("rgb", "lab"):
        raise ReturnRefusedError(
            f"{name} came back as {model}: colors were lost that the other channels need; send it back as RGB"
        )
    if image.size == sent.size:
        return
    was, now = f"{sent.width} x {sent.height} px", f"{image.width} x {image.height} px"
    if image.size == sent.size[::-1]:
        raise ReturnRefusedError(f"{name} came back turned, {now} instead of {was}: turn it back and save it again")
    ratio = (image.width / sent.width, image.height / sent.height)
    if abs(ratio[0] / ratio[1] - 1) < 0.005:
        how = "smaller" if ratio[0] < 1 else "enlarged"
        raise ReturnRefusedError(
            f"{name} came back {how}, {now} instead of {was}: send it at the size it went out; nothing is resized"
        )
    raise ReturnRefusedError(f"{name} came back in another frame, {now} instead of {was}{_crop_of(image, sent, kept)}")


def _crop_of(image: Image, sent: Sent, kept: Blobs) -> str:
    """Say which part of what went out it shows, if it does."""
    from safelight.pixels.geometry.register import register

    found = register(_eight(image), _eight(kept_image(kept, sent.merged)))
    if found.geometry is None:
        return ": send it uncropped, as it went out"
    x0, y0, x1, y1 = found.geometry.bounds()
    place = f"{x0:.0f}, {y0:.0f} to {x1:.0f}, {y1:.0f}"
    return f": it shows {place} of what went out; send it uncropped, the frame is the guide's"


def _require_place(back: Image, merged: Image, sent: Sent, name: str) -> None:
    """Refuse content that was moved: the matte and all notes lie where it lay."""
    from safelight.pixels.measure.changed import measure_shift

    right, down, trust = measure_shift(merged.pixels, back.pixels)
    if trust > _TRUST and math.hypot(right, down) > MOVED_PX:
        raise ReturnRefusedError(
            f"{name} came back moved: its content lies {right:.1f} px right and {down:.1f} px down of where it went "
            f"out ({sent.path}); put it back in place"
        )


def _eight(image: Image) -> NDArray[np.uint8]:
    return np.asarray(spaces.to_integers(spaces.to_float(image.pixels[..., :3]), np.uint8), np.uint8)


# What is said of it


def _told(decoded: Decoded, sent: Sent, how: str, changed: Changed) -> tuple[tuple[str, ...], tuple[str, ...]]:
    probe = decoded.probe
    said = [f"known again by its {'ticket' if how == 'mark' else how}"]
    asks = []
    if how == "picture":
        asks.append(f"it has no ticket and another name; by its picture it is {sent.path}")
    if probe.format in _TOLERANCE:
        asks.append(f"it came back as {probe.title}, which has thrown detail away for good")
    if probe.bits < sent.bits:
        said.append(f"{probe.bits} bits instead of {sent.bits}")
    if not probe.profile_embedded and sent.space != "srgb":
        asks.append(f"it has no color profile and went out in {sent.space}; its numbers are taken as {probe.space}")
    elif (probe.profile or probe.space) != sent.space:
        said.append(f"in {probe.profile or probe.space} instead of {sent.space}")
    if changed.share > 0.6:
        asks.append(f"{changed.share:.0%} of the frame is other than it went out")
    said += [each.text for each in decoded.reasons if each.doubt]
    return tuple(said), tuple(asks)


# What is taken in


def _taken_in(found: Returned, image: Image, kept: Blobs, tolerance: float, name: str) -> Returned:
    from safelight.media.encode import encode
    from safelight.pixels.matte.matte_png import decode_matte, encode_matte

    image = in_wide_codes(image)
    sent = found.sent
    before = decode_matte(kept.get(sent.matte)) if sent.matte else None
    masked = None if found.layers is None else found.layers.mask
    if image.alpha != "none":
        base, after = own_alpha(image)
    elif before is None:
        base, after = image, None
    else:
        require_ground(image, before, sent.ground, name)
        shade = decode_matte(kept.get(sent.shade)) if sent.shade else None
        base, after = take_apart(image, before if masked is None else masked, sent.ground, tolerance, shade)
    matte, grown = "", 0.0
    if after is not None and (before is None or sent.reflected or not np.array_equal(before, after)):
        matte = kept.put(encode_matte(after))
        grown = 0.0 if before is None else float((np.abs(after.astype(np.int32) - before) > 3000).mean())
    data = encode(base, "tiff", compression="zstandard")
    return replace(found, base=kept.put(data), matte=matte, grown_share=grown)


def _flat(image: Image, sent: Sent) -> Image:
    """What a program shows of the file: see-through ones are laid on the ground they went out on."""
    if image.alpha == "none":
        return image
    from safelight.render.composite import lay_on_background
    from safelight.render.planes import to_plane

    pixels = cast(Pixels, np.ascontiguousarray(image.pixels[..., :3]))
    light = ground_light(sent.ground or "#ffffff", image.space)
    behind = (float(light[0]), float(light[1]), float(light[2]))
    lay_on_background(pixels, to_plane(image.pixels[..., 3]), image.space, behind)
    return Image(pixels, image.space)
