"""Taking files in writes several at once, and loses none of what was measured when it is ended."""

from __future__ import annotations

import pytest

from safelight.core import batch as told
from safelight.errors import UnreadableError
from safelight.runs.intake import take_in
from safelight.runs.journal import Journal
from safelight.runs.pool import Outcome
from safelight.runs.progress import Silent
from safelight.runs.run import Order, _Run
from safelight.runs.shoot import list_shoot
from safelight.settings import Settings
from safelight.store import Store
from safelight.workflows.shot_list import NO_SHOTS
from tests.shoots import jpeg, product

from .test_sort import GUIDE

FRAMES = 5


class InThisProcess:
    """A pool that works here, and is ended after so many jobs."""

    def __init__(self, ended_after=None):
        self.ended_after = ended_after

    def run(self, jobs):
        for done, job in enumerate(jobs):
            if done == self.ended_after:
                raise KeyboardInterrupt
            try:
                yield Outcome(job, job.function(job.payload))
            except UnreadableError as error:
                yield Outcome(job, None, error)


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    folder = tmp_path_factory.mktemp("card")
    for n in range(FRAMES):
        (folder / f"IMG_{n}.jpg").write_bytes(jpeg(product(seed=n, width=320, height=240)))
    (folder / "IMG_9.jpg").write_bytes((folder / "IMG_0.jpg").read_bytes())
    (folder / "cut.jpg").write_bytes((folder / "IMG_1.jpg").read_bytes()[:3000])
    return folder


def taken_in(store, card, pool):
    order = Order(list_shoot(str(card)), GUIDE, NO_SHOTS, Settings())
    run = _Run(store, order, Journal(store, "card"), pool, Silent(), cull_only=True)
    run.measures = ("metering", "focus")
    run.take_in()
    return run.journal.state().files


def test_every_file_is_written_with_what_became_of_it_copies_and_refusals_too(tmp_path, card):
    with Store.create(tmp_path / "s") as store:
        files = taken_in(store, card, InThisProcess())
        assert len(files) == FRAMES + 2
        assert files["IMG_9.jpg"].asset == files["IMG_0.jpg"].asset
        assert files["cut.jpg"].refused
        assert len(store.ledger.assets()) == FRAMES
        assert all(files[name].measured for name in files if name != "cut.jpg")


def test_what_was_measured_before_a_run_is_ended_is_known_to_the_next(tmp_path, card):
    with Store.create(tmp_path / "s") as store:
        with pytest.raises(KeyboardInterrupt):
            taken_in(store, card, InThisProcess(ended_after=3))
        measured = {each.subject for each in store.ledger.facts(kind=told.MEASURED)}
        assert len(measured) == 3
        jobs = []

        class Counting(InThisProcess):
            def run(self, work):
                work = list(work)
                jobs.extend(job for job in work if job.function is take_in)
                return super().run(work)

        assert len(taken_in(store, card, Counting())) == FRAMES + 2
        assert len(jobs) == FRAMES + 2 - 3
