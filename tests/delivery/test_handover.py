"""What changed since it was handed over goes beside it, never over it."""

import json
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.batch import APPROVED, DECIDED, DELIVERED, DELIVERY_CLOSED, MADE, SUPERSEDED
from safelight.core.facts import SYSTEM, Fact
from safelight.delivery import deliver as deliver_module
from safelight.delivery import perform
from safelight.delivery.bucket import Bucket
from safelight.delivery.bundle import send_batch, write_zips
from safelight.delivery.handover import Handed, HandedOver
from safelight.delivery.manifest import check_manifest
from safelight.delivery.packs import load_pack
from safelight.delivery.place import hash_file
from safelight.media.encode import encode

from .conftest import product
from .s3_fake import Faults, serve
from .test_bucket import KEYS
from .test_deliver import Desk, nobody

ONE_CHANNEL = "shop"


def handed(name, sha256, place=ONE_CHANNEL, version="v", content="", asset=""):
    body = {"sha256": sha256, "bytes": 1, "content": content, "pack_read": "2026-01-01", "asset": asset}
    return Handed(ONE_CHANNEL, name, place, version, "2026-03-01T10:00:00Z", body)


def test_a_first_file_lies_in_its_channels_folder_and_the_same_again_stays_there():
    before = HandedOver([])
    assert before.place("shop", "A.jpg", {"sha256": "1"}) == "shop"
    before.add(handed("A.jpg", "1"))
    assert before.place("shop", "A.jpg", {"sha256": "1"}) == "shop"


def test_a_file_whose_signature_alone_differs_is_no_other_file():
    before = HandedOver([])
    before.add(handed("A.jpg", "1", content="same"))
    assert before.place("shop", "A.jpg", {"sha256": "2", "content": "same"}) == "shop"
    assert before.place("shop", "A.jpg", {"sha256": "2", "content": "other"}) == "delivery-2/shop"


def test_a_name_in_other_spelling_is_the_same_name():
    before = HandedOver([])
    before.add(handed("A.jpg", "1"))
    assert before.place("shop", "a.JPG", {"sha256": "2"}) == "delivery-2/shop"


def test_what_changes_together_leaves_together_and_what_changes_back_leaves_again():
    before = HandedOver([])
    for name in ("A.jpg", "B.jpg"):
        before.add(handed(name, "1"))
    for name in ("A.jpg", "B.jpg"):
        place = before.place("shop", name, {"sha256": "2"})
        assert place == "delivery-2/shop"
        before.add(handed(name, "2", place))
    assert before.place("shop", "A.jpg", {"sha256": "1"}) == "delivery-3/shop"


def shot_again(old, new):
    body = {"path": f"{old}.jpg", "by": f"{new}.jpg" if new else "", "by_asset": new, "reason": "shot again"}
    return Fact(1, SUPERSEDED, old, body, SYSTEM, "b", {}, "2026-03-01T11:00:00Z", "", "")


def test_what_was_shot_in_a_delivered_ones_place_takes_its_place_under_any_name():
    before = HandedOver([shot_again("first", "second"), shot_again("second", "third")])
    before.add(handed("IMG_1.jpg", "1", asset="first"))
    assert before.place("shop", "IMG_9.jpg", {"sha256": "9"}, "third") == "delivery-2/shop"
    assert before.place("shop", "IMG_9.jpg", {"sha256": "9"}, "another") == "shop"
    before.add(handed("IMG_9.jpg", "9", "delivery-2/shop", "v9", asset="third"))
    assert [(old.file, new.file) for old, new in before.superseded()] == [
        ("shop/IMG_1.jpg", "delivery-2/shop/IMG_9.jpg")
    ]
    assert before.last("shop", "IMG_9.jpg").version == "v9"


def test_a_place_that_was_given_back_is_nobody_elses():
    before = HandedOver([shot_again("first", "second"), shot_again("first", "")])
    before.add(handed("IMG_1.jpg", "1", asset="first"))
    assert before.place("shop", "IMG_2.jpg", {"sha256": "2"}, "second") == "shop"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("123")), max_size=30))
def test_no_place_ever_holds_two_files_of_one_name_and_the_last_word_stands(changes):
    before, lies = HandedOver([]), {}
    for name, sha256 in changes:
        place = before.place("shop", name, {"sha256": sha256})
        assert lies.setdefault((place, name), sha256) == sha256
        before.add(handed(name, sha256, place))
        assert before.last("shop", name).body["sha256"] == sha256
    standing = {before.last("shop", name).file for name, _ in changes}
    replaced = {old.file for old, _ in before.superseded()}
    assert standing | replaced == {f"{place}/{name}" for place, name in lies}
    assert not standing & replaced


# A batch that changes after it was handed over


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.store.close()


def again(desk, sku, image, alpha, *, reason=""):
    """Approve another version of an article, as after a new look; with a reason, as after a client's return."""
    state = desk.state()
    file = state.files[f"{sku}_front.jpg"]
    if reason:
        body = {"decided": "revise", "reason": reason, "how": "return"}
        desk.tell(DECIDED, file.version, body, "Acme")
    master = desk.store.blobs.put(encode(image, "tiff"))
    version = f"{sku}-{master[:20]}".ljust(64, "0")
    desk.tell(MADE, version, dict(file.made) | {"blobs": {**file.made["blobs"], "master": master}})
    desk.tell(APPROVED, version, {"master": master, "how": "own", "edit": file.made["edit_key"]}, "Ada")


def listed(desk):
    return json.loads((desk.out / "manifest.json").read_text())


@pytest.fixture
def reddish(small):
    image, alpha = product(800, 800, (100, 60, 700, 740))
    pixels = image.pixels.copy()
    pixels[..., 0] = pixels[..., 0] // 2 + 32767
    return replace(image, pixels=pixels), alpha


def test_only_what_changed_is_handed_over_again_and_the_old_file_stays_as_it_was(desk, small, reddish):
    for sku in ("A1", "B2"):
        desk.approve(sku, small.image, small.alpha)
    desk.deliver()
    before = {each: hash_file(each) for each in desk.out.rglob("*.jpg")}
    again(desk, "A1", *reddish)
    lines = {(each["channel"], each["name"]): each for each in desk.deliver()}
    assert lines["amazon-main", "A1_front.jpg"]["place"] == "delivery-2/amazon-main"
    assert lines["amazon-main", "B2_front.jpg"]["place"] == "amazon-main"
    assert {each: hash_file(each) for each in before} == before
    told = listed(desk)
    assert [each["file"] for each in told["files"]] == [
        "amazon-main/B2_front.jpg",
        "delivery-2/amazon-main/A1_front.jpg",
    ]
    assert [each["delivery"] for each in told["files"]] == [1, 2]
    (old,) = told["superseded"]
    assert (old["file"], old["superseded_by"]) == ("amazon-main/A1_front.jpg", "delivery-2/amazon-main/A1_front.jpg")
    assert old["why"] == "another version was approved"
    assert old["sha256"] == before[desk.out / "amazon-main" / "A1_front.jpg"]
    found = check_manifest(desk.out)
    assert found.holds
    assert found.extra == ()


def test_what_a_client_sent_back_says_so_and_delivering_twice_changes_nothing(desk, small, reddish):
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    again(desk, "A1", *reddish, reason="too dark")
    desk.deliver()
    assert listed(desk)["superseded"][0]["why"] == "the client sent it back: too dark"
    manifest, told = (desk.out / "manifest.json").read_bytes(), desk.count(DELIVERED)
    desk.deliver(nobody)
    assert ((desk.out / "manifest.json").read_bytes(), desk.count(DELIVERED)) == (manifest, told)
    assert desk.count(DELIVERY_CLOSED) == 1


def test_rules_that_were_read_anew_and_change_no_file_hand_nothing_over_again(desk, small, monkeypatch):
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    anew(monkeypatch)
    lines = desk.deliver()
    assert lines[0]["place"] == "amazon-main"
    assert [each.name for each in desk.out.iterdir() if each.is_dir()] == ["amazon-main"]
    assert listed(desk)["files"][0]["pack_read"] == "2026-11-01"
    assert listed(desk)["superseded"] == []
    assert check_manifest(desk.out).holds


def test_rules_that_ask_for_another_file_hand_it_over_beside_the_first(desk, small, monkeypatch):
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    first = hash_file(desk.out / "amazon-main" / "A1_front.jpg")
    anew(monkeypatch, quality=93)
    desk.deliver()
    (file,), (old,) = listed(desk)["files"], listed(desk)["superseded"]
    assert (file["file"], file["quality"]) == ("delivery-2/amazon-main/A1_front.jpg", 93)
    assert old["why"].startswith("the channel's rules were read anew: ")
    assert hash_file(desk.out / "amazon-main" / "A1_front.jpg") == first


def test_what_new_rules_refuse_is_told_and_what_was_handed_over_stays_listed(desk, small, monkeypatch):
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    anew(monkeypatch, longest_px=400)
    line = desk.deliver()[0]
    assert not line["delivered"]
    assert "longest" in line["note"]
    assert [each["file"] for each in listed(desk)["files"]] == ["amazon-main/A1_front.jpg"]


def anew(monkeypatch, **output):
    """As if the channels' rules had been read again on another day."""

    def load(name, **more):
        pack = load_pack(name, **more)
        return replace(pack, read=pack.read.replace(2026, 11, 1), output=replace(pack.output, **output))

    monkeypatch.setattr(perform, "load_pack", load)


def test_a_dry_run_says_what_stays_and_what_would_go_beside_it(desk, small, reddish):
    for sku in ("A1", "B2"):
        desk.approve(sku, small.image, small.alpha)
    desk.deliver()
    again(desk, "A1", *reddish)
    before = {each: each.stat().st_mtime_ns for each in desk.out.rglob("*")}
    lines = {each["name"]: each for each in desk.deliver(nobody, dry_run=True) if each["channel"] == "amazon-main"}
    assert lines["B2_front.jpg"]["note"] == "was delivered already"
    assert lines["A1_front.jpg"]["place"] == "delivery-2/amazon-main"
    assert lines["A1_front.jpg"]["note"] == (
        "would be made anew; amazon-main/A1_front.jpg stays, what differs from it goes beside it"
    )
    assert {each: each.stat().st_mtime_ns for each in desk.out.rglob("*")} == before


def test_a_hand_over_that_was_broken_off_goes_on_under_its_number(desk, small, reddish, monkeypatch):
    for sku in ("A1", "B2"):
        desk.approve(sku, small.image, small.alpha)
    desk.deliver()
    for sku in ("A1", "B2"):
        again(desk, sku, *reddish)

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deliver_module, "write_batch_manifest", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.deliver()
    assert [each["file"] for each in listed(desk)["files"]] == ["amazon-main/A1_front.jpg", "amazon-main/B2_front.jpg"]
    assert check_manifest(desk.out).holds
    again(desk, "B2", *product(800, 800, (120, 60, 680, 740)))
    desk.deliver()
    assert sorted(each["file"] for each in listed(desk)["files"]) == [
        "delivery-2/amazon-main/A1_front.jpg",
        "delivery-3/amazon-main/B2_front.jpg",
    ]
    assert check_manifest(desk.out).holds


def test_a_later_change_leaves_a_finished_hand_over_alone(desk, small, reddish):
    for sku in ("A1", "B2"):
        desk.approve(sku, small.image, small.alpha)
    desk.deliver()
    again(desk, "A1", *reddish)
    desk.deliver()
    again(desk, "B2", *reddish)
    desk.deliver()
    assert sorted(each["file"] for each in listed(desk)["files"]) == [
        "delivery-2/amazon-main/A1_front.jpg",
        "delivery-3/amazon-main/B2_front.jpg",
    ]


def test_each_hand_over_has_a_zip_of_its_own_and_the_first_stays_as_it_was_sent(desk, small, reddish):
    for sku in ("A1", "B2"):
        desk.approve(sku, small.image, small.alpha)
    desk.deliver()
    (first,) = write_zips(desk.store, desk.out)
    sent = first.read_bytes()
    again(desk, "A1", *reddish)
    desk.deliver()
    assert [each.name for each in write_zips(desk.store, desk.out)] == ["amazon-main.zip", "amazon-main-2.zip"]
    assert first.read_bytes() == sent
    with zipfile.ZipFile(desk.out / "amazon-main-2.zip") as packed:
        assert sorted(packed.namelist()) == ["A1_front.jpg", "manifest.csv", "manifest.json"]
        told = json.loads(packed.read("manifest.json"))
    assert told["superseded"][0]["file"] == "amazon-main/A1_front.jpg"
    desk.approve("C3", small.image, small.alpha)
    desk.deliver()
    write_zips(desk.store, desk.out)
    with zipfile.ZipFile(first) as packed:
        assert {"B2_front.jpg", "C3_front.jpg"} <= set(packed.namelist())


def test_a_bucket_gets_what_changed_under_a_key_of_its_own_and_no_key_is_written_twice(desk, small, reddish):
    faults = Faults()
    server = serve(faults)
    bucket = Bucket("s3://studio/acme", KEYS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"})
    try:
        desk.approve("A1", small.image, small.alpha)
        desk.deliver()
        send_batch(desk.store, "batch", desk.out, bucket)
        before = dict(faults.objects)
        again(desk, "A1", *reddish)
        desk.deliver()
        lines = send_batch(desk.store, "batch", desk.out, bucket)
    finally:
        server.shutdown()
        server.server_close()
    assert [each["key"] for each in lines][:1] == ["acme/batch/delivery-2/amazon-main/A1_front.jpg"]
    assert {key: faults.objects[key] for key in before} == before
    assert len(faults.objects) == len(before) + 2  # the picture, and the manifest's new state


def test_a_number_in_a_name_stays_its_files_own(tmp_path, small):
    desk = Desk(tmp_path, names="{sku}_{seq:02}.{ext}")
    desk.approve("S", small.image, small.alpha, view="front", path="m.jpg")
    desk.deliver()
    desk.approve("S", small.image, small.alpha, view="back", path="a.jpg")
    lines = {each["file"]: each["name"] for each in desk.deliver() if each["channel"] == "amazon-main"}
    assert lines == {"m.jpg": "S_01.jpg", "a.jpg": "S_02.jpg"}
    desk.store.close()
