"""Out to a retoucher and back over HTTP: a real version, its layers, who may, and what is refused before it is read."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack

import numpy as np
import pytest
import tifffile
from psd_tools import PSDImage

from safelight.core.batch import FETCHED
from safelight.house import House
from safelight.media.decode import decode_bytes
from safelight.settings import Settings
from safelight.store import Store
from tests.api.conftest import Team, lines
from tests.journeys.test_retouch import safelight
from tests.shoots import write_shoot


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """A house over a shoot of one product that was run."""
    folder = tmp_path_factory.mktemp("handing")
    write_shoot(folder / "spring", 1)
    safelight("run", "spring", folder=folder)
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(folder / ".safelight"))
        house = House(store, Settings(), folder / "out")
        stack.callback(house.close)
        team = Team(house)
        stack.callback(team.close)
        admin = team.admin()
        yield team, admin, store


@pytest.fixture(scope="module")
def people(floor):
    team, admin, _ = floor
    return {
        "retoucher": team.person(admin, "rita", "retoucher"),
        "reviewer": team.person(admin, "ben", "reviewer"),
        "vendor": team.person(admin, "acme", "vendor", name="Acme"),
    }


def out(browser, line, **body):
    headers = {"If-Match": body.pop("etag", line["etag"])}
    return browser.post(f"/api/v1/assets/{line['id']}/checkouts", json=body, headers=headers)


def back(browser, line, data, **more):
    headers = {"If-Match": more.pop("etag", line["etag"]), "Content-Type": "application/octet-stream"}
    headers |= more.pop("headers", {})
    params = {"name": "back.tif", "reason": "dust on the cap"} | more
    return browser.post(f"/api/v1/assets/{line['id']}/checkins", params=params, content=data, headers=headers)


def spotted(sent, folder, by=6000):
    """A flat TIFF as another program would save it: lighter in a square, our XMP kept."""
    found = decode_bytes(sent, "sent.psd")
    pixels = found.image.pixels[..., :3].astype(np.int32)
    pixels[500:540, 520:560] += by
    xmp = found.metadata.xmp
    path = folder / f"by{by}.tif"
    tags = [(700, "B", len(xmp), xmp, True)]
    tifffile.imwrite(
        path, np.clip(pixels, 0, 65535).astype(np.uint16), photometric="rgb", extratags=tags, metadata=None
    )
    return path.read_bytes()


def test_a_version_goes_out_and_comes_back_as_a_person_s(floor, people, tmp_path):
    _, _, store = floor
    rita = people["retoucher"]
    [line] = lines(rita)
    assert out(rita, line, etag="1").status_code == 409
    made = out(rita, line)
    assert made.status_code == 201, made.text
    told = made.json()
    fetched = rita.get(told["url"])
    assert fetched.status_code == 200
    assert hashlib.sha256(fetched.content).hexdigest() == told["sha256"] and len(fetched.content) == told["bytes"]
    (fact,) = store.ledger.facts(kind=FETCHED)  # what was fetched, by whom and when (G-03)
    assert (fact.actor.name, fact.body["what"], fact.body["bytes"]) == ("Rita", "a file that went out", told["bytes"])
    assert (fact.subject, fact.body["batch"], fact.at[-6:]) == (line["asset"], "spring", "+00:00")
    (tmp_path / "out.psd").write_bytes(fetched.content)
    assert [each.name for each in PSDImage.open(tmp_path / "out.psd")] == told["layers"]
    assert told["ticket"] in {each["ticket"] for each in rita.get("/api/v1/batches/spring/out").json()["items"]}

    [line] = lines(rita)
    data = spotted(fetched.content, tmp_path)
    key = {"Idempotency-Key": "8c2e"}
    first = back(rita, line, data, headers=key)
    assert first.status_code == 200, first.text
    assert first.json()["standing"] == "taken" and first.json()["ticket"] == told["ticket"]
    again = back(rita, line, data, headers=key)
    assert again.json() == first.json() and again.headers["Idempotency-Replayed"] == "true"
    other = back(rita, line, spotted(fetched.content, tmp_path, by=-6000), headers=key)
    assert other.status_code == 422 and "another request was sent under this Idempotency-Key" in other.text
    facts = store.ledger.facts(kind="retouch.returned")
    assert [each.body["standing"] for each in facts] == ["taken"]
    assert facts[0].personal["name"] == "Rita"
    assert told["ticket"] not in {each["ticket"] for each in rita.get("/api/v1/batches/spring/out").json()["items"]}
    assert not list((store.layout.cache / "handing").iterdir())


def test_what_is_fetched_large_is_in_the_ledger_and_what_a_screen_shows_is_not(floor, people):
    _, _, store = floor
    ben = people["reviewer"]
    [line] = lines(ben)
    before = len(store.ledger.facts(kind=FETCHED))
    etag = ben.get("/api/v1/batches/spring").json()
    for place in (f"versions/{line['version']}/render", f"assets/{line['id']}/preview"):
        assert ben.get(f"/api/v1/{place}?size=2560").status_code == 200
    assert len(store.ledger.facts(kind=FETCHED)) == before
    for place in (f"versions/{line['version']}/render", f"assets/{line['id']}/preview"):
        assert ben.get(f"/api/v1/{place}?size=2561").status_code == 200
    version, original = store.ledger.facts(kind=FETCHED)[before:]
    assert (version.subject, version.actor.name, version.body["what"]) == (line["version"], "Ben", "a version")
    assert (original.subject, original.body["file"]) == (line["asset"], line["file"])
    assert ben.get("/api/v1/batches/spring").json() == etag  # nothing moved
    news = ben.get("/api/v1/batches/spring/actions").json()["items"]
    assert not [each for each in news if each["kind"] == FETCHED]


def test_figures_that_are_taken_as_a_table_are_in_the_ledger(floor):
    _, admin, store = floor
    assert admin.get("/api/v1/figures.csv").status_code == 200
    last = store.ledger.facts(kind=FETCHED)[-1]
    assert (last.body["what"], last.actor.name) == ("figures", "Ada Admin")


def test_what_is_no_return_of_that_file_is_said_and_not_recorded(floor, people, tmp_path):
    rita = people["retoucher"]
    [line] = lines(rita)
    refused = back(rita, line, b"not a picture", name="../../words.psd")
    assert refused.status_code == 200, refused.text
    assert refused.json()["standing"] == "refused" and "/" not in refused.json()["file"]


def test_who_may_not_is_refused_and_nothing_of_the_file_is_kept(floor, people):
    _, admin, store = floor
    [line] = lines(admin)
    assert out(people["reviewer"], line).status_code == 403
    assert back(people["reviewer"], line, b"x").status_code == 403
    assert admin.post(f"/api/v1/assets/{line['id']}/checkouts", json={}).status_code == 428
    assert back(admin, {**line, "id": "0" * 24}, b"x").status_code == 404
    nobody = floor[0].browser()
    assert back(nobody, line, b"x").status_code == 401
    room = store.layout.cache / "handing"
    assert not room.exists() or not list(room.iterdir())


def test_a_vendor_fetches_and_brings_back_what_was_sent_to_it_alone(floor, people, tmp_path):
    _, admin, _ = floor
    acme = people["vendor"]
    [line] = lines(admin)
    assert "takes what was sent out" in out(acme, line).json()["detail"]
    [line] = lines(admin)
    own = out(admin, line, vendor="Acme", due="2999-01-01", brief="Clean the cap.", format="tiff").json()
    [line] = lines(admin)
    house = out(admin, line, format="tiff").json()
    fetched = acme.get(own["url"])
    assert fetched.status_code == 200 and fetched.headers["content-type"] == "image/tiff"
    assert acme.get(house["url"]).status_code == 404
    [line] = lines(acme)
    foreign = back(acme, line, admin.get(house["url"]).content)
    assert foreign.json()["standing"] == "refused" and "none of this batch's" in foreign.json()["said"]
    mine = back(acme, line, fetched.content)
    assert mine.json()["standing"] == "unchanged", mine.text


def test_terms_of_a_vendor_and_words_that_are_none_are_refused_by_name(floor):
    _, admin, _ = floor
    [line] = lines(admin)
    assert "a vendor gets a deadline and a brief" in out(admin, line, vendor="Acme").json()["detail"]
    assert "format" in out(admin, line, format="webp").json()["detail"]


def test_a_file_larger_than_an_original_may_be_is_refused(floor, people):
    team = floor[0]
    [line] = lines(people["retoucher"])
    most = team.house.settings.max_file_bytes
    answer = back(people["retoucher"], line, b"x", headers={"Content-Length": str(most + 1)})
    assert answer.status_code == 413
