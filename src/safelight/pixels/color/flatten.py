"""What a chain of OpenColorIO transforms is made of: matrices, curves of single channels, and all else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.pixels.color.spaces import Matrix

Sort = Literal["matrix", "curve", "table", "mixed"]

# Ops that treat red, green and blue apart, whatever their parameters.
_CURVES = (
    ocio.ExponentTransform,
    ocio.ExponentWithLinearTransform,
    ocio.ExposureContrastTransform,
    ocio.GradingRGBCurveTransform,
    ocio.LogAffineTransform,
    ocio.LogCameraTransform,
    ocio.LogTransform,
    ocio.RangeTransform,
)


@dataclass(frozen=True, eq=False)
class Part:
    """A run of ops of one sort; a matrix part is ``rows @ rgb + offset``.

    A curve treats each channel apart; what is mixed is neither. `sort_of` calls no op a table; the
    screen tells 1-D tables from formulas.
    """

    sort: Sort
    ops: tuple[Any, ...]
    rows: Matrix | None = None
    offset: Matrix | None = None


@cache
def bare_config() -> ocio.Config:
    """Return a config without spaces, for transforms that name none; it keeps no processor of a look that has gone."""
    config = ocio.Config.CreateRaw()
    config.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)
    return config


def leaves_of(transform: ocio.Transform, flags: int | None = None) -> list[ocio.Transform]:
    """Return the ops of a chain in order, groups taken apart, files read, what undoes each other dropped.

    `flags` are OpenColorIO's optimizations; by default none are done.
    """
    if flags is None and _is_plain(transform):
        return list(transform)
    processor = bare_config().getProcessor(transform)
    wanted = ocio.OptimizationFlags(int(ocio.OPTIMIZATION_NONE) if flags is None else flags)
    depth = ocio.BIT_DEPTH_F32
    return list(processor.getOptimizedProcessor(depth, depth, wanted).createGroupTransform())


def _is_plain(transform: ocio.Transform) -> bool:
    """True for a forward group without groups inside."""
    if not isinstance(transform, ocio.GroupTransform) or transform.getDirection() != ocio.TRANSFORM_DIR_FORWARD:
        return False
    return not any(isinstance(each, (ocio.GroupTransform, ocio.FileTransform)) for each in transform)


def sort_of(op: ocio.Transform) -> Sort:
    """Return what an op is."""
    if isinstance(op, ocio.MatrixTransform):
        return "matrix"
    if isinstance(op, ocio.Lut1DTransform):
        return "curve" if op.getHueAdjust() == ocio.HUE_NONE else "mixed"
    if isinstance(op, ocio.CDLTransform):
        return "curve" if op.getSat() == 1.0 else "mixed"
    if isinstance(op, ocio.GradingPrimaryTransform):
        return "curve" if op.getValue().saturation == 1.0 else "mixed"
    return "curve" if isinstance(op, _CURVES) else "mixed"


def parts_of(ops: Sequence[ocio.Transform]) -> list[Part]:
    """Join neighbors of one sort; matrices are multiplied out, in double precision.

    Examples
    --------
    >>> from safelight.pixels.color import transforms
    >>> [part.sort for part in parts_of([transforms.gain(2, 2, 2), transforms.gain(1, 2, 1)])]
    ['matrix']
    """
    parts = runs_of(ops, sort_of)
    return _absorbed([part for part in parts if not _is_identity(part)] or parts[:1])


def runs_of(ops: Sequence[ocio.Transform], sort_of_op: Callable[[ocio.Transform], Sort]) -> list[Part]:
    """Join neighbors of one sort and nothing more: how many runs there are hangs on no value."""
    parts: list[Part] = []
    for op in ops:
        sort = sort_of_op(op)
        if parts and parts[-1].sort == sort:
            parts[-1] = _joined(parts[-1], op)
        else:
            parts.append(Part(sort, (op,), *(matrix_of(op) if sort == "matrix" else (None, None))))
    return parts


def _absorbed(parts: list[Part]) -> list[Part]:
    """A matrix that mixes nothing becomes part of the curve beside it."""
    out: list[Part] = []
    waiting: tuple[Any, ...] = ()
    for number, part in enumerate(parts):
        follows = parts[number + 1].sort if number + 1 < len(parts) else ""
        apart = part.rows is not None and not (part.rows - np.diag(np.diag(part.rows))).any()
        if apart and follows == "curve":
            waiting = part.ops
        elif apart and out and out[-1].sort == "curve":
            out[-1] = Part("curve", (*out[-1].ops, *part.ops))
        elif part.sort == "curve" and out and out[-1].sort == "curve":  # nothing mixes between the two
            out[-1] = Part("curve", (*out[-1].ops, *waiting, *part.ops))
            waiting = ()
        else:
            out.append(Part("curve", (*waiting, *part.ops)) if waiting else part)
            waiting = ()
    return out


def _is_identity(part: Part) -> bool:
    if part.rows is None or part.offset is None:
        return False
    return bool(np.abs(part.rows - np.eye(3)).max() < 1e-9 and not part.offset.any())


def _joined(part: Part, op: ocio.Transform) -> Part:
    if part.rows is None or part.offset is None:
        return Part(part.sort, (*part.ops, op))
    rows, offset = matrix_of(op)
    return Part("matrix", (*part.ops, op), rows @ part.rows, rows @ part.offset + offset)


def matrix_of(op: ocio.MatrixTransform) -> tuple[Matrix, Matrix]:
    """Return the rows, (3, 3), and the offset, (3,), of a matrix op, in the direction that it works."""
    rows = np.array(op.getMatrix(), np.float64).reshape(4, 4)[:3, :3]
    offset = np.array(op.getOffset(), np.float64)[:3]
    if op.getDirection() == ocio.TRANSFORM_DIR_FORWARD:
        return rows, offset
    inverse = np.asarray(np.linalg.inv(rows), np.float64)
    return inverse, -inverse @ offset
