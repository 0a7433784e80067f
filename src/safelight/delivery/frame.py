"""Which part of a master a channel's picture shows, and how many pixels it gets: never more than the master has."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.errors import GateClosedError

Box = tuple[float, float, float, float]

# A box is known to the pixel; aiming a hair inside the asked range keeps rounding from leaving it.
_INSIDE = 0.004
_SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True)
class Frame:
    """A place on the master in pixels, which may reach beyond it, and the size it is delivered at.

    Parameters
    ----------
    x, y, width, height : float, px of the master
        Upright; the first pixel reaches from 0 to 1.
    out_width, out_height : int, px
        Of the delivered picture; never more than `width` and `height`.
    """

    x: float
    y: float
    width: float
    height: float
    out_width: int
    out_height: int

    def reduction(self) -> tuple[float, float]:
        """Return how many master pixels an output pixel spans across and down; 1 or more."""
        return self.width / self.out_width, self.height / self.out_height

    def beyond(self, size: tuple[int, int]) -> tuple[str, ...]:
        """Return the sides on which the frame reaches beyond a master of (width, height) `size`."""
        slack = 0.01
        out = (self.x < -slack, self.y < -slack, self.x + self.width > size[0] + slack,
               self.y + self.height > size[1] + slack)  # fmt: skip
        return tuple(side for side, is_out in zip(_SIDES, out, strict=True) if is_out)


def choose_frame(
    size: tuple[int, int],
    box: tuple[int, int, int, int] | None,
    *,
    longest_px: int,
    aspect: str = "original",
    fill: tuple[float, float] | None = None,
    least_px: tuple[int, int] = (0, 0),
) -> Frame:
    """Choose what of a master a channel shows.

    The master's own frame is kept where it has the channel's shape and the subject fills it as asked; else the
    frame is set anew about the subject, reaching beyond the master where the subject needs air.

    Parameters
    ----------
    size : (width, height), px
        Of the master.
    box : (x0, y0, x1, y1), px, or None
        The subject's box, ends excluded; None if no matte is known: then the whole master is shown.
    longest_px : int, px
        The size aimed at.
    aspect : str
        ``"original"`` or width:height.
    fill : (least, most), 0..1, or None
        Share of the frame's side that the subject's longest side takes.
    least_px : (int, int), px
        What the channel takes at least, longest and shortest side.

    Raises
    ------
    GateClosedError
        If the subject is cut by the master's frame where the channel needs air around it, or the
        master has too few pixels: nothing is enlarged.

    Examples
    --------
    >>> choose_frame((4000, 4000), (1000, 1000, 3000, 3000), longest_px=2000, fill=(0.8, 0.9)).width
    2487.562...
    >>> choose_frame((3000, 2000), None, longest_px=1500)
    Frame(x=0.0, y=0.0, width=3000.0, height=2000.0, out_width=1500, out_height=1000)
    """
    shape = size[0] / size[1] if aspect == "original" else _ratio(aspect)
    x, y, width, height = _place(size, box, shape, fill)
    if max(width, height) < longest_px + 1:
        # As many pixels as the master has: on its own grid, so that nothing is resampled at all.
        x, y, width, height = float(round(x)), float(round(y)), float(int(width)), float(int(height))
    share = min(1.0, longest_px / max(width, height))
    out_width, out_height = _pixels(width, share), _pixels(height, share)
    _require_pixels(out_width, out_height, least_px, longest_px)
    frame = Frame(x, y, width, height, out_width, out_height)
    if box is not None:
        _require_air(frame, size, box)
    return frame


def _place(
    size: tuple[int, int], box: tuple[int, int, int, int] | None, shape: float, fill: tuple[float, float] | None
) -> Box:
    """Return x, y, width, height of the frame."""
    width, height = float(size[0]), float(size[1])
    same_shape = abs(width / height / shape - 1) < 1 / max(size)
    if box is None:
        return (0.0, 0.0, width, height) if same_shape else _padded(width, height, shape)
    x0, y0, x1, y1 = box
    now = max((x1 - x0) / width, (y1 - y0) / height)
    if same_shape and (fill is None or fill[0] <= now <= fill[1]):
        return 0.0, 0.0, width, height
    if fill is None:
        return _padded(width, height, shape)
    wanted = min(max(now, fill[0] + _INSIDE), fill[1] - _INSIDE) if fill[1] - fill[0] > 2 * _INSIDE else sum(fill) / 2
    new_width = max(x1 - x0, (y1 - y0) * shape) / wanted
    new_height = new_width / shape
    return (x0 + x1 - new_width) / 2, (y0 + y1 - new_height) / 2, new_width, new_height


def _padded(width: float, height: float, shape: float) -> Box:
    """Return the smallest frame of `shape` that holds the whole master, centered."""
    new_width, new_height = max(width, height * shape), max(height, width / shape)
    return (width - new_width) / 2, (height - new_height) / 2, new_width, new_height


def _pixels(side: float, share: float) -> int:
    return max(1, min(int(side), round(side * share)))


def _require_pixels(width: int, height: int, least: tuple[int, int], wanted: int) -> None:
    if max(width, height) < least[0] or min(width, height) < least[1]:
        takes = f"longest side {least[0]} px" if max(width, height) < least[0] else f"shortest side {least[1]} px"
        raise GateClosedError(
            f"too small: the master gives {width} x {height} px where the channel takes at least {takes} "
            f"(aimed at {wanted} px); nothing is enlarged: shoot it larger, or crop the master less"
        )


def _require_air(frame: Frame, size: tuple[int, int], box: tuple[int, int, int, int]) -> None:
    """Refuse to float a subject in new background when the master's frame has cut it."""
    touched = (box[0] <= 0, box[1] <= 0, box[2] >= size[0], box[3] >= size[1])
    cut = [side for side, at_edge in zip(_SIDES, touched, strict=True) if at_edge and side in frame.beyond(size)]
    if cut:
        raise GateClosedError(
            f"the master's frame cuts the subject at the {' and '.join(cut)}, and the channel needs background there; "
            "crop the master wider, or deliver this view elsewhere"
        )


def _ratio(aspect: str) -> float:
    width, _, height = aspect.partition(":")
    return float(width) / float(height)
