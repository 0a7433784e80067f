"""A team at `safelight serve`, over HTTP as a client would: run, look, decide, kill, go on, release."""

from __future__ import annotations

import signal

import pytest

from tests.journeys.cli import lines, safelight
from tests.journeys.served import Served, decide, look_at_sample
from tests.shoots import write_shoot


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request, tmp_path):
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    write_shoot(tmp_path / "spring", 2)
    service = Served(tmp_path, {"SAFELIGHT_DATABASE": url} if url else {})
    yield service
    service.close()


def test_a_shoot_goes_through_a_team_and_a_killed_server_loses_nothing(served):
    ada = served.admin()
    folder = str(served.folder / "spring")
    job = ada.post("/jobs", json={"folder": folder}).json()["id"]
    served.finished(ada, job)

    files = ada.get("/batches/spring/assets").json()["items"]
    assert [each["standing"] for each in files] == ["waiting", "waiting"]
    assert all(each["reasons"] and each["route"] == "review" for each in files)
    first, second = files
    for picture in (
        f"/assets/{first['id']}/preview?size=600",
        f"/versions/{first['version']}/render?size=900",
        ada.get(f"/versions/{first['version']}/tiles").json()["url"].removeprefix("/api/v1").format(level=9, x=0, y=0),
    ):
        answer = ada.get(picture)
        assert answer.status_code == 200 and answer.content.startswith(b"\xff\xd8\xff"), picture
        assert ada.get(picture, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304

    invited = ada.post("/people", json={"login": "ben", "name": "Ben", "roles": {"*": "reviewer"}}).json()
    ben = served.redeem(invited["link"])
    assert ben.post("/claims", json={"files": [first["id"]]}).status_code == 201
    assert decide(ada, first).status_code == 409
    assert decide(ben, first).status_code == 200
    sent = decide(ada, second, "revise", reason="the edge is soft", notes=[{"text": "here", "points": [[0.4, 0.5]]}])
    assert sent.status_code == 200 and sent.json()["items"][0]["queue"] == "edge_repair"
    served.kill()  # acknowledged is on the disk

    served.start()
    ada, ben = served.sign_in("ada"), served.sign_in("ben")
    files = {each["id"]: each for each in ada.get("/batches/spring/assets").json()["items"]}
    assert files[first["id"]]["approved_by"] == "Ben"
    assert files[second["id"]]["decisions"][0]["reason"] == "the edge is soft"
    assert ada.get(f"/assets/{second['id']}/notes").json()["items"][0]["text"] == "here"
    late = decide(ben, second)
    assert late.status_code == 409 and "Ada Admin decided revise" in late.json()["detail"]
    undone = ada.post(f"/actions/{ada.get('/batches/spring/actions').json()['items'][0]['seq']}/undo")
    assert undone.json()["standing"] == "waiting"
    again = decide(ada, undone.json(), "revise", reason="the edge is soft")
    assert again.json()["items"][0]["standing"] == "sent_back"

    told = lines(safelight("report", "spring", "--json", folder=served.folder))  # another process asks the owner
    assert {each["standing"] for each in told} == {"approved", "sent_back"}
    refused = ben.post("/batches/spring/release")
    assert refused.status_code == 403 and "those who may: admin, lead" in refused.json()["detail"]
    plan = {"If-Match": look_at_sample(ada, "spring")}
    served.finished(ada, ada.post("/batches/spring/release", headers=plan).json()["id"])
    now = {each["id"]: each["standing"] for each in ada.get("/batches/spring/assets").json()["items"]}
    assert now == {first["id"]: "delivered", second["id"]: "sent_back"}
    assert list((served.folder / "out" / "spring" / "delivery").rglob("*.jpg"))
    assert ada.get("/strata").status_code == 200

    with ada.stream("GET", "/events", params={"after": 1}) as stream:
        text = ""
        for piece in stream.iter_text():
            text += piece
            if "decision.undone" in text:
                break
    assert "event: file.seen" in text
    assert served.end() in (0, -signal.SIGTERM)
    assert "Traceback" not in served.log.read_text()
    safelight("verify", "--read-data", folder=served.folder)


def test_an_address_in_the_open_without_tls_is_refused(tmp_path):
    refused = safelight("serve", "--host", "0.0.0.0", "--port", "0", folder=tmp_path, code=2)
    assert "passwords would travel in the open" in refused.stderr
    assert not (tmp_path / ".safelight").exists()
