"""Find pictures whose left and right half are tinted differently, as a studio's own check."""

from __future__ import annotations

from safelight.core.check import Check, Findings, Measure, MeasureSpec, Subject


def measure(subject: Subject) -> Findings:
    """Measure how much redder one half is than the other, in percent."""
    import numpy as np

    pixels = subject.image.pixels[..., :3].astype(np.float64)
    middle = pixels.shape[1] // 2
    left, right = (half.reshape(-1, 3).mean(axis=0) for half in (pixels[:, :middle], pixels[:, middle:]))
    apart = abs(left[0] / max(left.sum(), 1) - right[0] / max(right.sum(), 1))
    return Findings((Measure("apart", float(100 * apart), "%"),))


check = Check(
    name="tint_even",
    version=1,
    purpose="Finds pictures that are warmer on one side than on the other.",
    specs=(MeasureSpec("apart", "%", "share of red in the left half against the right", "at_most", 2.0, 5.0),),
    measure=measure,
)
