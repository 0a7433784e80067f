"""A garment without wrinkles goes its way; one whose cloth was eased is told, and goes to whoever finishes cloth."""

from __future__ import annotations

import cv2

from safelight.core.batch import MADE, ROUTED
from safelight.store import Store
from tests.journeys.cli import safelight
from tests.shoots import encode, jpeg, product
from tests.steps.test_fabric import cloth


def garment():
    """Cloth with wrinkles on a gray-white sweep, 8 bits."""
    picture = product(seed=3)
    picture[262:738, 374:726] = encode(cv2.resize(cloth(952, 704), (352, 476), interpolation=cv2.INTER_AREA))
    return picture


def last(folder):
    """The last version's edit and what its route says."""
    with Store.open(folder / ".safelight") as store:
        return store.ledger.facts(kind=MADE)[-1].body["edit"], store.ledger.facts(kind=ROUTED)[-1].body


def test_a_garment_is_asked_about_its_cloth_only_once_somebody_eased_it(tmp_path):
    place = tmp_path / "spring" / "apparel"
    place.mkdir(parents=True)
    (place / "TEE01_front.jpg").write_bytes(jpeg(garment()))
    safelight("run", "spring", folder=tmp_path)
    edit, routed = last(tmp_path)
    assert "fabric" in {each["step"] for each in edit["steps"]}
    assert routed["category"] == "apparel" and routed["route"] != "specialist"
    assert not any("fabric" in each["text"] for each in routed["reasons"])
    assert "luxury_fabric" not in routed["tasks"]

    marked = ("--set", "cloth=0.38 0.35 0.62 0.75", "--set", "weave_px=3", "--set", "wrinkle=0.06")
    safelight(
        "amend",
        "spring",
        "TEE01_front.jpg",
        "fabric",
        *marked,
        "--as",
        "Ines",
        "--reason",
        "not ironed",
        folder=tmp_path,
    )
    safelight("run", "spring", folder=tmp_path)
    edit, routed = last(tmp_path)
    eased = next(each for each in edit["steps"] if each["step"] == "fabric")
    assert eased["amended"] and eased["artifacts"]
    assert routed["route"] == "specialist" and "luxury_fabric" in routed["tasks"]
    assert any("fabric is zone 3 (a person must): finish of luxury fabrics" in e["text"] for e in routed["reasons"])
    report = (tmp_path / "out" / "spring" / "report.html").read_text()
    assert "fabric" in report
