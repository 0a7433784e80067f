"""What speaks against a frame, by what intake measured and the guide's sensitivities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from safelight.pixels.measure.eyes import main_face
from safelight.runs.frame_faults import Fault, blank_faults, eye_faults, framing_faults, strictness
from safelight.workflows.guide import Culling

WHITE_STOPS = 2.474  # log2(1 / 0.18): how far white lies above middle gray
LEAST_LONG_SIDE_PX = 500  # what the largest marketplaces refuse to take
RAW_RESERVE_STOPS = 1.5  # a RAW keeps its highlights below clipping, and can be lifted that much more
MODEST_LONG_SIDE_PX = 1000  # what they need for zoom

Intake = Mapping[str, Any]


def find_faults(found: Intake, culling: Culling, category: str = "unknown") -> Iterator[Fault]:
    """Yield what speaks against a frame, by the guide's sensitivities (0 off, 0.5 usual, 1 strict)."""
    yield from _size_faults(found)
    people = found["facts"].get("people", {}).get("facts", {})
    yield from _blur_faults(found["facts"]["focus"]["facts"], culling.blur, main_face(people))
    metering = found["facts"]["metering"]["facts"]
    yield from _under_faults(metering, culling.underexposed, RAW_RESERVE_STOPS if found["scene_referred"] else 0.0)
    yield from _over_faults(metering, culling.overexposed)
    facts = {name: each["facts"] for name, each in found["facts"].items()}
    yield from blank_faults(facts.get("slate", {}))
    yield from framing_faults(facts.get("framing", {}), culling.touches_frame, category)
    yield from eye_faults(facts.get("people", {}), culling.closed_eyes)


def _size_faults(found: Intake) -> Iterator[Fault]:
    side = max(found["width"], found["height"])
    size = f"{found['width']} x {found['height']} px"
    if side < LEAST_LONG_SIDE_PX:
        yield Fault("too_small", f"{size} is below the {LEAST_LONG_SIDE_PX} px that channels take", sure=True)
    elif side < MODEST_LONG_SIDE_PX:
        yield Fault("small", f"{size} is below the {MODEST_LONG_SIDE_PX} px that a zoom needs", sure=False)


def _blur_faults(
    focus: Mapping[str, Any], sensitivity: float, face: Mapping[str, Any] | None = None
) -> Iterator[Fault]:
    """Where it is of a face, its nearest eye is what has to be sharp, whatever lies before or behind it.

    Movement is told by the whole frame: edges along it stay sharp, in an eye too.
    """
    blur = focus.get("blur_px")
    if sensitivity <= 0:
        return
    if face is not None and focus.get("kind") in ("sharp", "defocus"):
        yield from _eye_faults(face["eye_blur_px"], focus, 1.2 * strictness(sensitivity))
        return
    if focus.get("kind") == "cant_tell" or blur is None:
        yield Fault("focus_unknown", "too few clear edges to tell whether it is sharp", sure=False)
        return
    limit = 1.2 * strictness(sensitivity)
    if blur <= limit:
        return
    how = "moved" if focus.get("kind") == "motion" else "out of focus"
    direction = focus.get("direction_deg")
    toward = f" toward {direction:.0f} degrees" if how == "moved" and direction is not None else ""
    yield Fault("blur", f"{how}{toward}: blur {blur:.1f} px at 100 %, limit {limit:.1f} px", sure=blur > 1.3 * limit)


def _eye_faults(eye_px: float, focus: Mapping[str, Any], limit: float) -> Iterator[Fault]:
    blur = focus.get("blur_px")
    if eye_px > limit:
        elsewhere = "" if blur is None else f"; the sharpest places {blur:.1f} px"
        text = f"the nearest eye is out of focus: blur {eye_px:.1f} px at 100 %, limit {limit:.1f} px{elsewhere}"
        yield Fault("blur", text, sure=eye_px > 1.3 * limit and blur is not None and blur > limit)


def _under_faults(metering: Mapping[str, Any], sensitivity: float, reserve_stops: float) -> Iterator[Fault]:
    light = metering["percentiles_stops"].get("99")
    if sensitivity <= 0 or light is None:
        return
    under, limit = WHITE_STOPS - light, 1.8 * strictness(sensitivity) + reserve_stops
    if under > limit:
        text = f"the lightest hundredth lies {under:.1f} stops under white, limit {limit:.1f}"
        yield Fault("underexposed", text, sure=under > 1.35 * limit)


def _over_faults(metering: Mapping[str, Any], sensitivity: float) -> Iterator[Fault]:
    share, limit = metering["subject_clipped_all"], 0.15 * strictness(sensitivity)
    if sensitivity > 0 and share > limit:
        text = f"{share:.0%} of the subject is clipped to white, limit {limit:.0%}"
        yield Fault("overexposed", text, sure=share > 2.5 * limit)
    # Color that has lost a channel is lost light too, but a saturated garment may lose one when exposed right.
    colored, most = metering.get("subject_clipped", 0.0) - share, 0.3 * strictness(sensitivity)
    if sensitivity > 0 and share <= limit and colored > most:
        text = f"{colored:.0%} of the subject has lost a channel to clipping, limit {most:.0%}"
        yield Fault("overexposed", text, sure=False)
        return
    # Before white paper only what should not be white tells; a garment of pale orange looks the same, so none is sure.
    lost, limit = metering.get("pale_clipped", 0.0), 0.02 * strictness(sensitivity)
    if sensitivity > 0 and share <= 0.15 * strictness(sensitivity) and lost > limit and _on_white(metering):
        text = f"{lost:.1%} of skin, wood or cream has lost its red to clipping, limit {limit:.1%}"
        yield Fault("overexposed", text, sure=False)


def _on_white(metering: Mapping[str, Any]) -> bool:
    backdrop = metering.get("backdrop", {})
    return bool(backdrop.get("found")) and min(backdrop.get("clipped", (0.0,))) > 0.5
