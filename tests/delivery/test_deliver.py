"""A batch leaves: from what the ledger says was approved to files that a manifest vouches for."""

import csv
import json

import cv2
import numpy as np
import pytest

from safelight.core.batch import APPROVED, DELIVERED, DELIVERY_REFUSED, MADE, OPENED, SEEN, SORTED, read_batch
from safelight.core.edit import Edit
from safelight.core.facts import Actor, NewFact
from safelight.delivery.deliver import deliver_batch
from safelight.delivery.manifest import check_manifest
from safelight.delivery.packs import pack_names
from safelight.delivery.place import hash_file
from safelight.delivery.signer import Signer, keep_signer, load_signer
from safelight.errors import CredentialError
from safelight.media.credentials import read_credentials
from safelight.media.encode import decode_own, encode
from safelight.store import Store
from safelight.workflows.guide_file import load_guide

from .conftest import product

GUIDE = """
client = "Acme"
[picture]
fill = [0.80, 0.90]
[delivery]
channels = ["amazon-main", "walmart"]
names = "{sku}_{view}.{ext}"
"""


class Silent:
    """A progress that tells nobody."""

    def stage(self, name, total):
        pass

    def step(self, done=1):
        pass


def here(jobs):
    """Do the work in this process, as the pool would in others."""
    for name, function, payload in jobs:
        yield name, function(payload), None


def nobody(jobs):
    """Refuse to work: for what must be known already."""
    for name, *_ in jobs:
        raise AssertionError(f"{name} was derived again")
    return iter(())


class Desk:
    """A store with one batch and its guide."""

    def __init__(self, folder, more="", names="{sku}_{view}.{ext}"):
        self.store = Store.create(folder / "store")
        path = folder / "acme.toml"
        path.write_text(GUIDE.replace("{sku}_{view}.{ext}", names) + more)
        self.guide = load_guide(str(path), channels=pack_names())
        self.out = folder / "out"
        self.tell(OPENED, "batch", {"folder": "shoot", "guide": "acme", "guide_key": self.guide.sha256})

    def tell(self, kind, subject, body, name=""):
        personal = {"name": name} if name else {}
        actor = Actor("person", "reviewer") if name else Actor("system", "safelight")
        self.store.ledger.append([NewFact(kind, subject, body, actor, "batch", personal)])

    def state(self):
        return read_batch("batch", self.store.ledger.facts(batch="batch"))

    def approve(self, sku, image, alpha, *, view="front", path=""):
        """Tell the ledger of one approved version, its master and its matte in the store."""
        master = self.store.blobs.put(encode(image, "tiff"))
        png = cv2.imencode(".png", np.round(alpha * 255).astype(np.uint8))[1].tobytes()
        path = path or f"{sku}_{view}.jpg"
        asset, version = (f"{sku}-{kind}-{path}".ljust(64, "0") for kind in ("asset", "version"))
        blobs = {"master": master, "matte": self.store.blobs.put(png)}
        edit = Edit(asset)
        made = {"asset": asset, "edit": json.loads(edit.to_json()), "edit_key": edit.painted_key(), "blobs": blobs}
        self.tell(SEEN, asset, {"path": path, "size": 1, "mtime_ns": 1})
        self.tell(SORTED, asset, {"path": path, "sku": sku, "view": view, "class": "pick", "category": "packshot"})
        self.tell(MADE, version, made)
        self.tell(APPROVED, version, {"master": master, "how": "own", "edit": edit.painted_key()}, "Ada")
        return master

    def deliver(self, work=here, **more):
        return deliver_batch(self.store, self.state(), self.guide, self.out, work, Silent(), **more)

    def count(self, kind):
        return len(self.store.ledger.facts(kind=kind))


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.store.close()


def test_an_approved_file_reaches_every_channel_and_the_manifest_vouches_for_it(desk, packshot):
    master = desk.approve("A1", packshot.image, packshot.alpha)
    lines = desk.deliver()
    assert [(each["channel"], each["name"], each["delivered"], each["note"]) for each in lines] == [
        ("amazon-main", "A1_front.jpg", True, ""),
        ("walmart", "A1_front.jpg", True, ""),
    ]
    data = (desk.out / "walmart" / "A1_front.jpg").read_bytes()
    assert len(data) <= 5_000_000  # its credentials count into what the channel takes
    assert read_credentials(data, "image/jpeg").state == "untrusted"
    picture = decode_own(data)
    assert picture.size == (2200, 2200)
    assert (picture.pixels[:50] == 255).all()
    manifest = json.loads((desk.out / "manifest.json").read_text())
    told = {each["file"]: each for each in manifest["files"]}
    assert told["walmart/A1_front.jpg"]["released_by"] == "Ada"
    assert told["walmart/A1_front.jpg"]["master_sha256"] == master
    assert told["walmart/A1_front.jpg"]["sha256"] == hash_file(desk.out / "walmart" / "A1_front.jpg")
    assert check_manifest(desk.out).holds
    assert any("rule pack walmart was read on 2025-07-15" in each for each in manifest["warnings"])


def test_delivering_again_derives_nothing_writes_nothing_and_tells_nothing(desk, small):
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    files = {each: each.stat().st_mtime_ns for each in desk.out.rglob("*.jpg")}
    assert [each["delivered"] for each in desk.deliver(nobody)] == [True, False]  # 800 px are too few for walmart
    assert {each: each.stat().st_mtime_ns for each in desk.out.rglob("*.jpg")} == files
    assert (desk.count(DELIVERED), desk.count(DELIVERY_REFUSED)) == (1, 1)


def test_what_is_too_small_is_refused_once_with_the_numbers_and_the_rest_leaves(desk):
    desk.approve("A1", *product(1200, 1200, (150, 90, 1050, 1110)))
    for _ in range(2):
        lines = {each["channel"]: each for each in desk.deliver()}
    assert lines["amazon-main"]["delivered"]
    assert not lines["walmart"]["delivered"]
    assert lines["walmart"]["note"].startswith("too small: the master gives 1200 x 1200 px")
    assert not (desk.out / "walmart").exists()
    assert desk.count(DELIVERY_REFUSED) == 1


def test_articles_that_would_meet_in_one_file_are_both_refused(desk, small):
    desk.approve("a1", small.image, small.alpha)
    desk.approve("A1", small.image, small.alpha)
    lines = desk.deliver(nobody)
    assert not any(each["delivered"] for each in lines)
    assert all("where upper and lower case are one" in each["note"] for each in lines)


def test_a_dry_run_names_the_files_and_writes_none(desk, small):
    desk.approve("A1", small.image, small.alpha)
    lines = desk.deliver(nobody, dry_run=True)
    assert [(each["name"], each["note"]) for each in lines] == [("A1_front.jpg", "would be made and written")] * 2
    assert not desk.out.exists()


def test_a_file_that_lies_there_is_not_written_over(desk, small):
    desk.approve("A1", small.image, small.alpha)
    (desk.out / "amazon-main").mkdir(parents=True)
    (desk.out / "amazon-main" / "A1_front.jpg").write_bytes(b"somebody else's")
    lines = {each["channel"]: each for each in desk.deliver()}
    assert "is there with other content; nothing is overwritten" in lines["amazon-main"]["note"]
    assert (desk.out / "amazon-main" / "A1_front.jpg").read_bytes() == b"somebody else's"


# What a delivered file says, and who signs it


def told_of(desk, name="amazon-main/A1_front.jpg"):
    manifest = json.loads((desk.out / "manifest.json").read_text())
    return {each["file"]: each for each in manifest["files"]}[name]["provenance"]


def test_a_delivered_file_is_signed_by_a_key_that_is_made_once_and_kept_close(desk, small):
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    data = (desk.out / "amazon-main" / "A1_front.jpg").read_bytes()
    found = read_credentials(data, "image/jpeg")
    assert (found.state, found.title) == ("untrusted", "A1_front.jpg")
    assert found.ingredients[0]["title"] == "A1_front.jpg"
    kept = desk.store.layout.credentials
    assert (kept.stat().st_mode & 0o777, (kept / "signer.json").stat().st_mode & 0o777) == (0o700, 0o600)
    signer = load_signer(desk.store.layout)
    desk.approve("B2", small.image, small.alpha)
    desk.deliver()
    assert load_signer(desk.store.layout) == signer
    assert told_of(desk)["credentials"]["vouched"] is False


def test_the_table_says_that_nobody_vouches_for_an_own_key(desk, small):
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    with (desk.out / "manifest.csv").open(encoding="utf-8-sig") as table:
        rows = list(csv.DictReader(table))
    assert rows[0]["signed_by"].endswith("(untrusted)")
    assert rows[0]["source_type"] == "digitalCapture"
    assert rows[0]["disclosure"] == "A photograph, developed for the screen. Nothing in it was generated by AI."


def test_an_original_that_is_away_costs_its_metadata_and_the_manifest_says_so(desk, small):
    desk.approve("A1", small.image, small.alpha)
    assert desk.deliver()[0]["delivered"]
    assert "the original is away" in told_of(desk)["notes"][0]


def test_a_guide_may_say_that_nothing_is_signed(tmp_path, small):
    desk = Desk(tmp_path, "[metadata]\ncredentials = false\n")
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    data = (desk.out / "amazon-main" / "A1_front.jpg").read_bytes()
    assert read_credentials(data, "image/jpeg").state == "none"
    assert not desk.store.layout.credentials.exists()
    assert "credentials" not in told_of(desk)
    desk.store.close()


def test_with_an_expired_certificate_nothing_is_delivered_rather_than_unsigned(desk, small):
    from .test_credentials import KEYS, chain_of

    chain, key, _ = chain_of(KEYS["es256"](), days=(-30, -2))
    keep_signer(desk.store.layout, desk.store.io, Signer("studio", "es256", chain.decode(), key.decode()))
    desk.approve("A1", small.image, small.alpha)
    with pytest.raises(CredentialError, match="renew it and run `safelight credentials use`"):
        desk.deliver(nobody)
    assert not desk.out.exists()
    assert desk.count(DELIVERED) == 0
