"""A known key is never worked twice, and a change redoes only what depends on it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from safelight.store import Store
from safelight.store.tables import work
from tests.journeys.cli import safelight
from tests.shoots import write_shoot

GUIDE = """
client = "Acme"
[check.halo]
light_rim = 10
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("known")
    write_shoot(folder / "spring", 2)
    return folder


def run(folder, guide):
    (folder / "acme.toml").write_text(guide)
    safelight("run", "spring", "--guide", "acme.toml", "--adopt", folder=folder)
    with Store.open(folder / ".safelight") as store, store.ledger.database.reading() as connection:
        done = {key: json.loads(result) for key, result in connection.execute(select(work.c.key, work.c.result))}
        return done, store.ledger.head().seq


def proposals(done, step):
    return {key for key, each in done.items() if each.get("edit_step", {}).get("step") == step}


def painted(done):
    return {key for key, each in done.items() if "master" in each.get("blobs", {})}


def test_the_same_run_again_works_nothing_and_says_nothing(studio):
    assert run(studio, GUIDE) == run(studio, GUIDE)


def test_a_batch_stays_under_its_guide_until_another_is_adopted_for_it(studio):
    run(studio, GUIDE)
    (studio / "acme.toml").write_text(GUIDE + "[step.exposure]\nstops = 0.25\n")
    refused = safelight("run", "spring", "--guide", "acme.toml", folder=studio, code=2).stderr
    assert (
        "batch spring was worked under style guide acme; acme would change: + [step.exposure]; + stops = 0.25"
        in refused
    )
    assert "Adopt it for this batch (--adopt), or give the old guide" in refused


def test_a_changed_limit_judges_again_and_neither_measures_nor_paints(studio):
    before, facts = run(studio, GUIDE)
    after, more = run(studio, GUIDE.replace("light_rim = 10", "light_rim = { warn = 0.001, fail = 0.002 }"))
    assert set(after) == set(before)
    assert more > facts


def test_a_changed_exposure_paints_again_and_never_solves_a_matte_again(studio):
    before, _ = run(studio, GUIDE)
    after, _ = run(studio, GUIDE + "[step.exposure]\nstops = 0.25\n")
    assert len(painted(after) - painted(before)) == 2
    assert len(proposals(after, "exposure") - proposals(before, "exposure")) == 2
    assert proposals(after, "cutout") == proposals(before, "cutout")
    assert proposals(after, "white_balance") == proposals(before, "white_balance")
