"""Look at a delivered file as platforms show it: cropped to tiles, enlarged, and squeezed for a phone (R159)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Width to height: a result's tile, a feed's portrait, a shared link's card.
CROPS = {"square_loss": 1.0, "portrait_loss": 4 / 5, "card_loss": 1.91}
_PHONE_PX, _PHONE_QUALITY = 640, 60
_VIEW_PX = 500  # of a picture beside its text; zoom enlarges that
_RING_PX = 16  # at phone size: JPEG's blocks with 4:2:0 have 16 px, and ring that far
_SEEN = 2.0  # ΔE00 that is seen side by side
_SAMPLES = 40_000


def measure(subject: Subject) -> Findings:
    """Measure what centered crops cut off the subject, how far it can be enlarged, and what a phone's copy does to it.

    The phone's copy has 640 px on its longest side, JPEG quality 60, 4:2:0. Without a subject (no matte, no even
    backdrop) crops cannot be judged.
    """
    import cv2
    import numpy as np

    from safelight.pixels.measure.region import find_subject, reduce_to, to_levels

    image = subject.image
    levels = to_levels(reduce_to(image.pixels, _PHONE_PX), image.space)[..., :3]
    alpha = None
    if subject.alpha is not None:
        alpha = cv2.resize(subject.alpha, (levels.shape[1], levels.shape[0]), interpolation=cv2.INTER_AREA)
    region = find_subject(levels, "srgb", None if alpha is None else np.asarray(alpha, np.float32))
    longest = float(max(image.size))
    phone = _phone(levels)
    if region.source == "frame":
        why = "no matte is known and the backdrop is not even: no subject found"
        losses = [Measure(name, None, "%", why) for name in CROPS]
        boxes: dict[str, tuple[float, float, float, float]] = {}
    else:
        losses = [Measure(name, _loss(region.mask, aspect), "%") for name, aspect in CROPS.items()]
        boxes = {name: _lost_box(region.mask, aspect) for name, aspect in CROPS.items()}
    measures = [*losses, Measure("zoom", longest / _VIEW_PX, "times"), *_on_phone(levels, phone, region)]
    return Findings(tuple(measures), _evidence(measures, boxes))


def _kept(shape: tuple[int, ...], aspect: float) -> tuple[int, int, int, int]:
    """Return x0, y0, x1, y1 of the largest centered crop."""
    height, width = shape[:2]
    wide, high = min(width, round(height * aspect)), min(height, round(width / aspect))
    x0, y0 = (width - wide) // 2, (height - high) // 2
    return x0, y0, x0 + wide, y0 + high


def _loss(mask: NDArray[np.uint8], aspect: float) -> float:
    import cv2

    x0, y0, x1, y1 = _kept(mask.shape, aspect)
    whole = cv2.countNonZero(mask)
    return 100.0 * (1 - cv2.countNonZero(mask[y0:y1, x0:x1]) / whole) if whole else 0.0


def _lost_box(mask: NDArray[np.uint8], aspect: float) -> tuple[float, float, float, float]:
    """Return the strip that a crop cuts off, where the subject reaches into it; the whole frame where none."""
    height, width = mask.shape
    x0, y0, x1, y1 = _kept(mask.shape, aspect)
    strips = ((0, 0, x0, height), (x1, 0, width, height), (0, 0, width, y0), (0, y1, width, height))
    worst = max(strips, key=lambda each: int(mask[each[1] : each[3], each[0] : each[2]].astype(bool).sum()))
    return worst[0] / width, worst[1] / height, worst[2] / width, worst[3] / height


def _phone(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    words = [cv2.IMWRITE_JPEG_QUALITY, _PHONE_QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR]
    words.append(cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420)
    data = cv2.imencode(".jpg", np.ascontiguousarray(levels[..., ::-1]), words)[1]
    back = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(back[..., ::-1])


def _on_phone(levels: NDArray[np.uint8], phone: NDArray[np.uint8], region: Any) -> list[Measure]:  # noqa: ANN401
    """Measure the subject's change, and how much of the even background got visible dirt."""
    import cv2
    import numpy as np

    # A mean over tens of thousands of pixels needs no more of them.
    inside = np.flatnonzero(region.mask)
    inside = inside[:: max(1, len(inside) // _SAMPLES)]
    mean = float(_differences(levels, phone, inside).mean()) if len(inside) else None
    measures = [Measure("phone_difference", mean, "ΔE00")]
    if region.source == "frame":
        return measures
    size = 2 * _RING_PX + 1
    far = cv2.dilate(region.mask, np.ones((size, size), np.uint8)) == 0
    if far.any():
        changed = np.flatnonzero(far & (levels != phone).any(axis=2))
        dirty = int((_differences(levels, phone, changed) > _SEEN).sum())
        measures.append(Measure("phone_dirt", 100.0 * dirty / int(far.sum()), "%"))
    return measures


def _differences(one: NDArray[np.uint8], other: NDArray[np.uint8], where: NDArray[np.intp]) -> NDArray[np.float32]:
    """ΔE00 of the pixels at `where`, counted row by row."""
    import numpy as np

    from safelight.pixels.color.difference import delta_e_2000, lab_from

    labs = [lab_from(each.reshape(-1, 3)[where].astype(np.float32) / np.float32(255), "srgb") for each in (one, other)]
    return np.asarray(delta_e_2000(*labs), np.float32)


def _evidence(measures: list[Measure], boxes: dict[str, tuple[float, float, float, float]]) -> tuple[Evidence, ...]:
    shown = []
    for each in judge(check, Findings(tuple(measures))).judged:
        box = boxes.get(each.measure.name)
        if each.word == "pass" or each.measure.value is None or box is None or box[2] <= box[0] or box[3] <= box[1]:
            continue
        text = f"{each.measure.value:.1f} % of the subject is outside of the {each.measure.name.split('_')[0]} crop"
        shown.append(Evidence(each.measure.name, box, each.measure.value, text=text))
    return tuple(shown)


check = Check(
    name="platform_views",
    version=1,
    purpose="Finds files that look whole in the folder and lose something in a tile, under zoom or on a phone.",
    specs=(
        MeasureSpec("square_loss", "%", "of the subject outside of a centered square", "at_most", 0.5, None),
        MeasureSpec("portrait_loss", "%", "of the subject outside of a centered 4:5", "at_most", None, None),
        MeasureSpec("card_loss", "%", "of the subject outside of a centered 1.91:1", "at_most", None, None),
        MeasureSpec("zoom", "times", "a view of 500 px can be enlarged before pixels show", "at_least", 2.0, None),
        MeasureSpec("phone_difference", "ΔE00", "mean change of the subject in a phone's copy", "at_most", 3.0, None),
        MeasureSpec("phone_dirt", "%", "of the background that gets visibly dirty there", "at_most", 0.1, None),
    ),
    measure=measure,
    reads="delivered",
)
