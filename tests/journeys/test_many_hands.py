"""Twenty reviewers on one picture at once (D-06): one has it, one decides, every note is there, the rest are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.journeys.served import Served, decide
from tests.shoots import write_shoot

REVIEWERS = 20


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    write_shoot(folder / "spring", 2)
    service = Served(folder, {})
    yield service
    service.close()


@pytest.fixture(scope="module")
def floor(served):
    """The admin's browser and those of the reviewers, over a shoot that was run."""
    ada = served.admin()
    served.finished(ada, ada.post("/jobs", json={"folder": str(served.folder / "spring")}).json()["id"])
    team = []
    for n in range(REVIEWERS):
        who = {"login": f"r{n}", "name": f"Reviewer {n}", "roles": {"*": "reviewer"}}
        team.append(served.redeem(ada.post("/people", json=who).json()["link"]))
    return ada, team


def at_once(team, act):
    """Let everybody act in the same moment; answers in the order of the team."""
    ready = Barrier(len(team))

    def one(n):
        ready.wait(60)
        return act(n, team[n])

    with ThreadPoolExecutor(len(team)) as pool:
        return list(pool.map(one, range(len(team))))


def test_one_claims_and_the_others_are_told_who_has_it(floor):
    ada, team = floor
    line = ada.get("/batches/spring/assets").json()["items"][0]
    answers = at_once(team, lambda _, browser: browser.post("/claims", json={"files": [line["id"]]}))
    assert sorted(each.status_code for each in answers) == [201] + [409] * (REVIEWERS - 1)
    winner = next(n for n, each in enumerate(answers) if each.status_code == 201)
    assert all(f"Reviewer {winner} has" in each.json()["detail"] for each in answers if each.status_code == 409)

    noted = at_once(
        team,
        lambda n, browser: browser.post(
            f"/assets/{line['id']}/notes", json={"text": f"note {n}", "points": [[n / REVIEWERS, 0.5]]}
        ),
    )
    assert {each.status_code for each in noted} == {201}
    kept = ada.get(f"/assets/{line['id']}/notes").json()["items"]
    assert sorted(each["text"] for each in kept) == sorted(f"note {n}" for n in range(REVIEWERS))

    line = ada.get("/batches/spring/assets").json()["items"][0]
    said = at_once(team, lambda _, browser: decide(browser, line, "reject", reason="another frame is better"))
    assert [n for n, each in enumerate(said) if each.status_code == 200] == [winner]
    assert {each.status_code for n, each in enumerate(said) if n != winner} == {409}


def test_of_twenty_words_on_a_free_picture_one_counts(served, floor):
    ada, team = floor
    line = ada.get("/batches/spring/assets").json()["items"][1]
    words = ("approve", "revise", "reject")

    def say(n, browser):
        return decide(browser, line, words[n % 3], **({} if n % 3 == 0 else {"reason": "the edge is soft"}))

    answers = at_once(team, say)
    codes = sorted(each.status_code for each in answers)
    assert codes == [200] + [409] * (REVIEWERS - 1), served.log.read_text()[-3000:]
    first = next(n for n, each in enumerate(answers) if each.status_code == 200)
    told = [each.json()["detail"] for each in answers if each.status_code == 409]
    assert [each for each in told if f"Reviewer {first} decided {words[first % 3]}" not in each] == []
    now = ada.get("/batches/spring/assets").json()["items"][1]
    assert [each["decided"] for each in now["decisions"]] == [words[first % 3]]
