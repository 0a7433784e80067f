"""What models of the registry take for the subject: a rough share a pixel, looked at whole, mirrored and near."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.models.sessions import Session, open_session
from safelight.pixels.color.spaces import WORKING, convert

Plane = NDArray[np.float32]

BODY = "body"  # the model that is asked for a second opinion
_SQUARE = 1.25  # sides of the person's box, that its square takes in
_ROOM = 0.08  # of the subject's box, left around it for the near look


def guess_subject(rgb: Plane, name: str) -> tuple[Plane, float]:
    """Ask a model where the subject is.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        At work size.
    name : str
        A model of the registry that takes a picture and gives a share a pixel.

    Returns
    -------
    share : (H, W) float32, 0..1
        The mean of three looks: at the whole frame, at its mirror image, and at the subject's box enlarged. Where they
        differ, the share is far from both ends.
    step_px : float, px
        What one pixel of the model is of the whole frame.

    Raises
    ------
    ModelError
        If its weights or its runtime are missing, or the weights are damaged; says how to get them.
    """
    session = open_session(name)
    codes = np.asarray(np.clip(convert(rgb, WORKING, "srgb"), 0, 1), np.float32)
    whole = _asked(session, codes)
    mirrored = np.ascontiguousarray(_asked(session, np.ascontiguousarray(codes[:, ::-1]))[:, ::-1])
    share = np.asarray((whole + mirrored) / 2, np.float32)
    box = _box_of(share)
    if box is not None:
        near = _asked(session, np.ascontiguousarray(codes[box]))
        share[box] = (2 * share[box] + near) / 3
    side = session.model.input
    return share, float(max(rgb.shape[0] / side.height, rgb.shape[1] / side.width))


def second_opinion(rgb: Plane, share: Plane) -> Plane | None:
    """Ask the model of bodies what of a person found by another model is body.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        At work size.
    share : (H, W) float32, 0..1
        From `guess_subject`: where the person is.

    Returns
    -------
    (H, W) float32, 0..1, or None
        None where the model is not installed, or `share` sees nobody.
    """
    from safelight.models.sessions import missing_for

    rows, columns = (np.flatnonzero((share > 0.5).any(axis=axis)) for axis in (1, 0))
    if not len(rows) or missing_for((BODY,)):
        return None
    session = open_session(BODY)
    side = session.model.input.width
    reach = _SQUARE * max(rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)
    scale, middle = side / reach, ((columns[0] + columns[-1] + 1) / 2, (rows[0] + rows[-1] + 1) / 2)
    shift = (side / 2 - scale * middle[0], side / 2 - scale * middle[1])
    there = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)
    codes = np.asarray(np.clip(convert(rgb, WORKING, "srgb"), 0, 1), np.float32)
    if scale < 1:  # what falls between the model's cells is seen too
        codes = np.asarray(cv2.GaussianBlur(codes, (0, 0), 0.4 / scale), np.float32)
    square = cv2.warpAffine(codes, there, (side, side), borderMode=cv2.BORDER_REPLICATE)
    (score,) = (each for each in session.run(np.asarray(square, np.float32)) if each.shape == (side, side, 1))
    body = np.asarray(1 / (1 + np.exp(-np.clip(score[..., 0], -30, 30))), np.float32)
    back = cv2.warpAffine(body, there, share.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(back, np.float32)


def _asked(session: Session, codes: Plane) -> Plane:
    """One look: the model's first output, brought to the picture's size."""
    side = session.model.input
    small = cv2.resize(codes, (side.width, side.height), interpolation=cv2.INTER_AREA)
    found: Plane = np.squeeze(session.run(np.asarray(small, np.float32).reshape(side.height, side.width, 3))[0])
    if found.min() < -0.01 or found.max() > 1.01:  # scores before their logistic, as some exports give them
        found = np.asarray(1 / (1 + np.exp(-np.clip(found, -30, 30))), np.float32)
    size = codes.shape[1], codes.shape[0]
    return np.asarray(np.clip(cv2.resize(found, size, interpolation=cv2.INTER_CUBIC), 0, 1), np.float32)


def _box_of(share: Plane) -> tuple[slice, slice] | None:
    """The box of what is more subject than not with some room, where looking nearer shows more; else None."""
    sides = []
    for axis, length in ((1, share.shape[0]), (0, share.shape[1])):
        held = np.flatnonzero((share > 0.5).any(axis=axis))
        if not len(held):
            return None
        room = round(_ROOM * (held[-1] - held[0] + 1))
        sides.append(slice(max(0, int(held[0]) - room), min(length, int(held[-1]) + 1 + room)))
    rows, columns = sides
    seen = (rows.stop - rows.start) * (columns.stop - columns.start)
    return (rows, columns) if 64 * 64 <= seen < 0.9 * share.size else None
