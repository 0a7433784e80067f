"""What the checks of a matte's shape share: they read one measure and point at its places."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from safelight.core.check import Check, Evidence, Findings, Measure, Subject, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image
    from safelight.pixels.measure.matte_shape import MatteFaults


def measure_shape(check: Check, subject: Subject, names: Mapping[str, str]) -> Findings:
    """Take the measures `names` (each with its words for people) of a subject's matte.

    Without a matte the subject is what differs from the picture's border; where nothing does, there is no measure.
    """
    units = {each.name: each.unit for each in check.specs}
    alpha = subject.alpha if subject.alpha is not None else _off_background(subject.image)
    if not bool((alpha > 0.5).any()):
        why = "no subject stands out from the background" if subject.alpha is None else "the matte holds no subject"
        return Findings(tuple(Measure(name, None, units[name], why) for name in names))
    found = _faults(alpha, subject)
    measures = tuple(Measure(name, float(getattr(found, name)), units[name]) for name in names)
    evidence: list[Evidence] = []
    for judged in judge(check, Findings(measures)).judged:
        name, value = judged.measure.name, judged.measure.value
        if judged.word != "pass" and value is not None:
            evidence += _places(name, value, units[name], names[name], getattr(found, f"{name}_map"))
    return Findings(measures, tuple(evidence))


# Three checks read one matte, one after the other: what was measured last, and of which array.
_last: list[tuple[weakref.ref[Any], weakref.ref[Image] | None, MatteFaults]] = []


def _off_background(image: Image) -> NDArray[np.float32]:
    """Where a picture without a matte is other than its border, at 1000 px: a stand-in that knows no soft edge."""
    import numpy as np

    from safelight.pixels.color.spaces import Pixels, to_float

    stride = max(1, max(image.size) // 1000)
    code = to_float(cast(Pixels, np.ascontiguousarray(image.pixels[::stride, ::stride, :3])))
    rim = np.concatenate([code[0], code[-1], code[:, 0], code[:, -1]])
    return np.asarray(np.abs(code - np.median(rim, axis=0)).max(axis=-1) > 0.04, np.float32)


def _faults(alpha: NDArray[np.float32], subject: Subject) -> MatteFaults:
    import numpy as np

    from safelight.pixels.color.spaces import Pixels, to_float
    from safelight.pixels.measure.matte_shape import measure_matte_shape

    original = subject.original
    if _last and _last[0][0]() is alpha and (_last[0][1]() if _last[0][1] else None) is original:
        return _last[0][2]
    code = None
    if original is not None and not original.space.startswith("linear"):
        stride = max(1, max(alpha.shape) // 1000)
        code = to_float(cast(Pixels, np.ascontiguousarray(original.pixels[::stride, ::stride, :3])))
    _last[:] = [(weakref.ref(alpha), weakref.ref(original) if original else None, measure_matte_shape(alpha, code))]
    return _last[0][2]


def _places(name: str, value: float, unit: str, words: str, bad: NDArray[np.uint8]) -> list[Evidence]:
    from safelight.pixels.measure.places import find_places, heat_of

    heat = heat_of(bad)
    text = f"{words}: {value:.2g} {unit}"
    return [Evidence(name, place.box, value, heat, text) for place in find_places(bad, at_most=3)]
