"""Work backward from a look: what it asks of the pictures it is laid on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.pixels.color import fused
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import Float32, Pixels, decode

HUES = (
    "red", "orange", "yellow", "lime", "green", "mint", "cyan", "azure", "blue", "violet", "magenta", "rose",
)  # fmt: skip
_APART = 1 / 255
_TONES = 1024


@dataclass(frozen=True)
class HueMove:
    """What a look does to the colors of a twelfth of the hue circle: means over light and dark, strong and weak."""

    hue: str
    delta_e: float
    turn_deg: float
    chroma_ratio: float


@dataclass(frozen=True)
class Needs:
    """What a look asks of its source.

    Parameters
    ----------
    crushed_below, crushed_above : float, code values of 8 bits
        Input tones below and above these land within 1/255 of black's and white's: their texture is gone.
    steepest : float
        Output code values a code value of the source at most; an 8-bit source bands above about 2.
    steepest_at : float, code value of 8 bits
    lift_mid_stops, lift_high_stops : float, stops
        What the look does to middle gray's light, and at most to light above it: headroom that the source must have.
    falls : int
        Tones, of 1024, whose lightness falls as the source's rises.
    tint : float, C*ab
        The strongest color that a neutral takes on, and where.
    tint_at : float, code value of 8 bits
    beyond_gamut : float, 0 to 1
        Share of all colors that leave the output.
    hues : tuple of HueMove, most moved first
    """

    crushed_below: float
    crushed_above: float
    steepest: float
    steepest_at: float
    lift_mid_stops: float
    lift_high_stops: float
    falls: int
    tint: float
    tint_at: float
    beyond_gamut: float
    hues: tuple[HueMove, ...]

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return asdict(self)


@dataclass(frozen=True)
class Warned:
    """Why a picture will not carry a look: a code for counting, a sentence, the values in it."""

    code: str
    text: str
    values: Mapping[str, float]


def needs_of(transforms: Sequence[ocio.Transform], space: str = "srgb") -> Needs:
    """Measure what a look does to grays and hues.

    Parameters
    ----------
    transforms : sequence of OpenColorIO transforms
        In linear Rec.2020; the look alone, without the correction of any picture.
    space : str
        Whose code values are the source's and the output's tones.

    Examples
    --------
    >>> needs = needs_of([])
    >>> needs.falls, needs.tint, round(needs.steepest, 2)
    (0, 0.0, 1.0)
    """
    tones = np.linspace(0, 1, _TONES, dtype=np.float32)
    gray = np.repeat(tones[None, :, None], 3, axis=2)
    out = _painted(gray, transforms, space)[0]
    seen = np.clip(out, 0, 1)
    lab = lab_from(seen[None], space)[0]
    slope = np.diff(seen, axis=0).max(axis=1) * (_TONES - 1)
    wide = np.convolve(slope, np.ones(8) / 8, "same")  # one table cell's kink is no band
    tint = np.hypot(lab[:, 1], lab[:, 2])
    ratio = _stops(seen, tones, space)
    mid = int(np.abs(decode(tones, space) - 0.18).argmin())
    high = ratio[mid : int(0.98 * _TONES)]
    return Needs(
        crushed_below=_held(seen - seen[0], tones),
        crushed_above=round(255.0 - _held((seen - seen[-1])[::-1], tones), 1),
        steepest=round(float(wide.max()), 2),
        steepest_at=round(255 * float(tones[int(wide.argmax())]), 0),
        lift_mid_stops=round(float(ratio[mid]), 2),
        lift_high_stops=round(max(0.0, float(high.max())), 2),
        falls=int((np.diff(lab[:, 0]) < -0.02).sum()),
        tint=_quiet(float(tint.max())),
        tint_at=round(255 * float(tones[int(tint.argmax())]), 0),
        beyond_gamut=_beyond(transforms, space),
        hues=_hue_moves(transforms, space),
    )


def warn_of(needs: Needs, codes: Float32, bits: int, clipped: float = 0.0) -> tuple[Warned, ...]:
    """Say why a picture will not carry a look; nothing where it will.

    Parameters
    ----------
    needs : Needs
    codes : (..., 3) float32, code values of the look's space, after the neutral correction
        A reduced picture is enough.
    bits : int
        Of the file, a channel.
    clipped : float, 0 to 1
        Share of the frame whose highlights are lost in the capture.
    """
    return warn_of_tones(needs, count_tones(codes), bits, clipped)


def count_tones(codes: Pixels) -> list[int]:
    """Return how much of a picture each tone takes: 256 numbers, in hundredths of a percent.

    Parameters
    ----------
    codes : (..., 3) uint8, or float32 code values 0 to 1
        A tone is the mean of the three, in code values of 8 bits.

    Examples
    --------
    >>> tones = count_tones(np.float32([[1, 1, 1], [0, 0, 0], [0, 0, 0], [1, 1, 1]]))
    >>> tones[0], tones[255], sum(tones)
    (5000, 5000, 10000)
    """
    if codes.dtype == np.uint8:
        red, green, blue = (codes[..., each].astype(np.uint16) for each in range(3))
        sums = np.bincount((red + green + blue).ravel(), minlength=766)
        found = np.bincount(np.rint(np.arange(766) / 3).astype(int), weights=sums, minlength=256)
    else:
        flat = np.nan_to_num(codes.reshape(-1, 3)).mean(axis=1)
        found = np.bincount(np.rint(255 * np.clip(flat, 0, 1)).astype(int), minlength=256)
    return [int(each) for each in np.rint(found * (10_000 / max(1.0, float(found.sum()))))]


def warn_of_tones(needs: Needs, tones: Sequence[int], bits: int, clipped: float = 0.0) -> tuple[Warned, ...]:
    """Say why a picture will not carry a look, as `warn_of`, from what `count_tones` returned."""
    shares, at = np.asarray(tones, np.float64) / max(1, sum(tones)), np.arange(256)
    found = []
    low = float(shares[(at < needs.crushed_below) & (at > 1)].sum())
    high = float(shares[(at > needs.crushed_above) & (at < 254)].sum())
    for share, end, limit in ((low, "shadows", needs.crushed_below), (high, "highlights", needs.crushed_above)):
        if share > 0.05:
            side = "below" if end == "shadows" else "above"
            text = f"{share:.0%} of the frame is {end} {side} code value {limit:.0f}, where the look leaves no texture"
            found.append(Warned(f"look_crushes_{end}", text, {"share": round(share, 3), "code": limit}))
    if bits <= 8 and needs.steepest > 2.0:
        near = float(shares[np.abs(at - needs.steepest_at) < 16].sum())
        if near > 0.05:
            text = (
                f"the look spreads tones {needs.steepest:.1f} times about code value {needs.steepest_at:.0f}, where "
                f"{near:.0%} of this {bits}-bit frame lies: it will band; shoot RAW or 16 bits"
            )
            found.append(Warned("look_bands", text, {"slope": needs.steepest, "share": round(near, 3)}))
    if clipped > 0.01 and needs.lift_high_stops < 0.05 and needs.crushed_above > 250:
        text = f"{clipped:.1%} of the frame is clipped in the capture, and the look leaves highlights open: flat"
        found.append(Warned("look_shows_clipping", text, {"share": round(clipped, 4)}))
    if needs.lift_mid_stops > 0.5 and bits <= 8:
        dark = float(shares[at < 40].sum())
        if dark > 0.2:
            lift = needs.lift_mid_stops
            text = f"the look lifts tones by {lift:.1f} stops and {dark:.0%} of this {bits}-bit frame is dark: noise"
            found.append(Warned("look_lifts_noise", text, {"stops": needs.lift_mid_stops, "share": round(dark, 3)}))
    return tuple(found)


def _painted(codes: Float32, transforms: Sequence[ocio.Transform], space: str) -> Float32:
    return np.asarray(fused.apply(np.ascontiguousarray(codes), space, transforms, space, np.float32), np.float32)


def _held(away: Float32, tones: Float32) -> float:
    """The tone, in code values of 8 bits, up to which a ramp stays within 1/255 of its first entry in every channel."""
    far = np.abs(away).max(axis=1) >= _APART
    first = int(far.argmax()) if far.any() else len(tones)
    # A ramp that does nothing leaves its first code value at once: that is nothing crushed.
    code = 255 * float(tones[max(0, first - 1)])
    return round(max(0.0, code - 1.0), 1) + 0.0


def _stops(out: Float32, tones: Float32, space: str) -> Float32:
    """How many stops each tone's light rises."""
    light_in, light_out = decode(tones, space), decode(out, space).mean(axis=1)
    return np.asarray(np.log2(np.maximum(light_out, 1e-5) / np.maximum(light_in, 1e-5)), np.float32)


def _quiet(tint: float) -> float:
    return round(tint, 2) if tint >= 0.01 else 0.0


def _beyond(transforms: Sequence[ocio.Transform], space: str) -> float:
    codes = np.random.default_rng(0).random((1, 8000, 3)).astype(np.float32)
    out = _painted(codes, transforms, space)
    return round(float(((out < -_APART) | (out > 1 + _APART)).any(axis=2).mean()), 3)


def _hue_moves(transforms: Sequence[ocio.Transform], space: str) -> tuple[HueMove, ...]:
    """Colors of every hue at three strengths and five levels, before and after."""
    moves = []
    for number, name in enumerate(HUES):
        codes = _of_hue(number)
        before = lab_from(codes[None], space)[0]
        after = lab_from(np.clip(_painted(codes[None], transforms, space), 0, 1), space)[0]
        chroma = [np.hypot(each[:, 1], each[:, 2]) for each in (before, after)]
        turn = np.degrees(np.arctan2(after[:, 2], after[:, 1]) - np.arctan2(before[:, 2], before[:, 1]))
        turn = (turn + 180) % 360 - 180
        sure = chroma[1] > 5
        delta = float(delta_e_2000(before, after).mean())
        moves.append(
            HueMove(
                name,
                round(delta, 2),
                round(float(np.median(turn[sure])), 1) + 0.0 if sure.any() else 0.0,
                round(float(chroma[1].sum() / chroma[0].sum()), 2),
            )
        )
    return tuple(sorted(moves, key=lambda each: -each.delta_e))


def _of_hue(number: int) -> Float32:
    """HSV colors of a twelfth of the circle."""
    hue = (number + np.array([-0.3, 0.0, 0.3])) / 12
    h, s, v = (
        each.ravel() for each in np.meshgrid(hue % 1, [0.25, 0.5, 0.85], [0.2, 0.4, 0.6, 0.8, 0.95], indexing="ij")
    )
    k = (np.array([5.0, 3.0, 1.0])[None, :] + 6 * h[:, None]) % 6
    return np.asarray(v[:, None] * (1 - s[:, None] * np.clip(np.minimum(k, 4 - k), 0, 1)), np.float32)
