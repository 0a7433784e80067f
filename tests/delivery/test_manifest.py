import csv
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.delivery.manifest import COLUMNS, Entry, check_manifest, csv_cell, write_manifest
from safelight.delivery.place import Shelf
from safelight.delivery.verify import RuleResult
from safelight.errors import UnreadableError

RULES = (
    RuleResult("white", "background_white", "border", 0.0, "px", 0.0, "at_most", "must", "pass", "pure white"),
    RuleResult("zoom", "file_spec", "longest", 900.0, "px", 1000.0, "at_least", "should", "fail", "1,000 for zoom"),
)


def entry(folder, name="A1.jpg", data=b"picture", **more):
    placed = Shelf(folder / "shop").put(name, data)
    made = Entry(
        f"shop/{name}", "shop", placed.sha256, placed.bytes, 2000, 1500, "srgb", 95, RULES, "Ada",
        "2026-11-21T18:00:00Z", "e" * 64, "m" * 64, "DSC_1.NEF", "o" * 64, "shop", "2026-10-08", {"sku": "A1"},
    )  # fmt: skip
    return replace(made, **more)


def test_a_manifest_tells_who_released_what_and_how_it_came_to_be(tmp_path):
    path, _ = write_manifest(tmp_path, [entry(tmp_path)], {"batch": "shoot_0412", "client": "Acme"})
    data = json.loads(path.read_text())
    file = data["files"][0]
    assert (data["batch"], data["schema"]) == ("shoot_0412", 1)
    assert (file["released_by"], file["released_at"]) == ("Ada", "2026-11-21T18:00:00Z")
    assert (file["width"], file["height"], file["profile"]) == (2000, 1500, "srgb")
    assert (file["edit_key"], file["original_sha256"], file["pack_read"]) == ("e" * 64, "o" * 64, "2026-10-08")
    assert file["rules"][1] == {
        "rule": "zoom", "check": "file_spec", "measure": "longest", "value": 900.0, "unit": "px", "limit": 1000.0,
        "direction": "at_least", "severity": "should", "word": "fail",
    }  # fmt: skip


def test_the_table_has_a_row_a_file_and_opens_in_a_spreadsheet(tmp_path):
    _, path = write_manifest(tmp_path, [entry(tmp_path)], {})
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["rules_passed"], rows[0]["rules_failed"]) == ("1", "zoom")


@settings(max_examples=40)
@given(st.sampled_from("=+-@\t\r\n"), st.text(max_size=20))
def test_no_cell_is_ever_a_formula(first, rest):
    assert csv_cell(first + rest).startswith("'")


def test_a_name_that_is_a_formula_is_only_text(tmp_path):
    _, path = write_manifest(tmp_path, [entry(tmp_path, released_by="=HYPERLINK(1)", original="@SUM(A1)")], {})
    with path.open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["released_by"], row["original"]) == ("'=HYPERLINK(1)", "'@SUM(A1)")


def test_the_same_delivery_gives_the_same_bytes(tmp_path):
    entries = [entry(tmp_path, "B.jpg", b"b"), entry(tmp_path, "A.jpg", b"a")]
    path, table = write_manifest(tmp_path, entries, {"batch": "x"})
    before = path.read_bytes(), table.read_bytes()
    write_manifest(tmp_path, entries[::-1], {"batch": "x"})
    assert (path.read_bytes(), table.read_bytes()) == before


def test_a_later_delivery_keeps_the_earlier_files_listed(tmp_path):
    write_manifest(tmp_path, [entry(tmp_path, "A.jpg", b"a")], {})
    path, _ = write_manifest(tmp_path, [entry(tmp_path, "B.jpg", b"b")], {})
    assert [each["file"] for each in json.loads(path.read_text())["files"]] == ["shop/A.jpg", "shop/B.jpg"]


def test_the_table_says_what_it_cost_or_why_that_is_not_known(tmp_path):
    known = entry(tmp_path, "A.jpg", b"a", cost={"amount": 3.5, "currency": "EUR"})
    unknown = entry(tmp_path, "B.jpg", b"b", cost={"amount": None, "currency": "", "why": "no rates are set"})
    _, path = write_manifest(tmp_path, [known, unknown], {})
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [(each["cost"], each["currency"]) for each in csv.DictReader(file)]
    assert rows == [("3.5", "EUR"), ("no rates are set", "")]


def test_what_was_superseded_is_no_longer_promised_and_no_stranger(tmp_path):
    write_manifest(tmp_path, [entry(tmp_path)], {})
    old = {"file": "shop/A1.jpg", "superseded_by": "delivery-2/shop/A1.jpg", "why": "another version was approved"}
    placed = Shelf(tmp_path / "delivery-2" / "shop").put("A1.jpg", b"another")
    new = replace(entry(tmp_path), file="delivery-2/shop/A1.jpg", sha256=placed.sha256, bytes=placed.bytes, delivery=2)
    _, table = write_manifest(tmp_path, [new], {}, [old])
    found = check_manifest(tmp_path)
    assert (found.good, found.missing, found.changed, found.extra) == (("delivery-2/shop/A1.jpg",), (), (), ())
    with table.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["delivery"], row["supersedes"]) == ("2", "shop/A1.jpg")


def test_a_delivery_as_promised_holds(tmp_path):
    path, _ = write_manifest(tmp_path, [entry(tmp_path)], {})
    found = check_manifest(path)
    assert (found.holds, found.good, found.extra) == (True, ("shop/A1.jpg",), ())
    assert check_manifest(tmp_path) == found


def test_a_changed_byte_is_found(tmp_path):
    path, _ = write_manifest(tmp_path, [entry(tmp_path)], {})
    (tmp_path / "shop" / "A1.jpg").write_bytes(b"pictura")
    found = check_manifest(path)
    assert (found.holds, found.changed) == (False, ("shop/A1.jpg",))


def test_a_missing_file_and_an_extra_one_are_found(tmp_path):
    path, _ = write_manifest(tmp_path, [entry(tmp_path)], {})
    (tmp_path / "shop" / "A1.jpg").rename(tmp_path / "shop" / "A2.jpg")
    found = check_manifest(path)
    assert (found.missing, found.extra) == (("shop/A1.jpg",), ("shop/A2.jpg",))


def test_a_link_in_the_place_of_a_file_is_not_the_file(tmp_path):
    path, _ = write_manifest(tmp_path, [entry(tmp_path)], {})
    real = tmp_path / "shop" / "A1.jpg"
    real.rename(tmp_path / "elsewhere.jpg")
    real.symlink_to(tmp_path / "elsewhere.jpg")
    assert check_manifest(path).missing == ("shop/A1.jpg",)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "shop\\..\\x", 7])
def test_a_manifest_that_names_files_elsewhere_is_refused(tmp_path, name):
    path, _ = write_manifest(tmp_path, [entry(tmp_path)], {})
    data = json.loads(path.read_text())
    data["files"][0]["file"] = name
    path.write_text(json.dumps(data))
    with pytest.raises(UnreadableError, match="which lies outside its folder"):
        check_manifest(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"schema": 1, "files": [{"file": "a"}]}', "[" * 100_000])
def test_what_is_no_manifest_is_refused_and_never_written_over(tmp_path, text):
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(UnreadableError, match="is no manifest"):
        check_manifest(path)
    with pytest.raises(UnreadableError):
        write_manifest(tmp_path, [entry(tmp_path)], {})
    assert path.read_text() == text


def test_a_manifest_of_a_newer_safelight_says_to_update(tmp_path):
    (tmp_path / "manifest.json").write_text('{"schema": 2, "files": []}')
    with pytest.raises(UnreadableError, match="schema 2; this safelight reads 1: update it"):
        check_manifest(tmp_path)
