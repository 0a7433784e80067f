import json
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import TooLargeError, UnreadableError
from safelight.media.sidecar import Fields, foreign, read_sidecar, same
from safelight.media.sidecar_labels import same_label
from safelight.media.sidecar_write import write_fields
from safelight.media.sidecar_xml import attribute_text, parse
from tests.media.sidecars import PROGRAMS, sidecar

ORIGINAL = "ab" * 32
# What XML can hold, odd things among them.
words = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), min_size=1)
bags = st.frozensets(words, max_size=5)
fields = st.builds(
    Fields,
    rating=st.sampled_from([None, -1.0, 0.0, 1.0, 3.5, 5.0]),
    label=st.none() | st.sampled_from(["Red", "Gelb", "Winner", "Client A & B", '"quoted"']),
    pick=st.sampled_from([None, -1, 0, 1]),
    keywords=bags,
    tree=bags,
    cull=st.sampled_from([None, "pick", "reject"]),
    original=st.sampled_from([None, ORIGINAL]),
)
programs = st.sampled_from(sorted(PROGRAMS))


def packet(inside, before="", rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"):
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}">{inside}</rdf:RDF></x:xmpmeta>'
    ).encode()


def described(attributes="", inside=""):
    return packet(
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/" '
        f"{attributes}>{inside}</rdf:Description>"
    )


@pytest.mark.parametrize(
    ("program", "rating", "label", "pick", "keywords"),
    [
        ("lightroom", 4, "Gelb", 1, {"spring", "Müller & Söhne"}),
        ("capture_one", 2, "Green", None, {"spring"}),
        ("darktable", 1, None, None, {"darktable|format|cr2"}),
        ("digikam", 5, None, None, {"Acme"}),
        ("photo_mechanic", 3, "Winner alt", None, set()),
        ("bridge", -1, "Second", None, set()),
        ("immich", 0, None, None, set()),
    ],
)
def test_what_each_program_wrote_is_read(program, rating, label, pick, keywords):
    read = read_sidecar(sidecar(program), "a.xmp")
    found = read.fields
    assert (found.rating, found.label, found.pick, found.keywords) == (rating, label, pick, keywords)
    assert not read.unclear


@pytest.mark.parametrize(
    ("program", "taken"),
    [
        ("lightroom", ("2026-03-01T10:00:00.21",)),
        ("darktable", ("2026:03:01 10:00:00.210",)),
        ("photo_mechanic", ("2026-03-01T10:00:00+01:00",)),
        ("capture_one", ()),
    ],
)
def test_a_sidecar_says_when_its_photograph_was_taken(program, taken):
    assert read_sidecar(sidecar(program), "a.xmp").taken_at == taken


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_writing_what_is_there_changes_no_byte(program):
    data = sidecar(program)
    assert write_fields(data, read_sidecar(data, "a.xmp").fields, "a.xmp") == data


@given(program=programs, wanted=fields)
def test_every_field_reads_as_it_was_written(program, wanted):
    after = read_sidecar(write_fields(sidecar(program), wanted, "a.xmp"), "a.xmp").fields
    for name in ("rating", "label", "pick", "keywords", "tree", "cull", "original"):
        assert same(name, getattr(after, name), getattr(wanted, name))


@given(program=programs, wanted=fields)
def test_no_write_drops_or_changes_a_foreign_field(program, wanted):
    before = parse(sidecar(program), "a")
    after = parse(write_fields(sidecar(program), wanted, "a.xmp"), "a")
    assert foreign(after, "a") == foreign(before, "a")


@given(program=programs, wanted=fields)
def test_writing_twice_is_writing_once(program, wanted):
    once = write_fields(sidecar(program), wanted, "a.xmp")
    assert write_fields(once, wanted, "a.xmp") == once


@given(program=programs, wanted=fields)
def test_writing_back_what_was_there_restores_every_field(program, wanted):
    first = read_sidecar(sidecar(program), "a.xmp").fields
    there = write_fields(sidecar(program), wanted, "a.xmp")
    back = read_sidecar(write_fields(there, first, "a.xmp"), "a.xmp").fields
    assert back.keywords == first.keywords
    assert same("rating", back.rating, first.rating)


@given(wanted=fields, data=st.binary(max_size=200))
def test_bytes_that_are_no_sidecar_are_refused_and_never_rewritten(wanted, data):
    with pytest.raises(UnreadableError):
        write_fields(data, wanted, "a.xmp")


def exiftool(*words):
    return subprocess.run(["exiftool", *words], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def oracle(tmp_path):
    import shutil

    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")

    def read(data):
        path = tmp_path / "a.xmp"
        path.write_bytes(data)
        found = json.loads(exiftool("-j", "-G1", "-struct", "-n", "-a", str(path)))[0]
        return {key: value for key, value in found.items() if key.split(":")[0].startswith("XMP-")}

    return read


OURS = {
    "XMP-xmp:Rating",
    "XMP-xmp:Label",
    "XMP-xmpDM:Pick",
    "XMP-xmpDM:Good",
    "XMP-dc:Subject",
    "XMP-lr:HierarchicalSubject",
    "XMP-photomech:ColorClass",
    "XMP-safelight:Class",
    "XMP-safelight:Original",
}


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_exiftool_reads_what_was_written_and_all_that_was_there(program, oracle):
    before = oracle(sidecar(program))
    first = read_sidecar(sidecar(program), "a.xmp").fields
    wanted = Fields(-1.0, "Red", -1, first.keywords | {"front"}, first.tree | {"View|front"}, "reject", ORIGINAL)
    after = oracle(write_fields(sidecar(program), wanted, "a.xmp"))
    assert after["XMP-xmp:Rating"] == -1
    assert after["XMP-xmp:Label"] == "Red"
    assert after["XMP-xmpDM:Pick"] == -1
    subject = after["XMP-dc:Subject"]
    assert set([subject] if isinstance(subject, str) else subject) == first.keywords | {"front"}
    assert {k: v for k, v in after.items() if k not in OURS} == {k: v for k, v in before.items() if k not in OURS}


def test_what_exiftool_changes_is_read_back(tmp_path, oracle):
    path = tmp_path / "b.xmp"
    path.write_bytes(write_fields(sidecar("lightroom"), Fields(rating=3.0, original=ORIGINAL), "b.xmp"))
    exiftool("-overwrite_original", "-XMP-xmp:Rating=5", "-XMP-dc:Subject+=client", "-XMP-xmp:Label=Blau", str(path))
    found = read_sidecar(path.read_bytes(), "b.xmp").fields
    assert (found.rating, found.label, found.keywords, found.original) == (5, "Blau", {"client"}, ORIGINAL)


def test_good_and_color_class_go_in_step_where_they_are_there():
    after = write_fields(sidecar("lightroom"), Fields(pick=-1), "a.xmp")
    assert b'xmpDM:good="false"' in after
    assert b"<photomechanic:ColorClass>8<" in write_fields(sidecar("photo_mechanic"), Fields(label="Trash"), "a.xmp")
    assert b"xmpDM:good" not in write_fields(sidecar("bridge"), Fields(pick=1), "a.xmp")


def test_a_word_for_the_same_color_is_not_rewritten():
    assert b'xmp:Label="Gelb"' in write_fields(sidecar("lightroom"), Fields(label="Yellow"), "a.xmp")
    assert same_label("Select", "Rot")
    assert not same_label("Winner", "Red")


def test_comments_and_processing_instructions_stay():
    data = described(inside="<!-- a --><xmp:Rating>1<!-- b --><?c d?></xmp:Rating><!-- e -->") + b"<!-- f -->"
    after = write_fields(data, Fields(rating=2.0), "a.xmp")
    for note in (b"<!-- a -->", b"<!-- b -->", b"<?c d?>", b"<!-- e -->", b"<!-- f -->"):
        assert note in after
    assert b"<!-- b -->" in write_fields(data, Fields(), "a.xmp")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (described('xmp:Rating="99"'), "it takes -1 to 5"),
        (described('xmp:Rating="many"'), "it takes -1 to 5"),
        (described('xmp:Rating="1"', "<xmp:Rating>2</xmp:Rating>"), "more than once"),
        (described(inside='<xmp:Rating rdf:parseType="Resource"><rdf:value>3</rdf:value></xmp:Rating>'), "no plain"),
    ],
)
def test_a_rating_in_an_unclear_form_is_told_and_never_overwritten(data, why):
    read = read_sidecar(data, "a.xmp")
    assert why in read.unclear["rating"]
    assert write_fields(data, Fields(rating=3.0), "a.xmp") == data


def test_keywords_in_an_unclear_form_are_told_and_never_overwritten():
    data = described('dc:subject="a"')
    assert "list" in read_sidecar(data, "a.xmp").unclear["keywords"]
    assert write_fields(data, Fields(keywords=frozenset({"b"})), "a.xmp") == data


@pytest.mark.parametrize(
    "inside",
    ["", "<rdf:Description/>", '<rdf:Description rdf:about=""></rdf:Description>', "<rdf:Description rdf:about=''/>"],
)
def test_an_empty_packet_takes_every_field(inside):
    wanted = Fields(2.0, "Red", 1, frozenset({"a"}), frozenset({"A|a"}), "pick", ORIGINAL)
    assert read_sidecar(write_fields(packet(inside), wanted, "a.xmp"), "a.xmp").fields == wanted


def test_a_prefix_that_means_something_else_is_left_to_it():
    data = packet('<rdf:Description xmlns:xmp="urn:mine" xmp:Rating="blue"/>')
    after = write_fields(data, Fields(rating=3.0), "a.xmp")
    assert b'xmp:Rating="blue"' in after
    assert read_sidecar(after, "a.xmp").fields.rating == 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_a_sidecar_keeps_its_encoding(encoding):
    text = '<?xml version="1.0"?>' + described('xmp:Label="Grün"').decode()
    after = write_fields(text.encode(encoding), Fields(rating=1.0, label="Blau"), "a.xmp")
    assert after.decode(encoding).count("Blau") == 1
    assert read_sidecar(after, "a.xmp").fields == Fields(rating=1, label="Blau")


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (packet("", BOMB), "document type"),
        (packet("", '<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "document type"),
        (b"", "not well-formed"),
        (b"\xff\xd8\xff\xe0", "not UTF-8"),
        (packet("<rdf:Description>")[:-30], "not well-formed"),
        (b"<html/>", "no RDF"),
        (packet("<crs:x/>"), "never says what it means"),
        (packet('<rdf:Description xmlns:a="u" xmlns:b="u" a:x="1" b:x="2"/>'), "twice"),
        ('<?xml version="1.0" encoding="latin1"?><a>é</a>'.encode("latin-1"), "not UTF-8"),
    ],
)
def test_what_is_no_sidecar_is_refused_in_words(data, why):
    with pytest.raises(UnreadableError, match=why):
        write_fields(data, Fields(rating=1.0), "a.xmp")


def test_a_bomb_is_refused_at_once():
    huge = b" " * (64 << 20)
    before = time.process_time()
    with pytest.raises(UnreadableError):
        read_sidecar(packet("", BOMB), "a.xmp")
    with pytest.raises(TooLargeError, match="levels"):
        read_sidecar(b"<a>" * 100_000, "a.xmp")
    with pytest.raises(TooLargeError, match="at most 33554432"):
        read_sidecar(huge, "a.xmp")
    assert time.process_time() - before < 1  # to read it would take minutes


def test_a_text_that_xml_cannot_hold_is_refused():
    with pytest.raises(UnreadableError, match="character that XML cannot"):
        attribute_text("a\x00b")


@given(value=words)
def test_any_text_survives_an_attribute(value):
    wanted = Fields(label=value)
    found = read_sidecar(write_fields(sidecar("bridge"), wanted, "a.xmp"), "a.xmp").fields.label
    assert same_label(found, value)


@given(program=programs, at=st.floats(0, 1), piece=st.binary(max_size=6), cut=st.integers(0, 30), wanted=fields)
def test_a_damaged_sidecar_is_read_or_refused_and_a_write_keeps_what_is_foreign(program, at, piece, cut, wanted):
    data = sidecar(program)
    place = int(at * len(data))
    damaged = data[:place] + piece + data[place + cut :]
    try:
        after = write_fields(damaged, wanted, "a.xmp")
    except (UnreadableError, TooLargeError):
        return
    assert foreign(parse(after, "a"), "a") == foreign(parse(damaged, "a"), "a")
    assert write_fields(after, wanted, "a.xmp") == after
