"""What is out at retouchers and vendors, over HTTP: deadlines, what is late, and nobody else's."""

from __future__ import annotations

import pytest

from safelight.core.facts import NewFact
from safelight.review.retouch import RETOUCHER, SENT


@pytest.fixture
def out(store, say):
    say.batch("spring", "Acme")
    for name, more in (
        ("a", {}),
        ("b", {"vendor": "Pixel House", "due": "2020-01-01"}),
        ("c", {"vendor": "Other", "due": "2999-01-01"}),
    ):
        asset, version = say.file(f"{name}.jpg", batch="spring", asset=name * 64, version=name * 16)
        body = {"path": f"{name}.jpg", "ticket": f"t{name}", "file": f"{name}_t{name}.psd", "version": version, **more}
        store.ledger.append([NewFact(SENT, asset, body, RETOUCHER, "spring", {"name": "Ines"})])


def seen(browser):
    answer = browser.get("/api/v1/batches/spring/out")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_lead_sees_all_that_is_out_and_what_is_late(team, out):
    found = seen(team.person(team.admin(), "ann", "lead", project="Acme"))
    assert [(each["path"], each["vendor"], each["late"]) for each in found["items"]] == [
        ("a.jpg", "", False),
        ("b.jpg", "Pixel House", True),
        ("c.jpg", "Other", False),
    ]
    assert found["late"] == 1 and "late" in found["items"][1]["said"]


def test_a_vendor_sees_its_own_files_alone(team, out):
    admin = team.admin()
    found = seen(team.person(admin, "pixel", "vendor", project="Acme", name="Pixel House"))
    assert [each["path"] for each in found["items"]] == ["b.jpg"]


def test_whoever_works_on_the_floor_sees_that_a_file_is_out_and_a_client_sees_nothing_of_it(team, out):
    admin = team.admin()
    found = seen(team.person(admin, "ben", "reviewer", project="Acme"))
    assert [each["path"] for each in found["items"]] == ["a.jpg", "b.jpg", "c.jpg"]
    assert seen(team.person(admin, "rui", "client", project="Acme")) == {"items": [], "late": 0}


def test_what_is_out_names_the_file_it_is_of_and_where_it_is_fetched_if_a_copy_was_kept(team, out, store, say):
    asset, version = say.file("d.jpg", batch="spring", asset="d" * 64, version="d" * 16)
    body = {"path": "d.jpg", "ticket": "td", "file": "d_td.psd", "version": version, "kept": "0" * 64}
    store.ledger.append([NewFact(SENT, asset, body, RETOUCHER, "spring", {"name": "Ines"})])
    ann = team.person(team.admin(), "ann", "lead", project="Acme")
    found = {each["path"]: each for each in seen(ann)["items"]}
    assert found["a.jpg"]["url"] == ""
    own = found["d.jpg"]
    assert own["url"] == f"/api/v1/assets/{own['id']}/checkouts/td"
    assert ann.get(f"/api/v1/assets/{own['id']}").json()["file"] == "d.jpg"
