"""What intake measured on a frame, in the names, units and sentences that a person at the light table reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# (step, where in its facts, what people call it, unit)
_NAMES: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("focus", ("blur_px",), "blur", "px"),
    ("focus", ("motion_px",), "motion", "px"),
    ("framing", ("tilt_deg",), "tilt", "deg"),
    ("framing", ("subject_share",), "subject of the frame", ""),
    ("metering", ("percentiles_stops", "50"), "median to middle gray", "stops"),
    ("metering", ("backdrop", "level"), "backdrop of white", ""),
    ("metering", ("mixed_light_deg",), "mixed light", "deg"),
    ("metering", ("subject_clipped",), "clipped on the subject", ""),
)


def frame_lines(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the measures, sentences and faces of a frame as JSON data.

    Parameters
    ----------
    facts : mapping of step to {"facts", "reasons", "confidence"}
        As intake keeps them; what is not there is left out.

    Examples
    --------
    >>> frame_lines({"focus": {"facts": {"blur_px": 0.6}, "reasons": [{"text": "sharp"}]}})["measures"]
    [{'name': 'blur', 'value': 0.6, 'unit': 'px'}]
    """
    measures = []
    for step, path, name, unit in _NAMES:
        value: Any = facts.get(step, {}).get("facts", {})
        for each in path:
            value = value.get(each) if isinstance(value, Mapping) else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            measures.append({"name": name, "value": float(value), "unit": unit})
    people = facts.get("people", {}).get("facts", {}).get("faces") or ()
    return {
        "measures": measures + _eyes(people),
        "intake": [reason["text"] for step in facts.values() for reason in step.get("reasons", ())],
        "faces": [
            {"box": list(each["box"]), "eyes": each.get("state", "cant_tell"), "blur_px": each.get("eye_blur_px")}
            for each in people
        ],
    }


def _eyes(people: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON data
    """The least open eye and the blurriest near eye of a frame, where they were judged."""
    openness = [eye["openness"] for each in people for eye in each.get("eyes", ()) if eye.get("openness") is not None]
    blur = [each["eye_blur_px"] for each in people if each.get("eye_blur_px") is not None]
    found = [{"name": "least open eye", "value": float(min(openness)), "unit": ""}] if openness else []
    return found + ([{"name": "blur at the eye", "value": float(max(blur)), "unit": "px"}] if blur else [])
