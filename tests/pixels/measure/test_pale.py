"""Pale things that lost their red: skin does, a saturated dress and white paper do not."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.measure.pale import pale_clipped_share


def share(color: tuple[float, float, float]) -> float:
    picture = np.broadcast_to(np.float32(color), (40, 40, 3)).copy()
    return pale_clipped_share(picture, picture >= 1.0)


@pytest.mark.parametrize("color", [(1.0, 0.75, 0.55), (1.0, 0.9, 0.4), (1.0, 1.0, 0.6)])
def test_skin_and_cream_that_clip_in_red_have_lost_light(color: tuple[float, float, float]) -> None:
    assert share(color) == 1.0


@pytest.mark.parametrize(
    "color",
    [(1.0, 1.0, 1.0), (1.0, 0.05, 0.04), (0.2, 0.6, 1.0), (1.0, 0.95, 0.9), (0.9, 0.7, 0.5)],
    ids=["white", "saturated red", "clipped blue", "nearly white", "not clipped"],
)
def test_white_saturated_and_unclipped_things_have_not(color: tuple[float, float, float]) -> None:
    assert share(color) == 0.0


def test_the_edge_of_paper_is_left_out() -> None:
    picture = np.ones((40, 40, 3), np.float32)
    picture[:, 20:] = (0.3, 0.3, 0.3)
    picture[:, 19:21] = (1.0, 0.8, 0.6)
    assert pale_clipped_share(picture, picture >= 1.0) == 0.0


def test_nothing_but_white_has_lost_nothing() -> None:
    assert pale_clipped_share(np.ones((1, 1, 3), np.float32), np.ones((1, 1, 3), bool)) == 0.0
