"""Metering: levels in stops, clipping, backdrop and neutral estimates, as facts for the steps that correct."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image
    from safelight.pixels.measure.light import Backdrop


PARAMS = ParamSet(
    "metering",
    Param(
        "illuminants",
        default=True,
        meaning="whether the color of the light is estimated from all of the picture too: white balance needs it",
    ),
    Param(
        "cast_shadow",
        default=False,
        meaning="whether it is measured too where the subject's shadow falls: asked where shadows are laid on a group",
    ),
)


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Measure the light of one frame."""
    params = PARAMS.accept(dict(wanted), fill=True)
    facts = measure(picture, tools.reduced(), illuminants=bool(params["illuminants"]))
    if params["cast_shadow"]:
        from .cast_shadow import measure_cast_shadow

        facts["cast_shadow"] = measure_cast_shadow(picture)
    reasons = _reasons(facts)
    return Proposal(params, Confidence(_confidence(facts)), reasons, facts=facts)


def measure(picture: Picture, small: Image, *, illuminants: bool = True) -> dict[str, Any]:
    """Return the metering facts of `picture`, of whose file `small` is a small version; see the README for the keys.

    Without `illuminants` the light is read off the backdrop alone.
    """
    from safelight.pixels.measure import light, pale
    from safelight.pixels.measure.afar import from_afar
    from safelight.pixels.measure.ranked import inside, share_of

    space = small.space
    rgb, own, high, low, alpha = _reduced(picture, small)
    backdrop = from_afar(picture.image).backdrop if alpha is None else light.find_backdrop(rgb, alpha)
    subject = light.subject_mask(backdrop, alpha)
    luminance, any_high = from_afar(picture.image).luminance, light.any_channel(high)
    of_subject = inside(luminance, subject)
    return {
        "percentiles_stops": light.percentiles_stops_of_sorted(from_afar(picture.image).ranked),
        "clipped_high": _shares(high),
        "clipped_low": _shares(low),
        "clipped_high_any": round(share_of(any_high), 4),
        "clipped_low_all": round(share_of(light.all_channels(low)), 4),
        "subject_percentiles_stops": light.percentiles_stops(of_subject),
        "subject_clipped": round(_share_within(any_high, subject), 4),
        "subject_clipped_all": round(_share_within(light.all_channels(high), subject), 4),
        "pale_clipped": round(pale.pale_clipped_share(own, high), 4),
        "subject_share": round(share_of(subject), 4),
        "backdrop": _backdrop_facts(backdrop, rgb, high, of_subject),
        "scene_referred": picture.scene_referred,
    } | (_light_facts if illuminants else _paper_facts)(own, high, low, backdrop, subject, space)


def _reduced(picture: Picture, small: Image) -> tuple[Any, Any, Any, Any, Any]:
    """The picture from afar in linear Rec.2020 and in linear light of its own primaries, its clipping, its matte."""
    import cv2
    import numpy as np

    from safelight.pixels.color.spaces import matrix_between
    from safelight.pixels.measure.afar import from_afar
    from safelight.pixels.measure.light import mostly

    rgb = from_afar(picture.image).rgb
    size = (rgb.shape[1], rgb.shape[0])
    own = np.asarray(cv2.transform(rgb, matrix_between("linear_rec2020", small.space)), np.float32).reshape(rgb.shape)
    # One clipped pixel in a block spoils its mean for the color of light, but counts as clipped only from a half on.
    high, low = (mostly(each, size) for each in _clipping(picture.image, small))
    alpha = None
    if picture.alpha is not None:
        alpha = cv2.resize(np.asarray(picture.alpha, np.float32), size, interpolation=cv2.INTER_AREA)
    return rgb, own, high, low, alpha


def _clipping(image: Image, small: Image) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where `image` is at the top and at the bottom, channel by channel; by 8-bit codes where `small` holds them."""
    import cv2
    import numpy as np

    from safelight.pixels.color.spaces import matrix_between
    from safelight.pixels.geometry.halve import halved_once
    from safelight.pixels.measure.afar import finite
    from safelight.pixels.measure.light import clipped_high, clipped_low

    if small.pixels.dtype == np.uint8 and not small.space.startswith("linear"):
        codes = halved_once(small, round(0.75 * max(image.size)))
        if codes.shape == image.pixels.shape:  # the very codes that the light was made from
            return np.asarray(codes >= 254), np.asarray(codes <= 1)
    near = cv2.transform(finite(image.pixels), matrix_between("linear_rec2020", small.space))
    own = np.asarray(near, np.float32).reshape(image.pixels.shape[0], -1, 3)
    return clipped_high(own, small.space), clipped_low(own, small.space)


def _shares(mask: NDArray[np.bool_], inside: NDArray[np.bool_] | None = None) -> list[float]:
    import cv2
    import numpy as np

    where = None if inside is None else inside.view(np.uint8)
    return [round(each, 4) for each in cv2.mean(mask.view(np.uint8), where)[:3]]


def _share_within(mask: NDArray[np.bool_], where: NDArray[np.bool_]) -> float:
    from safelight.pixels.measure.ranked import share_of

    return share_of(mask & where) / share_of(where)


def _backdrop_facts(
    backdrop: Backdrop, rgb: NDArray[np.float32], high: NDArray[np.bool_], subject: NDArray[np.float32]
) -> dict[str, Any]:
    from safelight.pixels.measure.light import channel_medians
    from safelight.pixels.measure.ranked import share_of

    if not backdrop.found:
        return {"found": False, "share": round(backdrop.share, 4), "rim_structure": _rounded(backdrop.rim_structure)}
    return {
        "found": True,
        "share": round(backdrop.share, 4),
        "border_share": round(backdrop.border_share, 4),
        "level": round(backdrop.level, 4),
        "uniformity_stops": round(backdrop.uniformity_stops, 3),
        "rgb": [round(float(each), 4) for each in channel_medians(rgb, backdrop.mask)],
        "clipped": _shares(high, backdrop.mask),
        # Share of the subject darker than the backdrop: near 1 before white paper, whatever the exposure.
        "lighter_than": round(share_of(subject <= backdrop.level * 1.02), 4),
        "rim_structure": _rounded(backdrop.rim_structure),
    }


def _rounded(share: float) -> float | None:
    import math

    return None if math.isnan(share) else round(share, 4)


def _paper_facts(
    own: NDArray[np.float32],
    high: NDArray[np.bool_],
    low: NDArray[np.bool_],
    backdrop: Backdrop,
    _subject: NDArray[np.bool_],
    space: str,
) -> dict[str, Any]:
    """The light as the backdrop shows it: its color, and how far that differs from place to place."""
    import numpy as np

    from safelight.pixels.color.spaces import matrix_between
    from safelight.pixels.measure import illuminant_map, neutral
    from safelight.pixels.measure.light import any_channel

    facts: dict[str, Any] = {"neutral_gains": {}, "backdrop_clipped_share": 0.0, "mixed_light_deg": None}
    if not backdrop.found:
        return facts
    seen, clipped_share = neutral.light_on_backdrop(own, high, backdrop.mask, _usual_lights(space))
    if seen is not None and (light := matrix_between(space, "linear_rec2020") @ seen).min() > 0.02:
        facts["neutral_gains"] = {"backdrop": [round(float(light[1] / c), 4) for c in light]}
    plain = np.asarray(backdrop.mask & ~any_channel(high) & ~any_channel(low))
    if clipped_share < 0.7 and illuminant_map.is_plain(own, plain):
        mixed = neutral.spread_of_light(own, plain)
        facts["mixed_light_deg"] = None if mixed is None else round(mixed, 2)
    return facts | {"backdrop_clipped_share": round(clipped_share, 4)}


def _light_facts(
    own: NDArray[np.float32],
    high: NDArray[np.bool_],
    low: NDArray[np.bool_],
    backdrop: Backdrop,
    subject: NDArray[np.bool_],
    space: str,
) -> dict[str, Any]:
    """Gains in linear Rec.2020 that would make each estimate of the light neutral, and how far these agree."""
    import itertools

    import numpy as np

    from safelight.pixels.color.spaces import matrix_between
    from safelight.pixels.measure import illuminant, illuminant_map, neutral
    from safelight.pixels.measure.light import any_channel

    usable: NDArray[np.bool_] = np.asarray(~any_channel(high) & ~any_channel(low))
    to_work = matrix_between(space, "linear_rec2020")
    seen, clipped_share = (
        neutral.light_on_backdrop(own, high, backdrop.mask, _usual_lights(space)) if backdrop.found else (None, 0.0)
    )
    lights = {
        "backdrop": seen,
        "shades_of_gray": neutral.shades_of_gray(own, usable & subject),
        "gray_edge": neutral.gray_edge(own, usable),
    }
    known = {name: to_work @ each for name, each in lights.items() if each is not None}
    known = {name: each for name, each in known.items() if each.min() > 0.02}
    angles = [neutral.angle_deg(a, b) for a, b in itertools.combinations(known.values(), 2)]
    more = {name: to_work @ each for name, each in illuminant.estimate_illuminants(own, usable).items()}
    gains = known | {name: each for name, each in more.items() if each.min() > 0.02}
    paper = backdrop.found and clipped_share < 0.7
    paper = paper and illuminant_map.is_plain(own, backdrop.mask & usable)
    mixed = neutral.spread_of_light(own, backdrop.mask & usable) if paper else None
    spread = neutral.spread_of_light(own, usable & _is_near_gray(own, known))
    drift = illuminant_map.find_light_field(own, usable)
    return {
        "neutral_gains": {name: [round(float(each[1] / c), 4) for c in each] for name, each in gains.items()},
        "neutral_agreement_deg": round(max(angles), 2) if angles else None,
        "backdrop_clipped_share": round(clipped_share, 4),
        "mixed_light_deg": None if mixed is None else round(mixed, 2),
        "near_gray_spread_deg": None if spread is None else round(spread, 2),
        "light_drift_deg": None if drift is None else round(drift.sure_deg, 2),
    }


@cache
def _usual_lights(space: str) -> NDArray[np.float64]:
    """Colors that light usually has in the primaries of a space, green = 1, (120, 3)."""
    import numpy as np

    from safelight.pixels.color.spaces import matrix_between
    from safelight.pixels.measure.neutral import white_of_temperature

    from_work = matrix_between("linear_rec2020", space)
    usual = np.array([from_work @ white_of_temperature(kelvin) for kelvin in np.geomspace(2200, 15000, 120)])
    return np.asarray(usual / usual[:, 1:2])


def _is_near_gray(own: NDArray[np.float32], known: Mapping[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Where color is within 0.6 stops of the estimated light: as far as lamps differ, nearer than most paint."""
    import numpy as np

    light = np.mean([each / each[1] for each in known.values()], axis=0) if known else np.ones(3)
    red, green, blue = (np.maximum(own[..., each], np.float32(1e-4)) / np.float32(light[each]) for each in range(3))
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return np.asarray(most < least * np.float32(2.0**0.6))


def _confidence(facts: Mapping[str, Any]) -> float:
    """Levels are counted, not guessed; what can be wrong is what the light was."""
    if not facts["percentiles_stops"]:
        return 0.4
    spread = facts["mixed_light_deg"] or 0.0
    if "neutral_agreement_deg" not in facts:
        return round(max(0.4, 0.95 - 0.03 * spread), 3)
    if not facts["neutral_gains"]:
        return 0.4
    return round(max(0.4, 0.98 - 0.02 * (facts["neutral_agreement_deg"] or 8.0) - 0.03 * spread), 3)


def _reasons(facts: Mapping[str, Any]) -> tuple[Reason, ...]:
    middle = facts["percentiles_stops"].get("50", 0.0)
    found = [Reason("median", f"the median lies {middle:+.2f} stops from middle gray", {"stops": middle})]
    backdrop = facts["backdrop"]
    if backdrop["found"]:
        text = f"a backdrop over {backdrop['share']:.0%} of the frame at {backdrop['level']:.2f} of white"
        found.append(Reason("backdrop", text, {"share": backdrop["share"], "level": backdrop["level"]}))
    clipped = facts["subject_clipped"]
    if clipped > 0.01:
        text = f"{clipped:.1%} of the subject is clipped in a channel"
        found.append(Reason("subject_clipped", text, {"share": clipped}, doubt=True))
    spread = facts["mixed_light_deg"]
    if spread is not None and spread > 4.0:
        text = f"the color of the light differs by {spread:.1f} degrees over the backdrop: mixed light"
        found.append(Reason("mixed_light", text, {"angle_deg": spread}, doubt=True))
    return tuple(found)


step = Step(
    name="metering",
    version=5,  # 5: structure along the rim
    stage=Stage.FACTS,
    kind="facts",
    scale="free",
    reads="original",
    params=PARAMS,
    purpose="Measure how much light a frame got, what clipped, and what color the light had.",
    automation="Fully automatic; it changes nothing and people see its numbers beside the picture.",
    task="culling",
    propose=_propose,
)
