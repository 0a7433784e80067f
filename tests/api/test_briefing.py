"""Briefs with their boards, and who may be given work, as clients ask for them."""

from __future__ import annotations

import base64

import pytest

from tests.api.conftest import lines
from tests.shoots import jpeg, product

BRIEFS = "/api/v1/batches/spring/briefs"


@pytest.fixture
def admin(team, say):
    say.batch()
    say.file("A_front.jpg", sku="A")
    return team.admin()


def picture(seed=0):
    return base64.b64encode(jpeg(product(seed=seed, width=220, height=180))).decode()


def told(browser, about=""):
    return next((each for each in browser.get(BRIEFS).json()["items"] if each["about"] == about), None)


def brief(browser, etag, **body):
    return browser.post(BRIEFS, json=body, headers={"If-Match": etag})


def test_a_brief_is_set_with_a_board_whose_pictures_are_kept_small_and_without_what_they_told(admin):
    board = [{"picture": picture(), "caption": "like this"}, {"picture": picture(1)}]
    done = brief(admin, "0", text="warm, the paper pure white", board=board)
    assert done.status_code == 200, done.text
    set_ = told(admin)
    assert (set_["text"], set_["by"], [each["caption"] for each in set_["board"]]) == (
        "warm, the paper pure white",
        "Ada Admin",
        ["like this", ""],
    )
    shown = admin.get(f"/api/v1/batches/spring/board/{set_['board'][0]['sha256']}")
    assert shown.headers["content-type"] == "image/jpeg" and b"Exif" not in shown.content


def test_a_board_is_put_in_another_order_and_a_picture_taken_off(admin):
    brief(admin, "0", text="warm", board=[{"picture": picture(n), "caption": str(n)} for n in range(3)])
    first, _, third = told(admin)["board"]
    kept = [{"sha256": third["sha256"]}, {"sha256": first["sha256"], "caption": "the label is read first"}]
    assert brief(admin, told(admin)["etag"], text="warm", board=kept).status_code == 200
    assert [(each["sha256"], each["caption"]) for each in told(admin)["board"]] == [
        (third["sha256"], "2"),
        (first["sha256"], "the label is read first"),
    ]
    assert brief(admin, told(admin)["etag"], text="warmer").status_code == 200  # without a board it stays
    assert len(told(admin)["board"]) == 2
    assert brief(admin, told(admin)["etag"], text="", board=[]).status_code == 200
    assert told(admin) is None


def test_whoever_comes_second_is_told_and_nothing_of_theirs_is_recorded(admin):
    assert brief(admin, "0", text="warm").status_code == 200
    late = brief(admin, "0", text="cold", board=[{"picture": picture()}])
    assert late.status_code == 409 and told(admin)["text"] == "warm"


@pytest.mark.parametrize(
    ("board", "said"),
    [
        ([{"caption": "nothing"}], "picture 1 of the board takes one of sha256 and picture"),
        ([{"picture": "not base64!"}], "picture 1 of the board is no base64"),
        ([{"sha256": "0" * 64}], "picture 1 of the board is not on it: send its bytes as picture"),
        ([{"picture": base64.b64encode(b"no picture").decode()}], ""),
    ],
)
def test_what_is_no_picture_of_a_board_is_refused_with_the_way_out(admin, board, said):
    done = brief(admin, "0", text="warm", board=board)
    assert 400 <= done.status_code < 500 and said in done.json()["detail"]
    assert "/" not in done.json()["detail"].replace("base64/", "")  # and nothing of where it was read
    assert told(admin) is None


def test_a_version_s_bytes_are_on_nobodys_board_by_their_hash(admin, say):
    sha256 = lines(admin)[0]["asset"]
    assert brief(admin, "0", text="warm", board=[{"sha256": sha256}]).status_code == 422


def test_who_may_take_work_may_be_given_it(admin, team):
    for role in ("retoucher", "client", "reviewer"):
        team.person(admin, role, role, "Acme")
    team.person(admin, "other", "retoucher", "Elsewhere")
    lead = team.person(admin, "lena", "lead", "Acme")
    hands = {each["name"]: each for each in lead.get("/api/v1/batches/spring/hands").json()["items"]}
    assert hands.keys() == {"Ada Admin", "Retoucher", "Reviewer", "Lena"}
    line = lines(lead)[0]
    body = {"on": {line["id"]: line["etag"]}, "account": hands["Retoucher"]["account"]}
    assert lead.post("/api/v1/assignments", json=body).status_code == 200
    assert lines(lead)[0]["assigned"]["name"] == "Retoucher"
    for name in ("retoucher", "reviewer", "client"):
        assert team.sign_in(name).get("/api/v1/batches/spring/hands").status_code == 403
