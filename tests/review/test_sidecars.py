import os

import pytest

from safelight.core import batch as told
from safelight.core.overruling import read_overrulings
from safelight.errors import UsageError
from safelight.media import sidecar_files
from safelight.media.sidecar import Fields, foreign, read_sidecar
from safelight.media.sidecar_names import sidecars_beside
from safelight.media.sidecar_write import write_fields
from safelight.media.sidecar_xml import parse
from tests.media.sidecars import PROGRAMS, sidecar
from tests.review.shoot_store import Shoot


@pytest.fixture
def shoot(tmp_path):
    made = Shoot(tmp_path)
    yield made
    made.store.close()


def states(lines):
    return {name: line["state"] for name, line in lines.items()}


def fields(shoot, name):
    return read_sidecar(shoot.get(name), name).fields


def change(shoot, name, **values):
    from dataclasses import replace

    data = shoot.get(name)
    shoot.put(name, write_fields(data, replace(read_sidecar(data, name).fields, **values), name))


def test_classes_become_stars_flags_and_listed_keywords(shoot):
    for name, cull in (("a.jpg", "pick"), ("b.jpg", "alternate"), ("c.jpg", "cant_tell"), ("d.jpg", "reject")):
        shoot.file(name, cull)
    assert set(states(shoot.write()).values()) == {"written"}
    found = [fields(shoot, f"{each}.xmp") for each in "abcd"]
    assert [each.rating for each in found] == [3, 2, 1, -1]
    assert [each.pick or 0 for each in found] == [1, 0, 0, -1]
    assert {each.keywords for each in found} == {frozenset({"front", "packshot"})}
    assert {each.tree for each in found} == {frozenset({"View|front", "Category|packshot"})}


def test_a_word_that_is_not_on_the_list_is_told_and_not_written(shoot):
    shoot.file("a.jpg", color="mauve")
    assert "mauve" in shoot.write()["a.xmp"]["text"]
    assert "mauve" not in fields(shoot, "a.xmp").keywords


def test_a_second_write_touches_no_file_and_says_nothing_new(shoot):
    shoot.file("a.jpg")
    shoot.write()
    before, facts = (shoot.root / "a.xmp").stat().st_mtime_ns, len(shoot.store.ledger.facts())
    assert states(shoot.write()) == {"a.xmp": "in_step"}
    assert (shoot.root / "a.xmp").stat().st_mtime_ns == before
    assert len(shoot.store.ledger.facts()) == facts


def test_what_lightroom_changed_becomes_a_named_overruling(shoot):
    shoot.file("a.jpg", "reject", confidence=0.7)
    shoot.write()
    change(shoot, "a.xmp", rating=5.0, pick=1)
    assert states(shoot.status()) == {"a.xmp": "to_read"}
    assert states(shoot.read("Ines")) == {"a.xmp": "read"}
    said = {each.field: each for each in read_overrulings(shoot.store.ledger.facts())}
    assert (said["class"].old, said["class"].new, said["class"].by) == ("reject", "pick", "Ines")
    assert (said["class"].machine, said["class"].confidence, said["class"].via) == ("reject", 0.7, "a.xmp")
    assert said["rating"].new == 5
    assert shoot.state().files["a.jpg"].sorted["class"] == "pick"
    assert states(shoot.write()) == {"a.xmp": "written"}
    assert fields(shoot, "a.xmp").cull == "pick"
    assert fields(shoot, "a.xmp").rating == 5
    assert states(shoot.status()) == {"a.xmp": "in_step"}


def test_reading_twice_says_it_once(shoot):
    shoot.file("a.jpg")
    shoot.write()
    change(shoot, "a.xmp", label="Rot")
    shoot.read()
    facts = len(shoot.store.ledger.facts())
    assert states(shoot.read()) == {"a.xmp": "in_step"}
    assert len(shoot.store.ledger.facts()) == facts


def test_a_write_leaves_what_was_changed_outside_until_it_is_read(shoot):
    shoot.file("a.jpg")
    shoot.write()
    change(shoot, "a.xmp", rating=5.0, keywords=frozenset({"client"}))
    assert states(shoot.write()) == {"a.xmp": "to_read"}
    assert fields(shoot, "a.xmp").rating == 5
    assert fields(shoot, "a.xmp").keywords == {"client"}


# RELIABILITY C-05: the same field changed on both sides is shown, both are kept.
def test_two_people_on_one_field_are_a_conflict_until_somebody_settles_it(shoot):
    shoot.file("a.jpg")
    shoot.write()
    change(shoot, "a.xmp", rating=5.0)
    shoot.overrule("a.jpg", word="reject")
    for lines in (shoot.status(), shoot.write(), shoot.read("Otto")):
        assert lines["a.xmp"]["state"] == "conflict"
        assert "rating is 5 in the file and -1 here" in lines["a.xmp"]["text"]
    assert fields(shoot, "a.xmp").rating == 5
    assert shoot.state().files["a.jpg"].sorted["class"] == "reject"
    assert states(shoot.write(settle="ledger", name="Ines")) == {"a.xmp": "written"}
    assert fields(shoot, "a.xmp").rating == -1


def test_different_fields_changed_on_both_sides_both_count(shoot):
    shoot.file("a.jpg")
    shoot.write()
    change(shoot, "a.xmp", label="Rot", keywords=fields(shoot, "a.xmp").keywords | {"client"})
    shoot.overrule("a.jpg", word="reject")
    assert states(shoot.read("Otto")) == {"a.xmp": "read"}
    assert states(shoot.write()) == {"a.xmp": "written"}
    now = fields(shoot, "a.xmp")
    assert (now.rating, now.label) == (-1, "Rot")
    assert "client" in now.keywords
    said = {each.field: each.by for each in read_overrulings(shoot.store.ledger.facts())}
    assert (said["class"], said["label"]) == ("Ines", "Otto")
    assert states(shoot.status()) == {"a.xmp": "in_step"}


def test_a_conflict_can_be_settled_to_the_file(shoot):
    shoot.file("a.jpg")
    shoot.write()
    change(shoot, "a.xmp", rating=5.0)
    shoot.overrule("a.jpg", word="reject")
    shoot.read("Otto", settle="file")
    assert shoot.state().files["a.jpg"].sorted["class"] == "pick"
    assert states(shoot.write())["a.xmp"] in ("written", "in_step")
    assert fields(shoot, "a.xmp").rating == 5


def test_keywords_of_ours_that_were_deleted_outside_do_not_come_back(shoot):
    shoot.file("a.jpg")
    shoot.write()
    change(shoot, "a.xmp", keywords=frozenset({"packshot"}), tree=frozenset())
    for _ in range(2):
        shoot.read()
        shoot.write()
    assert fields(shoot, "a.xmp").keywords == {"packshot"}
    assert fields(shoot, "a.xmp").tree == frozenset()


@pytest.mark.parametrize("program", ["lightroom", "darktable", "digikam", "photo_mechanic"])
def test_a_sidecar_of_another_program_is_bound_by_its_moment_and_loses_nothing(shoot, program):
    shoot.file("IMG_0001.CR2")
    shoot.put("IMG_0001.xmp", sidecar(program))
    before = foreign(parse(sidecar(program), "a"), "a")
    shoot.read()
    shoot.write()
    after = shoot.get("IMG_0001.xmp")
    assert foreign(parse(after, "a"), "a") == before
    assert read_sidecar(after, "a").fields.rating == read_sidecar(sidecar(program), "a").fields.rating


def test_a_sidecar_that_does_not_say_whose_it_is_waits_for_a_person(shoot):
    shoot.file("a.jpg")
    shoot.put("a.xmp", sidecar("capture_one"))
    assert states(shoot.write()) == {"a.xmp": "unbound"}
    assert "--trust-names" in shoot.status()["a.xmp"]["text"]
    assert states(shoot.read(trust_names=True)) == {"a.xmp": "read"}
    assert states(shoot.write()) == {"a.xmp": "written"}
    assert fields(shoot, "a.xmp").rating == 2
    assert shoot.state().files["a.jpg"].sorted["class"] == "alternate"


# RELIABILITY C-08: names that a camera used before, with stale sidecars.
@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_stale_sidecars_of_a_camera_that_counts_anew_are_never_taken(shoot, count):
    for number in range(count):
        shoot.file(f"DSC_{number:04}.jpg", taken=f"2026-03-02T11:{number // 60:02}:{number % 60:02}")
        own = number % 2 == 0
        stale = Fields(rating=5.0, original="ab" * 32) if own else Fields(rating=5.0)
        shoot.put(f"DSC_{number:04}.xmp", write_fields(None if own else sidecar("lightroom"), stale, "a.xmp"))
    before = {each.name: each.read_bytes() for each in shoot.root.glob("*.xmp")}
    lines = shoot.read()
    assert {line["state"] for name, line in lines.items() if not name.endswith(".jpg.xmp")} == {"other_photograph"}
    shoot.write()
    assert all((shoot.root / name).read_bytes() == data for name, data in before.items())
    assert {file.sorted["class"] for file in shoot.state().files.values()} == {"pick"}
    assert fields(shoot, "DSC_0000.jpg.xmp").rating == 3
    assert all(line["done"] for line in shoot.status().values())


def test_another_camera_is_another_photograph(shoot):
    shoot.file("IMG_0001.CR2", model="Other Two")
    shoot.put("IMG_0001.xmp", sidecar("lightroom"))
    assert "Test One" in shoot.status()["IMG_0001.xmp"]["text"]


def test_a_malformed_sidecar_is_told_and_kept(shoot):
    shoot.file("a.jpg")
    for data in (b"", b"<x:xmpmeta", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\xff\xd8\xff"):
        shoot.put("a.xmp", data)
        assert states(shoot.write())["a.xmp"] == "malformed"
        assert shoot.get("a.xmp") == data
    assert "left as it is" in shoot.status()["a.xmp"]["text"]


def test_nothing_is_written_through_a_link(shoot, tmp_path):
    shoot.file("a.jpg")
    target = tmp_path / "elsewhere.xmp"
    target.write_bytes(sidecar("bridge"))
    (shoot.root / "a.xmp").symlink_to(target)
    assert states(shoot.write())["a.xmp"] == "unreachable"
    assert "link" in shoot.status()["a.xmp"]["text"]
    assert target.read_bytes() == sidecar("bridge")


def test_nothing_is_written_into_a_folder_that_became_a_link(shoot, tmp_path):
    shoot.file("in/a.jpg")
    outside = tmp_path / "outside"
    (shoot.root / "in").rename(outside)
    (shoot.root / "in").symlink_to(outside)
    assert states(shoot.write()) == {"in/a.xmp": "unreachable"}
    assert not list(outside.glob("*.xmp"))


# RELIABILITY C-06: a folder that is read-only or full.
@pytest.mark.parametrize("error", ["EACCES", "EROFS", "ENOSPC"])
def test_a_folder_that_cannot_be_written_keeps_the_word_and_is_tried_again(shoot, monkeypatch, error):
    import errno

    shoot.file("a.jpg", "reject")
    real = os.open

    def refuse(path, flags, *rest, **more):
        if flags & os.O_CREAT:
            raise OSError(getattr(errno, error), "no")
        return real(path, flags, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(sidecar_files.os, "open", refuse)
        assert states(shoot.write()) == {"a.xmp": "not_written"}
        shoot.write()
    failed = shoot.store.ledger.facts(kind=told.SIDECAR_FAILED)
    assert len(failed) == 1
    line = shoot.status()["a.xmp"]
    assert (line["state"], line["done"]) == ("not_written", False)
    assert not list(shoot.root.glob("*safelight*"))
    assert states(shoot.write()) == {"a.xmp": "written"}
    assert states(shoot.status()) == {"a.xmp": "in_step"}


def test_a_full_disk_leaves_the_old_sidecar_whole(shoot, monkeypatch):
    shoot.file("IMG_0001.CR2")
    shoot.put("IMG_0001.xmp", sidecar("lightroom"))
    shoot.read()

    def full(handle, view):
        raise OSError(28, "full")

    with monkeypatch.context() as patch:
        patch.setattr(sidecar_files.os, "write", full)
        assert "free some space" in shoot.write()["IMG_0001.xmp"]["text"]
    assert shoot.get("IMG_0001.xmp") == sidecar("lightroom")
    assert sorted(each.name for each in shoot.root.iterdir()) == ["IMG_0001.CR2", "IMG_0001.xmp"]


def test_a_sidecar_that_another_program_wrote_meanwhile_is_left_to_it(tmp_path):
    (tmp_path / "a.xmp").write_bytes(b"theirs")
    with pytest.raises(sidecar_files.ChangedMeanwhileError):
        sidecar_files.write_beside(str(tmp_path), "a.xmp", b"ours", b"what was read")
    assert (tmp_path / "a.xmp").read_bytes() == b"theirs"


def test_a_sidecar_keeps_its_permissions(shoot):
    shoot.file("IMG_0001.CR2")
    shoot.put("IMG_0001.xmp", sidecar("lightroom"))
    (shoot.root / "IMG_0001.xmp").chmod(0o640)
    shoot.read()
    shoot.write()
    assert (shoot.root / "IMG_0001.xmp").stat().st_mode & 0o777 == 0o640


def test_raw_and_jpeg_of_one_name_each_have_their_own(shoot):
    shoot.file("IMG_0001.CR2", "pick")
    shoot.file("IMG_0001.JPG", "reject")
    assert states(shoot.write()) == {"IMG_0001.CR2.xmp": "written", "IMG_0001.JPG.xmp": "written"}
    assert fields(shoot, "IMG_0001.JPG.xmp").rating == -1
    assert "shares its base name" in shoot.status()["IMG_0001.JPG.xmp"]["text"]


def test_adobes_sidecar_is_the_raw_files(shoot):
    shoot.file("IMG_0001.CR2", "pick")
    shoot.file("IMG_0001.JPG", "reject")
    shoot.put("IMG_0001.xmp", sidecar("lightroom"))
    shoot.read()
    shoot.write()
    assert fields(shoot, "IMG_0001.xmp").rating == 4
    assert fields(shoot, "IMG_0001.JPG.xmp").rating == -1


def test_between_two_raws_what_is_inside_decides(shoot):
    shoot.file("IMG_0001.CR2", "pick")
    shoot.file("IMG_0001.DNG", "reject")
    shoot.put("IMG_0001.xmp", sidecar("lightroom"))  # says CR2
    shoot.read()
    shoot.write()
    assert fields(shoot, "IMG_0001.xmp").rating == 4
    assert fields(shoot, "IMG_0001.DNG.xmp").rating == -1
    assert shoot.state().files["IMG_0001.DNG"].sorted["class"] == "reject"


def test_both_names_of_one_original_are_kept_in_step(shoot):
    shoot.file("IMG_0001.CR2")
    shoot.put("IMG_0001.xmp", sidecar("lightroom"))
    shoot.put("IMG_0001.CR2.xmp", sidecar("darktable"))
    lines = shoot.read()
    assert set(lines) == {"IMG_0001.xmp", "IMG_0001.CR2.xmp"}
    assert lines["IMG_0001.xmp"]["state"] == "read"


# RELIABILITY C-04: versions of other programs stay as many as they were.
def test_further_versions_are_counted_and_left(shoot):
    shoot.file("IMG_0001.CR2")
    versions = [f"IMG_0001_{number:02}.CR2.xmp" for number in range(1, 6)]
    for each in versions:
        shoot.put(each, sidecar("darktable"))
    line = shoot.write()["IMG_0001.xmp"]
    assert "5 sidecars of further versions" in line["text"]
    assert all(shoot.get(each) == sidecar("darktable") for each in versions)


def test_as_many_versions_come_out_as_went_in_whatever_is_decided_meanwhile(shoot):
    shoot.file("IMG_0001.CR2", "reject")
    names = ["IMG_0001.CR2.xmp", *(f"IMG_0001_{number:02}.CR2.xmp" for number in range(1, 6))]
    for each in names:
        shoot.put(each, sidecar("darktable"))
    shoot.read(trust_names=True)
    shoot.overrule("IMG_0001.CR2", word="alternate")
    for _ in range(2):
        shoot.write()
        shoot.read("Otto")
    assert sorted(each.name for each in shoot.root.glob("*.xmp")) == sorted(names)
    assert all(shoot.get(each) == sidecar("darktable") for each in names[1:])
    assert foreign(parse(shoot.get(names[0]), "a"), "a") == foreign(parse(sidecar("darktable"), "a"), "a")
    assert shoot.state().files["IMG_0001.CR2"].sorted["class"] == "alternate"


def test_endings_in_capitals_are_sidecars_too():
    found = sidecars_beside({"IMG_1.CR2": "raw"}, ["IMG_1.XMP", "img_1.cr2.xmp"])
    assert found["IMG_1.CR2"].own == ("IMG_1.XMP", "img_1.cr2.xmp")


# RELIABILITY C-03: import, edit, import again; no foreign field is lost.
@pytest.mark.parametrize("count", [28, pytest.param(1400, marks=pytest.mark.slow)])
def test_sidecars_of_seven_programs_come_through_whole(shoot, count):
    made = {}
    for number in range(count):
        program = sorted(PROGRAMS)[number % len(PROGRAMS)]
        stem = f"IMG_{number:04}"
        shoot.file(f"{stem}.CR2", ("pick", "reject", "alternate")[number % 3])
        shoot.put(f"{stem}.xmp", sidecar(program))
        made[f"{stem}.xmp"] = program
    shoot.read(trust_names=True)
    shoot.write()
    for name, program in made.items():
        before, after = parse(sidecar(program), name), parse(shoot.get(name), name)
        assert foreign(after, name) == foreign(before, name)
        was, now = read_sidecar(sidecar(program), name).fields, fields(shoot, name)
        assert was.keywords <= now.keywords
        assert was.rating in (None, 0) or now.rating == was.rating
        assert was.label is None or now.label == was.label
    assert set(states(shoot.status()).values()) == {"in_step"}


@pytest.mark.parametrize("count", [28, pytest.param(1001, marks=pytest.mark.slow)])
def test_a_shoot_that_was_removed_and_is_taken_in_again_has_lost_no_field(shoot, tmp_path, count):
    made = {}
    for number in range(count):
        stem, program = f"IMG_{number:04}", sorted(PROGRAMS)[number % len(PROGRAMS)]
        shoot.file(f"{stem}.CR2", "pick")
        shoot.put(f"{stem}.xmp", sidecar(program))
        made[f"{stem}.xmp"] = program
    shoot.read(trust_names=True)
    shoot.overrule("IMG_0000.CR2", word="reject")
    change(shoot, "IMG_0001.xmp", label="Ines's own")
    shoot.read()
    shoot.write()
    kept = {name: fields(shoot, name) for name in made}
    shoot.store.close()
    (tmp_path / "again").mkdir()
    again = Shoot(tmp_path / "again", root=shoot.root)  # another store, which has never seen them
    try:
        for number in range(count):
            again.file(f"IMG_{number:04}.CR2", ("alternate", "reject")[number % 2])  # nor culls them as the first did
        again.write()
        again.read(trust_names=True)
        again.write()
        assert {name: fields(again, name) for name in made} == kept
        for name, program in made.items():
            assert foreign(parse(again.get(name), name), name) == foreign(parse(sidecar(program), name), name)
        assert again.state().files["IMG_0000.CR2"].sorted["class"] == "reject"
    finally:
        again.store.close()


def test_reading_needs_a_name(shoot):
    with pytest.raises(UsageError, match="--as NAME"):
        shoot.read(" ")
    with pytest.raises(UsageError, match="--as NAME"):
        shoot.write(settle="ledger")


@pytest.mark.parametrize(
    "name",
    [
        "-rf.jpg",
        "two\nlines.jpg",
        "a\u202egpj.jpg",
        "caf\udce9.jpg",
        "=cmd().jpg",
        "e\u0301.jpg",
        "con.jpg",
        "x" * 240 + ".jpg",
    ],
)
def test_odd_names_get_their_sidecars(shoot, name):
    shoot.file(name)
    (line,) = shoot.write().values()
    assert line["state"] == "written"
    assert line["sidecar"].isprintable()
    assert set(states(shoot.status()).values()) == {"in_step"}
