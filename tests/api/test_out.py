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


def test_who_may_not_take_files_out_is_not_told(team, out):
    answer = team.person(team.admin(), "ben", "reviewer", project="Acme").get("/api/v1/batches/spring/out")
    assert answer.status_code == 403
