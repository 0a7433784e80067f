"""In which color space a file's numbers are: kept when known, else converted once."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.edit import Reason
from safelight.media.icc import read_profile

# (primaries, transfer) of ITU-T H.273 as PNG's cICP and AVIF's nclx carry them; 2 is "unspecified".
_CODED = {
    (1, 13): "srgb",
    (1, 1): "srgb",
    (1, 2): "srgb",
    (2, 2): "srgb",
    (1, 6): "srgb",
    (5, 6): "srgb",
    (6, 6): "srgb",
    (12, 13): "display_p3",
    (1, 8): "linear_srgb",
    (9, 8): "linear_rec2020",
}


@dataclass(frozen=True)
class Coloring:
    """How to take a file's numbers.

    `space` is what the pixels will be in; `convert_from` is the profile to convert from once, b"" for the
    built-in CMYK profile, or None where the numbers are kept.
    """

    space: str
    label: str
    embedded: bool
    convert_from: bytes | None = None
    reasons: tuple[Reason, ...] = ()


def coloring_of(
    model: str,
    profile: bytes | None,
    *,
    coded: tuple[int, int] | None = None,
    claims_adobe_rgb: bool = False,
    says_srgb: bool = False,
) -> Coloring:
    """Decide in which space a file's numbers are.

    Parameters
    ----------
    model : {"rgb", "gray", "cmyk", "lab"}
        What the channels are.
    profile : bytes or None
        The embedded ICC profile; b"" if there was one that could not be put together.
    coded : (int, int), optional
        Primaries and transfer function by their H.273 numbers.
    claims_adobe_rgb, says_srgb : bool
        What EXIF (DCF) or PNG's sRGB chunk claim.
    """
    if model == "lab":
        return Coloring("linear_rec2020", "CIE Lab D50", embedded=profile is not None, convert_from=b"")
    found = read_profile(profile) if profile else None
    wanted = {"rgb": "RGB", "gray": "GRAY", "cmyk": "CMYK"}[model]
    if found is not None and found.model == wanted:
        if found.space:
            return Coloring(found.space, found.space, embedded=True)
        return Coloring("linear_rec2020", found.title, embedded=True, convert_from=profile)
    if model == "cmyk":
        return _plain_cmyk(profile is not None)
    if profile is not None:
        said = f"is for {found.model}" if found else "is damaged"
        text = f"the color profile in the file {said}; its numbers are taken as sRGB"
        return Coloring("srgb", "srgb", embedded=False, reasons=(Reason("broken_profile", text, doubt=True),))
    return _unprofiled(coded, claims_adobe_rgb=claims_adobe_rgb, says_srgb=says_srgb)


def _plain_cmyk(broken: bool) -> Coloring:  # noqa: FBT001 - private
    code = "broken_profile" if broken else "no_profile"
    text = "no usable color profile in this CMYK file; a general offset press is assumed"
    return Coloring("linear_rec2020", "", embedded=False, convert_from=b"", reasons=(Reason(code, text, doubt=True),))


def _unprofiled(coded: tuple[int, int] | None, *, claims_adobe_rgb: bool, says_srgb: bool) -> Coloring:
    if coded is not None:
        space = _CODED.get(coded, "")
        if space:
            return Coloring(space, space, embedded=True)
        text = f"color is coded as primaries {coded[0]}, transfer {coded[1]}, which is not read; taken as sRGB"
        reason = Reason("unknown_color_code", text, {"primaries": coded[0], "transfer": coded[1]}, doubt=True)
        return Coloring("srgb", "srgb", embedded=False, reasons=(reason,))
    if claims_adobe_rgb:
        text = "no color profile in the file; its EXIF claims Adobe RGB, and it is taken so"
        return Coloring("adobe_rgb", "adobe_rgb", embedded=False, reasons=(Reason("exif_adobe_rgb", text),))
    if says_srgb:
        return Coloring("srgb", "srgb", embedded=True)
    text = "no color profile in the file; its numbers are taken as sRGB"
    return Coloring("srgb", "srgb", embedded=False, reasons=(Reason("no_profile", text),))
