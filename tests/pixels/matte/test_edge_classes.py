import cv2
import numpy as np
import pytest

from safelight.pixels.matte.edge_classes import CLASSES, classify_edges
from safelight.pixels.matte.solve import solve_matte
from tests.pixels.matte.scenes import composite, disk, studio


def shares_of(picture):
    found = classify_edges(picture, solve_matte(picture))
    assert sum(found.shares.values()) == pytest.approx(1)
    return found


def scene(alpha, color, level=0.7):
    backdrop, grain = studio(alpha.shape[0], level)
    return np.maximum(composite(alpha, color, backdrop, grain), 0).astype(np.float32)


def test_a_solid_disk_is_hard_all_around():
    found = shares_of(scene(disk(600, 180), (0.35, 0.04, 0.03)))
    assert found.shares["hard"] > 0.95
    assert min(piece.confidence for piece in found.pieces) > 0.9


def test_a_gray_disk_on_nearly_the_same_gray_is_of_low_contrast():
    found = shares_of(scene(disk(600, 180), (0.65, 0.65, 0.65)))
    assert found.shares["low_contrast"] > 0.3
    assert found.pieces[0].confidence < 0.5


def test_strands_ask_for_a_hand_and_their_pieces_are_named():
    alpha = disk(600, 120)
    chance = np.random.default_rng(5)
    for angle in chance.uniform(0, 2 * np.pi, 900):
        reach = chance.uniform(125, 165)
        ends = [tuple(int(16 * (300 + r * f(angle + turn))) for f in (np.cos, np.sin)) for r, turn in
                ((110, 0), (reach, chance.uniform(-0.1, 0.1)))]  # fmt: skip
        strand = cv2.line(np.zeros((600, 600), np.uint8), *ends, 140, 1, cv2.LINE_AA, 4)
        alpha = np.maximum(alpha, strand / np.float32(255))
    found = shares_of(scene(alpha, (0.05, 0.03, 0.02)))
    assert found.shares["hair"] + found.shares["open_weave"] > 0.3
    facts = found.to_facts()
    assert any(each["class"] in ("hair", "open_weave") for each in facts["edge_pieces"])
    assert all(0 <= side <= 1 for each in facts["edge_pieces"] for side in each["box"])


def test_a_net_is_an_open_weave():
    alpha = disk(600, 200)
    y, x = np.mgrid[0:600, 0:600]
    alpha *= np.where((y % 14 < 5) | (x % 14 < 5), 1, 0).astype(np.float32)
    found = shares_of(scene(alpha, (0.03, 0.03, 0.2)))
    assert found.shares["open_weave"] + found.shares["hair"] > 0.3


def test_nothing_has_no_edge():
    plain = np.full((120, 160, 3), 0.7, np.float32)
    found = classify_edges(plain, solve_matte(plain))
    assert set(found.shares.values()) == {0.0} and found.pieces == () and not found.classes.any()
    assert set(found.shares) == set(CLASSES)
