"""The right to be forgotten: pixels, previews, our sidecar fields and words go; the chain still verifies."""

from __future__ import annotations

import json
import secrets

import pytest

from safelight.core import batch as told
from safelight.core.facts import Actor, Asset, Capture, NewFact
from safelight.errors import UnknownNameError, UsageError
from safelight.media.sidecar import Fields, read_sidecar
from safelight.media.sidecar_write import write_fields
from safelight.review.erase import erase_asset, erase_person
from safelight.store import Store
from safelight.store.answers import Answer, Answers
from safelight.store.assets import Seen, Sighting
from safelight.store.originals import Reference
from safelight.store.people import Account, Pass, people_of

ASSET, OTHER = "ab" * 32, "cd" * 32
SECRET = b"a face, full size"


@pytest.fixture
def desk(tmp_path):
    """A store with two assets: one to forget, one that shares a look with it; delivered by Ines."""
    shoot = tmp_path / "shoot"
    shoot.mkdir()
    with Store.create(tmp_path / "store") as store:
        look = store.blobs.put(b"a look that both use")
        reader = Actor("system", "safelight")
        store.ledger.append(
            [NewFact(told.OPENED, "spring", {"folder": str(shoot), "guide": "house"}, reader, "spring")]
        )
        for asset, name in ((ASSET, "mia_front.jpg"), (OTHER, "mug.jpg")):
            tell(store, asset, name, look)
        fields = Fields(rating=3.0, keywords=frozenset({"portrait"}), cull="pick", original=ASSET)
        (shoot / "mia_front.xmp").write_bytes(write_fields(None, fields, "mia_front.xmp"))
        yield store, shoot


def tell(store, asset, name, look):
    master, proof = store.blobs.put(SECRET + name.encode()), store.blobs.put(b"proof of " + name.encode())
    version, person = f"v{asset[:6]}", Actor("person", "reviewer")
    seen = NewFact(told.SEEN, asset, {"path": name, "size": 9, "mtime_ns": 1}, batch="spring")
    known = Asset(asset, name, 9, "jpeg", 40, 30, 8, "sRGB", Capture("Cam", "One", taken_at="2026-01-01T10:00:00"))
    store.ledger.append_assets([Seen(known, Sighting("spring", Reference(name, 9, 1, asset)), [seen])])
    edit = {"schema": 1, "original": asset, "steps": []}
    made = {"asset": asset, "edit": edit, "edit_key": "e", "render_key": f"r-{asset[:6]}", "state": "draft"}
    made |= {"blobs": {"master": master, "proof": proof, "look": look}, "keys": {"exposure": f"k-{asset[:6]}"}}
    capture = {"make": "Cam", "model": "One", "taken_at": "2026-01-01T10:00:00"}
    measured = {"path": name, "work": f"i-{asset[:6]}", "capture": capture, "notes": [], "reasons": {}, "width": 40}
    sorted_as = {"path": name, "sku": "MIA", "view": "front", "class": "pick", "category": "on_model", "stakes": "high"}
    decided = {"decided": "approve", "reason": f"the eye of {name}", "how": "own", "reasons": []}
    delivered = {"channel": "amazon-main", "name": "MIA.jpg", "sha256": proof, "bytes": 9, "rules": []}
    facts = [
        (told.MEASURED, asset, measured),
        (told.SORTED, asset, sorted_as),
        (told.MADE, version, made),
        (told.JUDGED, version, {"verdicts": [{"check": "halo", "version": 1, "word": "pass", "measures": []}]}),
        (
            told.ROUTED,
            version,
            {"route": "review", "queue": "skin", "reasons": [{"text": "her skin"}], "category": "x"},
        ),
        (told.DECIDED, version, decided),
        (told.APPROVED, version, {"master": master, "how": "own", "edit": "e"}),
        (told.DELIVERED, version, delivered),
        (told.SIDECAR_SYNCED, asset, {"path": name, "sidecar": name.replace(".jpg", ".xmp"), "did": "written"}),
    ]
    works = [
        (f"i-{asset[:6]}", {"asset": asset, "faces": [[0.1, 0.2]]}),
        (f"k-{asset[:6]}", {"x": 1}),
        (f"r-{asset[:6]}", {"m": master}),
    ]
    store.ledger.append(
        [
            NewFact(
                kind, subject, body, person, "spring", {"name": "Ines"} if kind in (told.DECIDED, told.APPROVED) else {}
            )
            for kind, subject, body in facts
        ],
        work=works,
    )


def everything_in(store):
    """All bytes that the store holds, the database among them."""
    store.ledger.database.fold()
    return b"".join(each.read_bytes() for each in store.root.rglob("*") if each.is_file())


def test_an_asset_is_gone_from_every_byte_of_the_store_and_the_chain_verifies(desk):
    store, _ = desk
    assert store.verify_chain().is_clean
    lines = erase_asset(store, ASSET, "Ada", "the model withdrew")
    held = everything_in(store)
    for gone in (SECRET + b"mia_front.jpg", b"mia_front", b"the eye of mia", b"proof of mia"):
        assert gone not in held, gone
    assert SECRET + b"mug.jpg" in held
    assert b"a look that both use" in held
    assert store.verify_chain().is_clean
    assert store.verify(read_data=True).is_clean
    assert any("left the house: amazon-main/MIA.jpg to amazon-main" in each["text"] for each in lines)
    assert any("the original is not the store's and was not touched" in each["text"] for each in lines)


def test_the_batch_still_reads_and_counts_go_on(desk):
    store, _ = desk
    erase_asset(store, ASSET, "Ada", "the model withdrew")
    state = told.read_batch("spring", store.ledger.facts(batch="spring"))
    gone = state.files[f"(erased {ASSET[:12]})"]
    assert (gone.standing, gone.sorted["category"], gone.decisions[0].decided) == ("delivered", "on_model", "approve")
    assert gone.decisions[0].reason == ""
    assert state.files["mug.jpg"].decisions[0].reason == "the eye of mug.jpg"


def test_our_fields_leave_the_sidecar_and_other_programs_keep_theirs(desk):
    store, shoot = desk
    erase_asset(store, ASSET, "Ada", "the model withdrew")
    left = read_sidecar((shoot / "mia_front.xmp").read_bytes(), "mia_front.xmp").fields
    assert (left.cull, left.original, left.rating, left.keywords) == (None, None, 3.0, frozenset({"portrait"}))


def test_what_was_erased_cannot_be_changed_afterwards(desk):
    store, _ = desk
    erase_asset(store, ASSET, "Ada", "the model withdrew")
    with store.ledger.database.writing() as connection:
        connection.exec_driver_sql("UPDATE fact SET body = '{}' WHERE kind = 'version.judged' AND subject = 'vababab'")
    assert "was changed after it was erased" in store.verify_chain().breaks[0].problem


def test_an_erasure_is_a_fact_with_its_reason_and_who_answers_for_it(desk):
    store, _ = desk
    erase_asset(store, ASSET, "Ada", "the model withdrew")
    (fact,) = store.ledger.facts(kind="asset.erased")
    assert (fact.personal["name"], fact.body["reason"]) == ("Ada", "the model withdrew")
    assert ASSET not in json.dumps(fact.body["blobs"]).replace("sha256:", "")


def test_erasing_again_finishes_what_a_crash_left(desk):
    store, _ = desk
    erase_asset(store, ASSET, "Ada", "the model withdrew")
    erase_asset(store, ASSET, "Ada", "once more")
    assert store.verify(read_data=True).is_clean


def test_a_dry_run_changes_nothing(desk):
    store, _ = desk
    before = store.ledger.head()
    (line, *_) = erase_asset(store, ASSET, "Ada", "maybe", dry_run=True)
    assert line["blobs"] == 2
    assert store.ledger.head() == before


def test_a_person_is_erased_by_name_and_what_left_under_it_is_listed(desk):
    store, _ = desk
    lines = erase_person(store, "Ines", "Ada", "asked to be forgotten")
    assert sum("left the house" in each["text"] for each in lines) == 2
    assert b"Ines" not in everything_in(store)
    assert store.verify_chain().is_clean
    with pytest.raises(UnknownNameError, match="no personal field of this store is 'Ines'"):
        erase_person(store, "Ines", "Ada", "again")


def account(store, login, name, role="reviewer"):
    made = Account(secrets.token_hex(8), login, name, "hash", {"*": role}, ("edge_repair",), at="2026-03-01T10:00:00Z")
    people_of(store.ledger.database).add(made)
    body = {"account": made.id, "roles": dict(made.roles)}
    store.ledger.append(
        [NewFact("person.added", made.id, body, Actor("person", "Ada"), "", {"login": login, "name": name})]
    )
    return made


def test_the_account_of_an_erased_person_is_closed_for_ever_and_only_its_id_stays(desk):
    store, _ = desk
    people = people_of(store.ledger.database)
    mine, other = account(store, "ines.weber", "Ines"), account(store, "tom", "Tom")
    people.admit(Pass("digest-1", "p1", "session", mine.id))
    people.admit(Pass("digest-2", "p2", "key", mine.id, "Ines's laptop"))
    people.admit(Pass("digest-3", "p3", "session", other.id))
    assert people.find("digest-1") is not None  # it is remembered, and must be forgotten
    Answers(store.ledger.database).keep({"request:1": (Answer("f", 200, '{"by":"Ines"}'), "2026-03-01T10:00:00Z")})
    planned = erase_person(store, "Ines", "Ada", "asked to be forgotten", dry_run=True)
    assert any(f"account {mine.id} would be closed" in each["text"] for each in planned)
    assert people.account(mine.id).name == "Ines"
    lines = erase_person(store, "Ines", "Ada", "asked to be forgotten")
    assert any(f"account {mine.id} was closed for ever" in each["text"] for each in lines)
    assert any("what stays:" in each["text"] for each in lines)
    held = everything_in(store)
    assert b"Ines" not in held and b"ines.weber" not in held
    gone = people.account(mine.id)
    assert (gone.name, gone.roles, gone.skills, gone.password, gone.disabled) == ("erased", {}, (), "", True)
    assert (people.find("digest-1"), people.passes("key", mine.id)) == (None, [])
    assert people.find("digest-3") is not None and people.account(other.id).name == "Tom"
    added = store.ledger.facts(kind="person.added", subject=mine.id)[0]
    assert added.subject == mine.id and added.personal == {}  # the fact stands, under an id that is nobody's name
    assert store.verify_chain().is_clean


def test_a_login_that_is_somebody_elses_name_stays_theirs(desk):
    store, _ = desk
    account(store, "tom", "Ines")
    account(store, "other", "tom")
    erase_person(store, "Ines", "Ada", "asked to be forgotten")
    (other,) = [each for each in people_of(store.ledger.database).accounts() if each.login == "other"]
    assert other.name == "tom"
    assert [each.personal.get("name") for each in store.ledger.facts(kind="person.added")] == [None, "tom"]


def test_the_last_admin_and_whoever_erases_are_not_erased(desk):
    store, _ = desk
    account(store, "ines", "Ines", "admin")
    with pytest.raises(UsageError, match="ines is the last admin; make another one first"):
        erase_person(store, "Ines", "Ada", "asked to be forgotten")
    account(store, "ada", "Ada", "admin")
    with pytest.raises(UsageError, match="let another admin erase you"):
        erase_person(store, "Ada", "Ada", "asked to be forgotten")
    erase_person(store, "Ines", "Ada", "asked to be forgotten")


def test_an_erasure_without_name_reason_or_of_an_unknown_asset_is_refused(desk):
    store, _ = desk
    with pytest.raises(UsageError, match="needs the name of who answers for it"):
        erase_asset(store, ASSET, " ", "why")
    with pytest.raises(UsageError, match="needs a reason"):
        erase_person(store, "Ines", "Ada", "")
    with pytest.raises(UnknownNameError, match="this store holds no asset"):
        erase_asset(store, "ef" * 32, "Ada", "why")
