"""Background: one even color behind the cut-out subject, composited in linear output light."""

from __future__ import annotations

import re
from collections.abc import Mapping

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools
from safelight.errors import ParameterError

PARAMS = ParamSet(
    "background",
    Param("color", "#ffffff", "code values of the background, sRGB, as # and six hexadecimal digits", widget="color"),
)

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def light_of(color: str) -> tuple[float, float, float]:
    """Return a color written like ``#f5f5f5`` as linear light with sRGB primaries, 1.0 = white.

    Raises
    ------
    ParameterError
        If it is not # with three or six hexadecimal digits.

    Examples
    --------
    >>> light_of("#fff")
    (1.0, 1.0, 1.0)
    >>> round(light_of("#808080")[0], 3)
    0.216
    >>> light_of("white")
    Traceback (most recent call last):
    safelight.errors.ParameterError: background.color is 'white'; it takes # and six hexadecimal digits, like #ffffff
    """
    if not _HEX.fullmatch(color):
        raise ParameterError(f"background.color is {color!r}; it takes # and six hexadecimal digits, like #ffffff")
    digits = color[1:] if len(color) == 7 else "".join(each * 2 for each in color[1:])
    codes = (int(digits[place : place + 2], 16) / 255.0 for place in (0, 2, 4))
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in codes)
    return red, green, blue


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose the wanted color, white by default, and say where the subject would melt into it."""
    params = PARAMS.accept(dict(wanted), fill=True)
    light = light_of(str(params["color"]))
    if picture.alpha is None:
        text = "there is no matte, so nothing lies behind the subject yet; add step cutout before it"
        return Proposal(params, Confidence(0.1), (Reason("no_matte", text, doubt=True),))
    melting, soft, share = _rim(picture, light)
    values: dict[str, float | str] = {
        "color": str(params["color"]),
        "melting": round(melting, 3),
        "soft": round(soft, 3),
    }
    reasons = [Reason("background", f"{params['color']} behind {share:.0%} of the frame", values)]
    if melting > 0.1:
        text = f"{melting:.0%} of the subject's rim is within 5 L* of {params['color']}: its outline is lost there"
        reasons.append(Reason("melting_rim", text, values, doubt=True))
    if soft > 0.1:
        text = f"{soft:.0%} of the matte is neither subject nor background: hair, glass or doubt"
        reasons.append(Reason("soft_matte", text, values, doubt=True))
    if not 0.01 < share < 0.99:
        text = f"the subject takes {1 - share:.1%} of the frame"
        reasons.append(Reason("odd_matte", text, values, doubt=True))
    confidence = 0.97 - 0.5 * melting - min(0.5, 1.5 * soft) - (0.4 if not 0.01 < share < 0.99 else 0.0)
    return Proposal(params, Confidence(round(max(0.05, confidence), 3)), tuple(reasons))


def _rim(picture: Picture, light: tuple[float, float, float]) -> tuple[float, float, float]:
    """The share of the subject's rim as light as the background, of soft matte, and of background in the frame."""
    import cv2
    import numpy as np

    from safelight.pixels.color.difference import lab_from

    alpha = np.nan_to_num(np.asarray(picture.alpha, np.float32))
    solid = (alpha > 0.9).astype(np.uint8)
    rim = (solid > 0) & (cv2.erode(solid, np.ones((7, 7), np.uint8), borderValue=1) == 0)
    inside = float((alpha > 0.05).sum())
    soft = float(((alpha > 0.05) & (alpha < 0.95)).sum()) / max(1.0, inside)
    if not rim.any():
        return 0.0, soft, 1.0 - float(alpha.mean())
    colors = np.nan_to_num(picture.image.pixels[rim][:, :3])
    behind = lab_from(np.array([light], np.float32), "linear_srgb")[0, 0]
    apart = np.abs(lab_from(colors, "linear_rec2020")[:, 0] - behind)
    return float((apart < 5.0).mean()), soft, 1.0 - float(alpha.mean())


def _paint(params: Mapping[str, Value]) -> tuple[float, float, float]:
    """Return the background in linear output light."""
    return light_of(str(params["color"]))


step = Step(
    name="background",
    version=1,
    stage=Stage.COMPOSITE,
    kind="composite",
    scale="free",
    reads="upstream",
    params=PARAMS,
    purpose="Put one even color behind the cut-out subject, so that white is exactly white.",
    automation="Automatic once there is a matte; a person picks the color and sees where the outline would be lost.",
    task="background_removal",
    propose=_propose,
    paint=_paint,
)
