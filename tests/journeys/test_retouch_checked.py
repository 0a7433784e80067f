"""Gate 1 on what was retouched: held against the same edit without its retouching; silent where there is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tifffile

from safelight.core.batch import JUDGED
from safelight.store import Store
from tests.journeys.cli import lines, safelight

AS = ("--as", "Ines", "--reason", "dust on the cap")
OF_RETOUCHING = ("outside_mask", "over_smoothing", "clone_marks", "warp")


def verdicts(folder, file):
    """What the checks of retouching say of a file's last version."""
    with Store.open(folder / ".safelight") as store:
        asset = next(e.subject for e in store.ledger.facts(kind="file.seen") if e.body["path"].endswith(file))
        mine = {e.subject for e in store.ledger.facts(kind="version.made") if e.body["asset"] == asset}
        told = [e.body["verdicts"] for e in store.ledger.facts(kind=JUDGED) if e.subject in mine][-1]
    return {each["check"]: each for each in told if each["check"] in OF_RETOUCHING}


def values(verdict):
    return {each["name"]: each["value"] for each in verdict["measures"]}


def test_where_nobody_retouched_no_check_of_retouching_says_that_it_passed(studio):
    assert verdicts(studio, "SKU00_front.jpg") == {}


@pytest.mark.parametrize("turn", ["0", "1.5"], ids=["moved by whole pixels", "resampled"])
def test_healed_spots_inside_and_at_the_edge_changed_nothing_outside_their_mask_and_kept_the_weave(studio, turn):
    safelight(
        "amend", "spring", "SKU01_front.jpg", "crop_to_spec", "--set", f"straighten_deg={turn}", *AS, folder=studio
    )
    safelight("amend", "spring", "SKU01_front.jpg", "heal", "--set", "spots=0.5 0.55 9 0.345 0.5 9", *AS, folder=studio)
    safelight("run", "spring", folder=studio)
    told = verdicts(studio, "SKU01_front.jpg")
    assert tuple(told) == OF_RETOUCHING
    assert values(told["outside_mask"])["largest"] == 0.0
    assert min(values(told["over_smoothing"]).values()) > 95
    # Nine pixels are a large spot on so small a picture: that its weave is a copy is said, and a person looks.
    assert {each["word"] for name, each in told.items() if name != "clone_marks"} == {"pass"}


def test_a_retouch_that_comes_back_waxy_does_not_pass_and_the_place_is_shown(studio):
    [sent] = lines(
        safelight(
            "checkout", "spring", "SKU00_front.jpg", "--format", "tiff", "-o", "desk", "--as", "Ines", "--json",
            folder=studio,
        )
    )  # fmt: skip
    path = studio / "desk" / sent["file"]
    pixels = np.ascontiguousarray(tifffile.imread(path, key=0)[..., :3])
    pixels[400:700, 400:700] = cv2.GaussianBlur(pixels, (0, 0), 3)[400:700, 400:700]
    with tifffile.TiffFile(path) as file:
        xmp = file.pages[0].tags[700].value
    tifffile.imwrite(path, pixels, photometric="rgb", extratags=[(700, "B", len(xmp), xmp, True)], metadata=None)
    [line] = lines(safelight("checkin", "spring", path, *AS, "--json", folder=studio))
    assert line["standing"] == "taken"
    safelight("run", "spring", folder=studio)
    told = verdicts(studio, "SKU00_front.jpg")
    assert told["over_smoothing"]["word"] != "pass"
    x0, y0, x1, y1 = told["over_smoothing"]["evidence"][0]["box"]
    assert x1 - x0 < 0.5 and y1 - y0 < 0.5
    assert "outside_mask" not in told, "a person's retouch declares no mask"
