"""Hold the subject's color against a reference outside the edit: a swatch, chart patches, an approved hero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge
from safelight.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.pixels.measure.color_region import Colors

LEAST_SHARE = 0.1  # of the subject that a color must cover to speak for it
_BLOWN_L, _BLOWN_C = 99.0, 3.0  # light that fills every channel: what it was a cast of cannot be seen in it
_SAME_ARTICLE = 10.0  # ΔE00 to the reference within which another color may be the same cloth
_WHY = "color not measured: neither a swatch nor chart patches nor an approved hero is known for it"


def measure(subject: Subject) -> Findings:
    """Measure ΔE00 between the subject's color and ``expected["reference_lab"]``, or that of chart patches in view.

    ``expected["reference_lab"]`` is (L, a, b) under D50, of the product's swatch or its approved hero, said in
    ``expected["reference"]``. ``expected["reference_patches"]`` is a sequence of
    ``{"name", "box": (x0, y0, x1, y1) in 0..1 of this picture, "lab"}``; ``expected["chart_patches"]`` are patches of a
    chart that stood in this picture's light, ``{"name", "light": linear Rec.2020 after its corrections, "lab"}``.
    ``expected["reference_surroundings"]`` is what an approved picture of the article shows around it:
    ``{"backdrop": Lab, "skin": Lab}``; each is compared where this picture shows it too.
    Without any of them nothing is measured, and the verdict is ``warn``: a look that was kept is no proof of a color.

    Raises
    ------
    ParameterError
        If a reference is not three numbers.
    """
    wanted = subject.expected.get("reference_lab")
    patches = subject.expected.get("reference_patches") or ()
    chart = subject.expected.get("chart_patches") or ()
    if wanted is None and not patches and not chart:
        unproven = subject.expected.get("unproven")
        why = _WHY if unproven is None else f"color not measured: {unproven}"
        return Findings((Measure("delta_e", None, "ΔE00", why),))
    measures: list[Measure] = []
    shown: tuple[Evidence, ...] = ()
    if wanted is not None:
        measures, shown = _against_swatch(subject, _lab(wanted))
        measures += _against_surroundings(subject)
    if patches:
        more, marked = _against_patches(subject, patches)
        measures, shown = [*measures, *more], (*shown, *marked)
    if chart and wanted is None and not patches:
        measures = _against_chart(subject, chart)
    return Findings(tuple(measures), shown)


def _lab(value: Any) -> NDArray[np.float64]:  # noqa: ANN401 - whatever a guide wrote
    import numpy as np

    try:
        lab = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        lab = np.empty(0)
    if lab.shape != (3,) or not np.isfinite(lab).all() or not 0 <= lab[0] <= 100:
        raise ParameterError(f"a reference color is {value!r}; it takes three numbers: L 0 to 100, a, b (D50)")
    return lab


def _against_swatch(subject: Subject, reference: NDArray[np.float64]) -> tuple[list[Measure], tuple[Evidence, ...]]:
    import numpy as np

    from safelight.pixels.color.difference import delta_e_76, delta_e_2000
    from safelight.pixels.measure.color_region import color_lit_like, find_colors
    from safelight.pixels.measure.region import find_subject

    image = subject.image
    region = find_subject(image.pixels, image.space, subject.alpha)
    colors = find_colors(image.pixels, image.space, region.mask, LEAST_SHARE)
    if not colors.regions:
        why = f"color not measured: no color covers {LEAST_SHARE:.0%} of the subject"
        return [Measure("delta_e", None, "ΔE00", why)], ()
    lit = [color_lit_like(colors, each, float(reference[0]), LEAST_SHARE) for each in colors.regions]
    at = _speaker([each.lab for each in colors.regions], [float(delta_e_2000(lab, reference)) for lab, _ in lit])
    found, (lab, where) = colors.regions[at], lit[at]
    chroma = np.hypot(lab[1], lab[2]) - np.hypot(reference[1], reference[2])
    measures = [
        Measure("delta_e", float(delta_e_2000(lab, reference)), "ΔE00"),
        Measure("delta_e_76", float(delta_e_76(lab, reference)), "ΔE*ab"),
        Measure("lightness", float(found.lab[0] - reference[0]), "L*"),
        Measure("chroma", float(chroma), "C*ab"),
        Measure("measured_share", 100 * found.share, "%"),
    ]
    name = str(subject.expected.get("reference", "reference"))
    return measures, _evidence(measures, colors, lab, where, reference, name)


def _speaker(labs: Sequence[NDArray[np.float64]], off: Sequence[float]) -> int:
    """Return the color that is held against the reference: the nearest, but no blown one where another shows it too.

    White that fills every channel stays white under any cast, so that of a blown white article half looks right.
    """
    nearest = min(range(len(off)), key=lambda each: off[each])
    if not _is_blown(labs[nearest]):
        return nearest
    others = [each for each in range(len(off)) if off[each] <= _SAME_ARTICLE and not _is_blown(labs[each])]
    return min(others, key=lambda each: off[each], default=nearest)


def _is_blown(lab: NDArray[np.float64]) -> bool:
    return bool(lab[0] >= _BLOWN_L and lab[1] ** 2 + lab[2] ** 2 < _BLOWN_C**2)


def _against_surroundings(subject: Subject) -> list[Measure]:
    """Backdrop and skin beside those of the approved picture; nothing where either does not show them."""
    wanted = subject.expected.get("reference_surroundings")
    if not wanted:
        return []
    from safelight.pixels.measure.region import find_subject
    from safelight.pixels.measure.surroundings import off_from, surroundings_of

    image = subject.image
    own = surroundings_of(image.pixels, image.space, find_subject(image.pixels, image.space, subject.alpha).mask)
    return [
        Measure(name, off_from(name, own[name], tuple(_lab(wanted[name]).tolist())), "ΔE00")
        for name in ("backdrop", "skin")
        if name in own and name in wanted
    ]


def _evidence(
    measures: list[Measure],
    colors: Colors,
    lab: NDArray[np.float64],
    where: NDArray[np.uint8],
    reference: NDArray[np.float64],
    name: str,
) -> tuple[Evidence, ...]:
    """Point at where the color was measured; the heat is its difference there."""
    import numpy as np

    from safelight.pixels.color.difference import delta_e_2000
    from safelight.pixels.measure.places import find_places, heat_of

    first = judge(check, Findings(tuple(measures))).judged[0]
    value = first.measure.value
    if first.word == "pass" or value is None:
        return ()
    off = np.where(where > 0, delta_e_2000(colors.lab, reference.astype(np.float32)), 0.0)
    heat = heat_of(np.clip(off * (255 / (4 * (first.limit or 3.0))), 0, 255).astype(np.uint8))
    said, wanted = (", ".join(f"{each:.1f}" for each in one) for one in (lab, reference))
    text = f"Lab {said}; the {name} is {wanted}: ΔE00 {value:.1f}"
    return tuple(Evidence("delta_e", place.box, value, heat, text) for place in find_places(where, at_most=1))


def _against_patches(subject: Subject, patches: Sequence[Any]) -> tuple[list[Measure], tuple[Evidence, ...]]:
    import numpy as np

    from safelight.pixels.color.difference import delta_e_76, delta_e_2000, lab_from
    from safelight.pixels.color.spaces import to_float

    image = subject.image
    off, off_76, boxes = [], [], []
    for each in patches:
        x0, y0, x1, y1 = (float(value) for value in each["box"])
        rows = slice(int(y0 * image.height), max(int(y0 * image.height) + 1, round(y1 * image.height)))
        columns = slice(int(x0 * image.width), max(int(x0 * image.width) + 1, round(x1 * image.width)))
        part: Any = np.ascontiguousarray(image.pixels[rows, columns, :3])
        if not part.size:
            continue
        seen = np.median(lab_from(to_float(part), image.space).reshape(-1, 3), axis=0).astype(np.float64)
        off.append(float(delta_e_2000(seen, _lab(each["lab"]))))
        off_76.append(float(delta_e_76(seen, _lab(each["lab"]))))
        boxes.append((each.get("name", "patch"), (max(0.0, x0), max(0.0, y0), min(1.0, x1), min(1.0, y1))))
    if not off:
        return [Measure("patches", None, "ΔE00", "color not measured: the chart's patches lie outside the picture")], ()
    measures = [
        Measure("patches", float(np.mean(off)), "ΔE00"),
        Measure("patches_76", float(np.mean(off_76)), "ΔE*ab"),
        Measure("worst_patch", max(off), "ΔE00"),
    ]
    words = [each.word for each in judge(check, Findings(tuple(measures))).judged]
    if all(each == "pass" for each in words):
        return measures, ()
    name, box = boxes[int(np.argmax(off))]
    return measures, (Evidence("worst_patch", box, max(off), text=f"patch {name} is {max(off):.1f} ΔE00 off"),)


def _against_chart(subject: Subject, patches: Sequence[Any]) -> list[Measure]:
    """Patches of a chart in the same light, each as light as its published color: brightness is another question."""
    import numpy as np

    from safelight.pixels.color.chart_reference import light_of_lab
    from safelight.pixels.color.difference import delta_e_76, delta_e_2000, lab_from
    from safelight.pixels.color.spaces import luminance

    wanted = np.array([_lab(each["lab"]) for each in patches])
    light = np.maximum(np.array([each["light"] for each in patches], np.float32), 0)
    level = luminance(np.asarray(light_of_lab(wanted), np.float32)) / np.maximum(luminance(light), np.float32(1e-6))
    seen = lab_from(np.ascontiguousarray((light * level[:, None])[None], np.float32), "linear_rec2020")[0]
    off = delta_e_2000(seen.astype(np.float64), wanted)
    off_76 = float(delta_e_76(seen.astype(np.float64), wanted).mean())
    worst = int(np.argmax(off))
    name = f"{subject.expected.get('reference', 'chart')}, before any look"
    return [
        Measure("patches", float(off.mean()), "ΔE00", f"{len(off)} patches of the {name}"),
        Measure("patches_76", off_76, "ΔE*ab", f"{len(off)} patches of the {name}"),
        Measure("worst_patch", float(off[worst]), "ΔE00", f"{patches[worst]['name']} of the {name}"),
    ]


check = Check(
    name="color_difference",
    version=4,
    purpose="Measures the product's color against a reference outside the edit: swatch, chart or approved hero.",
    specs=(
        MeasureSpec("delta_e", "ΔE00", "subject's color to the reference, CIEDE2000", "at_most", 2.0, 3.0),
        MeasureSpec("delta_e_76", "ΔE*ab", "the same by the formula of 1976", "at_most", None, None),
        MeasureSpec("lightness", "L*", "how much lighter (+) or darker most of that color is", "at_most", None, None),
        MeasureSpec("chroma", "C*ab", "more (+) or less colorful than the reference", "at_most", None, None),
        MeasureSpec("measured_share", "%", "of the subject that has the measured color", "at_least", None, None),
        MeasureSpec("backdrop", "ΔE00", "backdrop to the approved picture's, CIEDE2000", "at_most", 3.0, None),
        MeasureSpec("skin", "ΔE00", "skin to the approved picture's, as light, CIEDE2000", "at_most", 4.0, None),
        MeasureSpec("patches", "ΔE00", "mean over a chart in view or in its light, CIEDE2000", "at_most", 2.0, 3.0),
        MeasureSpec("patches_76", "ΔE*ab", "the same by the formula of 1976", "at_most", None, None),
        MeasureSpec("worst_patch", "ΔE00", "the worst of them, CIEDE2000", "at_most", 6.0, None),
    ),
    measure=measure,
    wants_patches=True,
)
