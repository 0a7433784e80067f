"""What a look asks of a frame, told from its tones at intake."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from safelight.delivery.packs import pack_names
from safelight.pixels.color.needs import count_tones, needs_of, warn_of, warn_of_tones
from safelight.pixels.color.transforms import curve
from safelight.runs.carries import warned
from safelight.runs.sort import Sorted
from safelight.workflows.guide_file import load_guide

CODES = np.random.default_rng(4).beta(1.2, 4, (300, 300, 3)).astype(np.float32)


@pytest.fixture
def crushing(tmp_path):
    rows = np.clip((np.linspace(0, 1, 33) - 0.16) / 0.8, 0, 1)
    (tmp_path / "deep.cube").write_text("LUT_1D_SIZE 33\n" + "\n".join(f"{v:.6f} {v:.6f} {v:.6f}" for v in rows))
    (tmp_path / "acme.toml").write_text('client = "Acme"\n[picture]\nlook = "deep.cube"\n')
    return load_guide(str(tmp_path / "acme.toml"), channels=pack_names())


def frame(**changes):
    made = Sorted(
        "a.jpg", "aa" * 32, "", "", "", "packshot", "standard", "pick", ("good",), "", "a.jpg", "", {},
        scene_referred=False, capture={}, full_size=(300, 300), expected={},
    )  # fmt: skip
    return replace(made, **changes)


def found(codes, bits=8):
    return {"a.jpg": {"tones": count_tones(codes), "bits": bits, "facts": {}}}


def test_counted_tones_warn_as_the_pixels_do():
    needs = needs_of([curve([0, 0.1, 0.9, 1.0], [0, 0.001, 1.0, 1.0])])
    by_pixels, by_tones = warn_of(needs, CODES, 8), warn_of_tones(needs, count_tones(CODES), 8)
    assert [each.code for each in by_pixels] == [each.code for each in by_tones] != []
    tones = 255 * CODES.reshape(-1, 3).mean(axis=1)
    share = ((tones < needs.crushed_below) & (tones > 1.5)).mean()
    assert by_tones[0].values["share"] == pytest.approx(share, abs=0.01)


def test_a_dark_frame_is_warned_of_a_look_that_crushes_shadows_and_stays_a_pick(crushing):
    (told,) = warned([frame()], found(CODES * 0.4), crushing)
    assert told.cull == "pick"
    assert told.reasons[0] == "good"
    assert "shadows below code value" in told.reasons[1]


def test_a_frame_that_carries_the_look_and_a_category_without_one_say_nothing(crushing):
    bright = found(0.4 + 0.5 * CODES)
    assert warned([frame()], bright, crushing) == [frame()]
    house = load_guide("house", channels=pack_names())
    assert warned([frame()], found(CODES * 0.4), house) == [frame()]


def test_a_frame_taken_in_before_tones_were_counted_says_nothing(crushing):
    assert warned([frame()], {"a.jpg": {"bits": 8, "facts": {}}}, crushing) == [frame()]
