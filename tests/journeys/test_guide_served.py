"""A shoot stays under the guide that it started with; another says what it would change, and is taken by a word."""

from __future__ import annotations

import pytest

from tests.journeys.served import Served
from tests.shoots import SPOT_CHECK_GUIDE, write_shoot


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guides")
    write_shoot(folder / "spring", 1)
    (folder / "acme.toml").write_text(SPOT_CHECK_GUIDE)
    (folder / "acme_2.toml").write_text(SPOT_CHECK_GUIDE.replace("confidence = 0.5", "confidence = 0.9"))
    made = Served(folder, {})
    yield made
    made.close()


def test_another_guide_is_refused_with_what_it_would_change_and_adopted_per_batch(served):
    ada = served.admin()

    def run(guide, **more):
        asked = {"folder": str(served.folder / "spring"), "guide": str(served.folder / guide), **more}
        done = ada.post("/jobs", json=asked)
        assert done.status_code == 202, done.text
        return done.json()["id"]

    served.finished(ada, run("acme.toml"))
    refused = run("acme_2.toml")
    with pytest.raises(AssertionError, match="failed"):
        served.finished(ada, refused)
    said = next(each["said"] for each in ada.get("/jobs").json()["items"] if each["id"] == refused)
    assert "confidence = 0.9" in said and "Adopt it for this batch (--adopt)" in said
    served.finished(ada, run("acme_2.toml", adopt=True))
    served.finished(ada, run("acme_2.toml"))  # it is the batch's own now
    with pytest.raises(AssertionError, match="failed"):
        served.finished(ada, run("acme.toml"))
