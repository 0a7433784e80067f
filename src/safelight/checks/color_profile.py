"""Find delivered files that do not say, or say wrongly, what their colors mean."""

from __future__ import annotations

import re

from safelight.core.check import Check, Findings, Measure, MeasureSpec, Subject

# What profiles of these spaces call themselves: in their description, in EXIF, in our own names.
_ALIASES = {
    "srgb": ("srgb",),
    "display_p3": ("displayp3", "p3d65", "dcip3"),
    "adobe_rgb": ("adobergb", "adobe1998", "compatiblewithadobergb", "opltd", "clayrgb"),
    "prophoto_rgb": ("prophoto", "rommrgb", "romm"),
    "linear_rec2020": ("linearrec2020", "linearbt2020"),
}


def measure(subject: Subject) -> Findings:
    """Measure whether a profile is embedded, is the expected one and fits the pixels; 1 is yes, 0 is no.

    ``expected["profile"]`` is a space's name, ``"srgb"`` by default; ``expected["bits"]`` is 8 by default.
    There is no place to point at: each finding says itself in words.
    """
    file = subject.file
    if file is None:
        why = "these pixels do not come from a file"
        return Findings(tuple(Measure(spec.name, None, spec.unit, why) for spec in check.specs))
    asked, has = str(subject.expected.get("profile", "srgb")), file.profile or "none"
    bits = int(subject.expected.get("bits", 8))
    named = space_of(has)
    fits = named == subject.image.space or (named == "" and has == subject.image.space)
    return Findings(
        (
            _claim("embedded", file.profile_embedded, "no profile is embedded"),
            _claim("expected", named == space_of(asked) != "" or has == asked, f"{has}, asked for {asked}"),
            _claim("fits_pixels", fits, f"the profile says {has}, the pixels were read as {subject.image.space}"),
            _claim("rgb", file.channels in (3, 4), f"{file.channels} channels, asked for RGB"),
            _claim("bits", file.bits == bits, f"{file.bits} bits a channel, asked for {bits}"),
        )
    )


def space_of(profile: str) -> str:
    """Return the space that a profile's description names, or "".

    Examples
    --------
    >>> space_of("sRGB IEC61966-2.1"), space_of("Adobe RGB (1998)"), space_of("Dot Gain 20%")
    ('srgb', 'adobe_rgb', '')
    """
    plain = re.sub(r"[^a-z0-9]", "", profile.lower())
    linear = plain.startswith("linear")
    for space, aliases in _ALIASES.items():
        if any(alias in plain for alias in aliases) and linear == space.startswith("linear"):
            return space
    return ""


def _claim(name: str, holds: bool, otherwise: str) -> Measure:  # noqa: FBT001 - a claim and what to say if it is false
    return Measure(name, float(holds), "", "" if holds else otherwise)


def _yes(name: str, meaning: str, *, must: bool = True) -> MeasureSpec:
    return MeasureSpec(name, "", meaning, "at_least", None if must else 1.0, 1.0 if must else None)


check = Check(
    name="color_profile",
    version=1,
    purpose="Finds files whose colors would be shown wrongly: no profile, another one, not RGB.",
    specs=(
        _yes("embedded", "a color profile is embedded"),
        _yes("expected", "it is the one asked for"),
        _yes("fits_pixels", "it is the space the pixels are in"),
        _yes("rgb", "the pixels are RGB"),
        _yes("bits", "bits a channel are as asked for", must=False),
    ),
    measure=measure,
    reads="delivered",
)
