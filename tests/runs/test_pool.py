from __future__ import annotations

import os

import pytest

from safelight.errors import UnreadableError, WorkerDiedError, WorkError, WorkTimeoutError
from safelight.runs.pool import Job, Pool
from tests.runs import jobs


def outcomes(pool, *work):
    return {each.job.name: each for each in pool.run(work)}


def test_every_job_has_one_outcome():
    with Pool(2) as pool:
        done = list(pool.run(Job(str(n), jobs.double, n) for n in range(40)))
    assert sorted(each.result for each in done) == [2 * n for n in range(40)]


def test_a_job_that_kills_its_worker_is_left_out_after_three_tries_and_the_rest_goes_on():
    with Pool(2) as pool:
        done = outcomes(pool, *[Job(str(n), jobs.double, n) for n in range(10)], Job("poison.jpg", jobs.die, None))
    assert len(done) == 11
    assert isinstance(done["poison.jpg"].error, WorkerDiedError)
    assert str(done["poison.jpg"].error) == "poison.jpg: the worker ended with signal 9, 3 times; it is left out"
    assert done["poison.jpg"].attempts == 3
    assert all(done[str(n)].result == 2 * n for n in range(10))


def test_a_job_whose_worker_died_once_is_done_on_the_second_try(tmp_path):
    with Pool(1) as pool:
        done = outcomes(pool, Job("a", jobs.die_once, str(tmp_path / "flag")))
    assert (done["a"].result, done["a"].attempts) == ("second try", 2)


def test_a_hanging_job_is_ended_at_its_limit():
    with Pool(1, timeout_s=1.0, attempts=1) as pool:

        def work():
            yield Job("slow.tif", jobs.hang, None)
            pool.timeout_s = 300.0  # the next worker has all the time that it takes to start
            yield Job("b", jobs.double, 4)

        done = {each.job.name: each for each in pool.run(work())}
    assert isinstance(done["slow.tif"].error, WorkTimeoutError)
    assert done["b"].result == 8


def test_a_refusal_comes_back_as_the_same_error_and_is_not_tried_again():
    with Pool(1) as pool:
        done = outcomes(pool, Job("a", jobs.refuse, "a.jpg"))
    assert isinstance(done["a"].error, UnreadableError)
    assert (str(done["a"].error), done["a"].attempts) == ("a.jpg is truncated", 1)


def test_an_unforeseen_exception_names_its_place():
    with Pool(1) as pool:
        error = outcomes(pool, Job("a", jobs.stumble, None))["a"].error
    assert isinstance(error, WorkError)
    assert "KeyError: 'missing'" in str(error) and "tests.runs.jobs" in str(error)


def test_a_worker_is_replaced_after_its_lifetime():
    with Pool(1, lifetime=3) as pool:
        pids = [each.result for each in pool.run(Job(str(n), jobs.own_pid, n) for n in range(9))]
    assert len(set(pids)) == 3


def test_libraries_in_workers_use_one_thread_and_the_owner_keeps_its_own_setting(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with Pool(1) as pool:
        assert outcomes(pool, Job("a", jobs.environment, "OMP_NUM_THREADS"))["a"].result == "1"
    assert "OMP_NUM_THREADS" not in os.environ


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has a class of processes that always give way")
def test_a_worker_at_the_end_of_the_line_gives_way_at_once():
    with Pool(1, nice=19) as pool:
        (outcome,) = pool.run([Job("policy", os.sched_getscheduler, 0)])
    assert outcome.result == os.SCHED_IDLE


def test_a_worker_elsewhere_keeps_its_turn():
    with Pool(1, nice=5) as pool:
        (outcome,) = pool.run([Job("policy", os.nice, 0)])
    assert outcome.result == os.nice(0) + 5


def test_a_worker_that_was_started_ahead_takes_a_job_and_nobody_hears_of_its_start(tmp_path):
    with Pool(2) as pool:
        pool.start_ahead(jobs.own_pid)
        (ahead,) = [each.process.pid for each in pool._workers]
        # Each job waits for the other, so that no worker can do both, whichever of the two is ready first.
        done = outcomes(pool, *[Job(name, jobs.pid_beside_another, (tmp_path, name, 2)) for name in "ab"])
        assert set(done) == {"a", "b"}
        assert ahead in {each.result for each in done.values()}


def test_nothing_to_do_does_not_wait_for_workers_that_get_ready():
    with Pool(1, timeout_s=3000) as pool:  # whoever waited for it would wait longer than a test may take
        pool.start_ahead(jobs.hang)
        assert list(pool.run([])) == []


@pytest.mark.parametrize("trouble", [jobs.die, jobs.refuse, jobs.stumble])
def test_trouble_while_getting_ready_is_left_to_the_first_job(trouble):
    with Pool(1) as pool:
        pool.start_ahead(trouble)
        assert outcomes(pool, Job("a", jobs.double, 4))["a"].result == 8


def test_a_worker_has_its_next_job_before_what_it_did_is_dealt_with():
    drawn = []

    def work():
        for n in range(3):
            drawn.append(n)
            yield Job(str(n), jobs.double, n)

    with Pool(1) as pool:
        at_each = [(outcome.result, len(drawn)) for outcome in pool.run(work())]
    assert at_each == [(0, 2), (2, 3), (4, 3)]


def test_renewed_workers_are_other_processes_and_the_old_ones_are_gone():
    with Pool(2) as pool:
        before = {each.result for each in pool.run(Job(str(n), jobs.own_pid, n) for n in range(6))}
        pool.renew()
        assert not any(os.path.exists(f"/proc/{each}") for each in before)
        after = {each.result for each in pool.run(Job(str(n), jobs.own_pid, n) for n in range(6))}
    assert after
    assert not before & after
