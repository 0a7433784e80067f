"""From the approved master to a channel's file: one resize in linear light, sharpened for its size, encoded."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Image
from safelight.delivery.frame import Frame, choose_frame
from safelight.delivery.packs import LEAST_QUALITY, Output, Pack
from safelight.errors import GateClosedError, ParameterError

if TYPE_CHECKING:
    from safelight.media.metadata import Metadata
    from safelight.pixels.geometry.map import GeometryMap

Float32 = NDArray[np.float32]
Made = TypeVar("Made")
Region = tuple[slice, slice]  # rows, columns
ReadBox = Callable[[slice, slice], Float32]  # rows, columns -> (rows, columns, channels)
# Paints output sharpening: (rgb code values 0..1 float32, output pixels per master pixel) -> the same, sharpened.
Sharpen = Callable[[Float32, float], Float32]

_STRIP_ROWS = 256
_TOP = np.float32(65535)


@dataclass(frozen=True, eq=False)
class Master:
    """An approved master, decoded once for all channels.

    Parameters
    ----------
    image : Image
        uint16, ``"srgb"``, upright, full size; opaque on its background, or straight alpha without one.
    alpha : (H, W) float32 or None
        The matte on the same pixels, 0..1; taken from a straight picture's own alpha where None.
    background : str
        The color that an opaque master was laid on, as the guide says it.

    Raises
    ------
    ParameterError
        If the picture is none of these.
    """

    image: Image
    alpha: Float32 | None = None
    background: str = "#ffffff"
    _made: dict[tuple[str, str, int], Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuse pictures that are no masters."""
        image = self.image
        if image.pixels.dtype != np.uint16 or image.space != "srgb" or image.alpha == "premultiplied":
            raise ParameterError(
                f"a master is uint16 in srgb, opaque or with straight alpha, got {image.pixels.dtype} in "
                f"{image.space}, alpha {image.alpha}: render the edit again"
            )
        if self.alpha is not None and self.alpha.shape != image.pixels.shape[:2]:
            raise ParameterError(
                f"the matte is {self.alpha.shape}, the master {image.pixels.shape[:2]}: they must agree"
            )

    def light(self, background: str, level: int) -> Float32:
        """Return the light of the master's `region` less the background's, once for all channels.

        Parameters
        ----------
        background : str
            ``"#rrggbb"``: what is exactly background is exactly 0.
        level : int
            1 for full size, 2 for blocks of two by two: half the work for channels that take less than half.

        Returns
        -------
        (rows / level, columns / level, 3) float32
            Premultiplied where the master is straight.
        """
        return self._once("light", background, level, lambda: _reduced(_reader(self, background), self.region(), level))

    def share(self, level: int) -> Float32 | None:
        """Return the matte in `region` reduced by `level`, (rows, columns, 1) float32; None if none is known."""
        cover = self.coverage()
        if cover is None:
            return None

        def read(rows: slice, columns: slice) -> Float32:
            return cover[rows, columns, None]

        return self._once("share", "", level, lambda: _reduced(read, self.region(), level))

    def region(self) -> Region:
        """Return the rows and columns that hold all that is not background, with a rim of it around."""
        return self._once("region", "", 1, lambda: _region(self.coverage(), self._shape))

    def coverage(self) -> Float32 | None:
        """Return the matte, 0..1, (H, W) float32; None if none is known."""
        if self.alpha is None and self.image.alpha == "straight":
            return self._once("coverage", "", 1, lambda: self.image.pixels[..., 3].astype(np.float32) / _TOP)
        return self.alpha

    def subject_box(self) -> tuple[int, int, int, int] | None:
        """Return where the subject lies, (x0, y0, x1, y1) in px; None if no matte is known.

        Raises
        ------
        GateClosedError
            If the matte is empty.
        """
        return self._once("box", "", 1, lambda: _subject_box(self.coverage()))

    @property
    def _shape(self) -> tuple[int, int]:
        return self.image.height, self.image.width

    def _once(self, what: str, background: str, level: int, make: Callable[[], Made]) -> Made:
        key = what, background, level
        if key not in self._made:
            self._made[key] = make()
        return cast("Made", self._made[key])


@dataclass(frozen=True, eq=False)
class Derived:
    """A channel's file as bytes, with what it was made with.

    `alpha` is the matte on the delivered pixels, (H, W) float32, or None.
    """

    data: bytes
    width: int
    height: int
    quality: int
    frame: Frame
    alpha: Float32 | None


def derive(
    master: Master,
    pack: Pack,
    *,
    sharpen: Sharpen | None = None,
    metadata: Metadata | None = None,
) -> Derived:
    """Make a channel's file from an approved master.

    Parameters
    ----------
    master : Master
    pack : Pack
        Its `output` says what to make, its `expect` below which size to refuse.
    sharpen : callable or None
        Output sharpening by size; pixels where the matte is 0 keep their value.
    metadata : Metadata, optional
        What the file carries of its original.

    Returns
    -------
    Derived

    Raises
    ------
    GateClosedError
        If the master is too small (nothing is enlarged), cut where the channel needs background, on another
        background than the channel's, or cannot be encoded within the channel's bytes at quality 85.

    Notes
    -----
    The picture is resampled once, in linear light, as its difference from the background: what is exactly
    background stays so, inside the master and beyond its frame.
    """
    output = pack.output
    frame = choose_frame(
        master.image.size,
        master.subject_box(),
        longest_px=output.longest_px,
        aspect=output.aspect,
        fill=output.fill,
        least_px=pack.least_px(),
    )
    background = master.background if output.background == "keep" else output.background
    _require_background(master, background, frame)
    codes, alpha = _painted(master, frame, background, sharpen)
    data, quality = _encoded(codes, output, metadata)
    return Derived(data, frame.out_width, frame.out_height, quality, frame, alpha)


def _subject_box(alpha: Float32 | None) -> tuple[int, int, int, int] | None:
    from safelight.pixels.measure.margin import measure_framing

    if alpha is None:
        return None
    framing = measure_framing((alpha > 0.5).astype(np.uint8) * np.uint8(255))
    if framing is None:
        raise GateClosedError("the master's matte is empty: nothing is cut out; look at the cutout again")
    return framing.box


def _require_background(master: Master, background: str, frame: Frame) -> None:
    """Refuse an opaque master that cannot stand on the channel's background."""
    if master.image.alpha == "straight":
        return
    if master.alpha is not None and background != master.background:
        raise GateClosedError(
            f"the master was approved on {master.background} and the channel asks for {background}; "
            f"set picture.background to {background} in a guide of its own and approve that"
        )
    pixels, beyond = master.image.pixels, frame.beyond(master.image.size)
    edges = {"left": pixels[:, 0], "top": pixels[0], "right": pixels[:, -1], "bottom": pixels[-1]}
    target = _code(background)
    for side in beyond:
        if (edges[side] != target).any():
            raise GateClosedError(
                f"the channel's frame reaches beyond the master at the {side}, where the master is not {background} "
                "up to its edge; cut the subject out first, or crop the master to the channel's shape"
            )


def _painted(
    master: Master, frame: Frame, background: str, sharpen: Sharpen | None
) -> tuple[NDArray[np.uint8], Float32 | None]:
    """Return the picture's 8-bit code values and its matte, on the output's pixels."""
    import cv2

    from safelight.pixels.color.light import codes_table_of
    from safelight.pixels.geometry.resample import cut, resample

    behind = _light(background)
    level = 2 if min(frame.reduction()) >= 2 else 1
    geometry, window = _window(master, frame, level)
    on_grid = cut if geometry.is_aligned() else resample
    light = np.asarray(on_grid(master.light(background, level), geometry), np.float32)
    share = master.share(level)
    shape = frame.out_height, frame.out_width
    cover: Float32 | None = None
    if share is not None:
        cover = np.asarray(cv2.min(cv2.max(on_grid(share, geometry)[..., 0], 0.0), 1.0), np.float32)
        # Where nothing covers, the kernel's ringing has no place either.
        seen = np.asarray(cover > 0, np.float32)
        cv2.multiply(light, cv2.merge((seen, seen, seen)), dst=light)  # a third of the time of a masked copy
    plain = behind
    if (behind != behind[0]).any():
        light, behind = light + (behind - behind[0]), behind[:1]
    # One pass rounds, holds and adds: 1/65535 of light is a twentieth of an 8-bit code where codes are finest.
    whole = np.asarray(cv2.addWeighted(light, 65535.0, light, 0.0, 65535.0 * float(behind[0]), dtype=cv2.CV_16U))
    table = codes_table_of("srgb")
    codes = np.asarray(cv2.LUT(whole, table), np.uint8)
    if sharpen is not None:
        _sharpen_into(codes, whole, cover, lambda rgb: sharpen(rgb, 1 / max(frame.reduction())))
    if codes.shape[:2] == shape:
        return codes, cover
    color = table[np.rint(plain * _TOP).astype(np.uint16)]
    page = np.full((*shape, 3), color[0] if (color == color[0]).all() else color, np.uint8)
    page[window] = codes
    covered = None if cover is None else np.zeros(shape, np.float32)
    if covered is not None:
        covered[window] = cover
    return page, covered


def _window(master: Master, frame: Frame, level: int) -> tuple[GeometryMap, Region]:
    """Return the map from those output pixels that show the master's region to its pixels, and which they are."""
    from safelight.pixels.geometry.map import GeometryMap
    from safelight.render.finish import REACH_PX

    rows, columns = master.region()
    across, down = frame.reduction()
    # The kernel reaches 2 output pixels and sharpening `REACH_PX`; beyond, all is background.
    reach = REACH_PX + 4
    left, right = _held((columns.start - frame.x) / across, (columns.stop - frame.x) / across, reach, frame.out_width)
    top, bottom = _held((rows.start - frame.y) / down, (rows.stop - frame.y) / down, reach, frame.out_height)
    into = np.array([[across, 0.0, frame.x - columns.start], [0.0, down, frame.y - rows.start], [0.0, 0.0, 1.0]])
    grid = np.diag([1 / level, 1 / level, 1.0]) @ into
    whole = GeometryMap.of_matrix(grid, frame.out_width, frame.out_height)
    return whole.part(left, top, right - left, bottom - top), (slice(top, bottom), slice(left, right))


def _held(start: float, stop: float, reach: int, length: int) -> tuple[int, int]:
    first = min(max(0, math.floor(start) - reach), length - 1)
    return first, max(first + 1, min(length, math.ceil(stop) + reach))


def _sharpen_into(
    codes: NDArray[np.uint8], light: NDArray[np.uint16], cover: Float32 | None, repaint: Callable[[Float32], Float32]
) -> None:
    """Sharpen in strips, from 16-bit light; pixels whose cover is 0 keep their code value."""
    import cv2

    from safelight.pixels.color.light import curve_of
    from safelight.render.finish import REACH_PX

    curve, height = curve_of("srgb"), codes.shape[0]
    rows = range(0, height, _STRIP_ROWS)
    for top in rows:
        bottom = min(height, top + _STRIP_ROWS)
        seen = None if cover is None else (cover[top:bottom] > 0).view(np.uint8)
        if seen is not None and not seen.any():
            continue
        first, last = max(0, top - REACH_PX), min(height, bottom + REACH_PX)
        rgb = repaint(np.asarray(cv2.LUT(light[first:last], curve), np.float32))[top - first : bottom - first]
        new = cv2.addWeighted(rgb, 255.0, rgb, 0.0, 0.0, dtype=cv2.CV_8U)
        codes[top:bottom] = new if seen is None else cv2.copyTo(new, seen, codes[top:bottom])


def _region(cover: Float32 | None, shape: tuple[int, int]) -> Region:
    """Where a matte is above 0, on whole blocks, with 4 px of background around; all of it where none is known."""
    from safelight.pixels.masks import lines_held

    if cover is None:
        return slice(0, shape[0]), slice(0, shape[1])
    lines = []
    for held, length in zip(lines_held(cover), shape, strict=True):
        first, last = (int(held[0]), int(held[-1]) + 1) if len(held) else (0, 1)
        lines.append(slice(max(0, first - 4) // 2 * 2, min(length, last + 4)))
    return lines[0], lines[1]


def _reader(master: Master, background: str) -> ReadBox:
    """Return what hands out boxes of the master's light less the background's."""
    import cv2

    pixels, behind, straight = master.image.pixels, _light(background), master.image.alpha == "straight"
    even = bool((behind == behind[0]).all())
    table = _light_of() - behind[0] if even and not straight else _light_of()

    def read(rows: slice, columns: slice) -> Float32:
        light = np.asarray(cv2.LUT(np.ascontiguousarray(pixels[rows, columns, :3]), table), np.float32)
        if straight:
            cover = pixels[rows, columns, 3:].astype(np.float32) / _TOP
            return np.asarray((light - behind) * cover, np.float32)
        return light if even else np.asarray(light - behind, np.float32)

    return read


def _reduced(read: ReadBox, region: Region, level: int) -> Float32:
    """Read a region in strips and shrink each by `level`, so that a reduced one never stands at full size."""
    import cv2

    lines, columns = region
    if level == 1:
        return np.ascontiguousarray(read(lines, columns))
    out: Float32 | None = None
    rows = 64 * level
    for top in range(lines.start, lines.stop, rows):
        strip = read(slice(top, min(lines.stop, top + rows)), columns)
        channels, down, right = strip.shape[2], -strip.shape[0] % level, -strip.shape[1] % level
        strip = np.asarray(cv2.copyMakeBorder(strip, 0, down, 0, right, cv2.BORDER_REPLICATE), np.float32)
        small = (strip.shape[1] // level, strip.shape[0] // level)
        if out is None:
            out = np.empty((-(-(lines.stop - lines.start) // level), small[0], channels), np.float32)
        at = (top - lines.start) // level
        strip = np.asarray(cv2.resize(strip, small, interpolation=cv2.INTER_AREA), np.float32)
        out[at : at + small[1]] = strip.reshape(small[1], small[0], channels)
    assert out is not None
    return out


def _encoded(codes: NDArray[np.uint8], output: Output, metadata: Metadata | None) -> tuple[bytes, int]:
    """Encode within the channel's bytes, at the best quality from the channel's own down to 85 that fits.

    Pixels are never given up for bytes: what does not fit at 85 is refused.
    """
    from safelight.media.encode import encode

    image = Image(codes, "srgb")

    def encoded(quality: int) -> bytes:
        return encode(
            image,
            output.format,
            quality=quality,
            subsampling=output.subsampling,  # type: ignore[arg-type]
            metadata=metadata,
        )

    lossy = output.format in ("jpeg", "webp")
    best, data = output.quality, encoded(output.quality)
    if output.max_bytes is None or len(data) <= output.max_bytes:
        return data, best
    least = min(LEAST_QUALITY, output.quality) if lossy else output.quality
    data = encoded(least) if least < best else data
    if len(data) > output.max_bytes:
        at = f" at quality {least}" if lossy else ""
        raise GateClosedError(
            f"{image.width} x {image.height} px as {output.format}{at} have {len(data):,} bytes; the channel takes "
            f"{output.max_bytes:,}: lower longest_px in its rule pack"
        )
    # `least` fits and `best` does not: halve what lies between.
    while best - least > 1:
        middle = (least + best) // 2
        tried = encoded(middle)
        if len(tried) <= output.max_bytes:
            least, data = middle, tried
        else:
            best = middle
    return data, least


def _light_of() -> Float32:
    """The light of every 16-bit sRGB code value."""
    from safelight.pixels.color.light import table_of

    return table_of("srgb", "uint16")


def _code(color: str) -> NDArray[np.uint16]:
    return np.array([int(color[at : at + 2], 16) * 257 for at in (1, 3, 5)], np.uint16)


def _light(color: str) -> Float32:
    return _light_of()[_code(color)]
