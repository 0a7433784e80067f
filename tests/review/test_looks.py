"""What must be seen at 200 % before an approval: doubted evidence, unsure edges, changed hands and hair, skin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.batch import FileState
from safelight.errors import GateClosedError
from safelight.pixels.matte.soft_places import find_soft_places
from safelight.review.looks import Look, looks_of, require_seen, unseen

EDGE = (0.4, 0.4, 0.6, 0.6)


def made(confidence=0.5, geometry=None, evidence=(), word="pass"):
    """Return a file whose version is 100 by 100 px of an original of 200 by 200."""
    cut = {"step": "cutout", "confidence": [confidence, False], "artifacts": {}}
    verdict = {"check": "halo", "word": word, "measures": [{"name": "rim", "word": word}], "evidence": list(evidence)}
    half = [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]
    return FileState(
        "a.jpg",
        made={"edit": {"steps": [cut]}, "width": 100, "height": 100, "geometry": geometry or half},
        judged={"verdicts": [verdict]},
        measured={"width": 200, "height": 200},
    )


def test_an_edge_that_the_cutout_is_sure_of_needs_no_look():
    assert looks_of(made(confidence=0.9), [], [EDGE]) == []
    (look,) = looks_of(made(confidence=0.89), [], [EDGE])
    assert (look.id, look.must, look.text) == ("edge:0", True, "the edge, middle")
    assert look.box == pytest.approx(EDGE)


def test_skin_is_always_looked_at_where_the_crop_left_it():
    upper_left = [[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 1.0]]  # the version shows the upper left quarter
    looks = looks_of(made(confidence=1.0, geometry=upper_left), [(0.05, 0.05, 0.1, 0.1), (0.8, 0.8, 0.9, 0.9)], [])
    assert [each.id for each in looks] == ["skin:0"]
    assert looks[0].box == pytest.approx((0.2, 0.2, 0.4, 0.4))


def on_people(code, at):
    file = made(confidence=1.0, geometry=[[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]])
    why = {"code": code, "values": dict(zip(("x0", "y0", "x1", "y1"), at, strict=True)), "doubt": True}
    heal = {"step": "heal", "confidence": [0.2, False], "artifacts": {}, "reasons": [why]}
    file.made["edit"]["steps"].append(heal)
    return file


@pytest.mark.parametrize(
    ("code", "text"),
    [("on_hand", "a hand that was changed, upper left"), ("in_hair", "hair that was changed, upper left")],
)
def test_a_spot_that_was_healed_on_a_hand_or_in_hair_is_seen_with_what_lies_around_it(code, text):
    file = on_people(code, (0.1, 0.1, 0.102, 0.103))
    (look,) = looks_of(file, [], [])
    assert (look.id, look.text, look.must) == (f"{code}:0", text, True)
    assert look.box == pytest.approx((0.16, 0.16, 0.244, 0.246))
    with pytest.raises(GateClosedError, match=f"hand|hair.*{code}:0"):
        require_seen("a.jpg", [look], [])


@pytest.mark.parametrize(("word", "must"), [("pass", False), ("warn", True), ("fail", True)])
def test_evidence_must_be_seen_where_its_measure_does_not_pass(word, must):
    one = {"measure": "rim", "box": [0.1, 0.1, 0.2, 0.2], "text": "left edge"}
    (look,) = looks_of(made(confidence=1.0, evidence=[one], word=word), [], [])
    assert (look.id, look.must) == ("halo:rim:0", must)


def test_an_approval_without_a_look_is_refused_by_the_names_of_the_places():
    looks = looks_of(made(), [(0.1, 0.1, 0.2, 0.2)], [EDGE])
    with pytest.raises(GateClosedError, match=r"a.jpg can't be approved before 2 places .* \(edge:0\); .* \(skin:0\)"):
        require_seen("a.jpg", looks, [])
    shown = [{"id": each.id, "percent": 200, "share": 1.0} for each in looks]
    require_seen("a.jpg", looks, shown)
    with pytest.raises(GateClosedError, match=r"1 place"):
        require_seen("a.jpg", looks, shown[:1])


@given(percent=st.integers(1, 6400), share=st.floats(0, 1))
def test_a_place_counts_as_seen_from_200_percent_and_nine_tenths_on(percent, share):
    look = Look("edge:0", EDGE, "the edge", must=True)
    left = unseen([look], [{"id": "edge:0", "percent": percent, "share": share}])
    assert (left == []) == (percent >= 200 and share >= 0.9)


def test_the_softest_place_of_an_edge_comes_first():
    alpha = np.zeros((200, 300), np.uint8)
    alpha[:, 150:] = 255
    alpha[80:120, 130:170] = np.linspace(0, 255, 40, dtype=np.uint8)  # a soft run in a hard edge
    first, *rest = find_soft_places(alpha)
    assert first[0] * 300 < 150 < first[2] * 300 and first[1] * 200 < 100 < first[3] * 200
    assert len(rest) <= 3


@given(value=st.integers(0, 255), height=st.integers(1, 60), width=st.integers(1, 60))
def test_a_matte_without_an_edge_has_at_most_places_of_half_coverage(value, height, width):
    found = find_soft_places(np.full((height, width), value, np.uint8))
    assert len(found) <= 4
    assert all(0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1 for x0, y0, x1, y1 in found)
    if value in (0, 255):
        assert found == []
