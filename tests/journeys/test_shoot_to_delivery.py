"""A shoot goes in; proofs, a queue and, after a release, delivered files come out."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re

import pytest

from safelight.media.encode import decode_own
from tests.journeys.cli import lines, safelight
from tests.shoots import SPOT_CHECK_GUIDE, jpeg, product, write_shoot


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """Return a folder with a shoot of four packshots, run under a guide that allows spot checks."""
    folder = tmp_path_factory.mktemp("studio")
    write_shoot(folder / "spring", 4)
    (folder / "spring" / "packshots" / "SKU00_copy.jpg").write_bytes(
        (folder / "spring" / "packshots" / "SKU00_front.jpg").read_bytes()
    )
    (folder / "spring" / "packshots" / "broken.jpg").write_bytes(jpeg(product(9))[:9000])
    (folder / "acme.toml").write_text(SPOT_CHECK_GUIDE)
    done = safelight("run", "spring", "--guide", "acme.toml", "--json", folder=folder, code=3)
    return folder, {each["file"]: each for each in lines(done)}


def test_every_file_has_a_line_with_its_standing_and_reasons(studio):
    _, found = studio
    assert len(found) == 6
    assert all(each["reasons"] for each in found.values())
    assert found["packshots/broken.jpg"]["standing"] == "refused"
    assert "broken.jpg" in found["packshots/broken.jpg"]["reasons"][0]


def test_the_copy_of_a_file_is_kept_as_an_alternate_and_not_worked_twice(studio):
    _, found = studio
    copies = [found["packshots/SKU00_copy.jpg"], found["packshots/SKU00_front.jpg"]]
    assert sorted(each["class"] for each in copies) == ["alternate", "pick"]


def test_a_clean_packshot_passes_gate_1_and_waits_for_the_sample(studio):
    _, found = studio
    routes = {
        each["route"] for name, each in found.items() if name.startswith("packshots/SKU0") and each["class"] == "pick"
    }
    assert routes == {"spot_check"}


def test_proofs_and_the_page_lie_in_the_out_folder(studio):
    folder, found = studio
    proofs = [each["proof"] for each in found.values() if each["proof"]]
    assert len(proofs) >= 4
    for each in proofs:
        picture = decode_own((folder / "out" / "spring" / each).read_bytes())
        assert picture.pixels[0, 0].tolist() == [255, 255, 255]
    page = (folder / "out" / "spring" / "report.html").read_text()
    assert "SKU01" in page and "http://" not in page.replace("http://www.w3.org", "")


def test_the_intake_of_a_run_fills_a_contact_sheet_as_a_cull_does(studio):
    folder, found = studio
    home = folder / "out" / "spring"
    page = (home / "contact.html").read_text("utf-8")
    for name in found:
        assert name.rsplit("/", 1)[-1] in page
    shown = re.findall(r'src="(thumbnails/[^"]+)"', page)
    assert len(shown) == 5  # the broken one has none
    assert all((home / each).is_file() for each in shown)
    assert "refresh" not in page


def test_nothing_leaves_before_a_named_person_has_decided_the_sample(studio):
    folder, _ = studio
    assert not (folder / "out" / "spring" / "delivery").exists()
    asked = safelight("release", "spring", "--as", "Ines", folder=folder, code=1)
    assert "Sample of 4 from 4 files" in asked.stdout
    assert "nothing was released" in asked.stderr
    assert not (folder / "out" / "spring" / "delivery").exists()


def test_a_release_delivers_to_every_channel_with_a_manifest_that_names_who_released(studio):
    folder, _ = studio
    safelight("release", "spring", "--as", "Ines Weber", "--yes", folder=folder)
    place = folder / "out" / "spring" / "delivery"
    manifest = json.loads((place / "manifest.json").read_text())
    assert len(manifest["files"]) == 8
    for each in manifest["files"]:
        data = (place / each["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == each["sha256"]
        assert len(data) == each["bytes"]
        assert each["released_by"] == "Ines Weber"
        assert all(rule["word"] == "pass" for rule in each["rules"] if rule["severity"] == "must")
    with (place / "manifest.csv").open(encoding="utf-8-sig") as table:
        assert len(list(csv.DictReader(table))) == 8


def test_a_delivered_file_passes_its_own_channel_when_it_is_read_from_disk(studio):
    folder, _ = studio
    place = folder / "out" / "spring" / "delivery" / "amazon-main"
    for file in sorted(place.iterdir()):
        safelight("check", file, "--channel", "amazon-main", folder=folder)


def test_a_delivered_files_credentials_are_shown_verified_and_found_tampered(studio):
    folder, _ = studio
    file = folder / "out" / "spring" / "delivery" / "amazon-main" / "SKU01_front.jpg"
    shown = safelight("credentials", "show", file, folder=folder).stdout
    assert "c2pa.adjustedColor, safelight exposure" in shown and "from SKU01_front.jpg (parentOf)" in shown
    unknown = safelight("credentials", "verify", file, folder=folder, code=1).stdout
    assert "signingCredential.untrusted" in unknown and "verified" not in unknown
    safelight("credentials", "signer", "--root", "root.pem", folder=folder)
    assert ": verified:" in safelight("credentials", "verify", file, "--trust", "root.pem", folder=folder).stdout
    harmed = bytearray(file.read_bytes())
    harmed[-400] ^= 1
    (folder / "harmed.jpg").write_bytes(harmed)
    found = safelight("credentials", "verify", "harmed.jpg", "--trust", "root.pem", folder=folder, code=1).stdout
    assert "assertion.dataHash.mismatch" in found


def test_a_second_run_and_a_second_release_do_nothing_twice(studio):
    folder, _ = studio
    before = _ledger(folder)
    again = safelight("run", "spring", "--guide", "acme.toml", "--json", folder=folder, code=3)
    assert {each["standing"] for each in lines(again)} == {"delivered", "left_out", "refused"}
    safelight("deliver", "spring", folder=folder)
    assert _ledger(folder) == before


def test_the_store_verifies_and_names_a_damaged_blob_with_its_file(studio):
    folder, _ = studio
    assert "clean" in safelight("verify", "--read-data", folder=folder).stdout
    biggest = max(
        (folder / ".safelight" / "blobs").rglob("*"), key=lambda each: each.stat().st_size if each.is_file() else 0
    )
    data = bytearray(biggest.read_bytes())
    data[len(data) // 2] ^= 1
    os.chmod(biggest, 0o644)
    biggest.write_bytes(data)
    found = safelight("verify", "--read-data", folder=folder, code=1)
    assert biggest.name in found.stdout.replace("…", "") or biggest.name[:8] in found.stdout


def test_originals_are_what_they_were(studio):
    folder, _ = studio
    for n in range(4):
        assert (folder / "spring" / "packshots" / f"SKU{n:02}_front.jpg").read_bytes() == jpeg(
            product(seed=n), taken=f"2026:03:01 10:{n:02}:00"
        )


def _ledger(folder):
    from safelight.store import Store

    with Store.open(folder / ".safelight") as store:
        return store.ledger.head()
