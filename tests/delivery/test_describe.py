"""What delivered files say beside their pixels: foreign words kept, private ones gone, ours true. exiftool reads."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest

from safelight.core.edit import Edit
from safelight.core.image import Image
from safelight.delivery.describe import SYNTHETIC_PERFORMER, describe_delivery, source_type_of
from safelight.delivery.provenance import SOURCE_TYPES, Provenance, provenance_of
from safelight.media import iim
from safelight.media.encode import encode
from safelight.media.metadata import Metadata
from safelight.media.privacy import private_fields, without_private
from safelight.media.sandbox import Decoder
from safelight.media.xmp import DC, IPTC_EXT, PLUS, Bag, Lang, Text, change_properties, read_property
from safelight.plugins import step_named
from safelight.workflows.metadata_rules import MetadataRules
from safelight.workflows.sidecar_rules import SidecarRules

needs_exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
PIXELS = Image(np.full((32, 48, 3), 90, np.uint8), "srgb")
DEVELOPED = provenance_of(Edit("ab" * 32), step_named)
FORMATS = ("jpeg", "tiff", "png", "webp")

# Files of other programs: Lightroom, Photoshop of 20 years, Photos, Camera Raw, darktable, Picasa, cameras, phones.
FOREIGN = (
    "c2pa/cloud.jpg", "c2pa/no_manifest.jpg", "c2pa/earth_apollo17.jpg", "c2pa/IMG_0003.jpg", "c2pa/boxhash.jpg",
    "lens/GOPR0064.jpg", "formats/lab.tif", "formats/tiff_strip_cmyk_jpeg.tif", "formats/pil_sample_cmyk.jpg",
    "formats/denali.webp", "raw/canon_eos_6d_lossy_linear.dng", "raw/GOPR0024_x0_y900_1600x1200.dng",
    "shoot-a/DSC_2180.dng", "shoot-a/DSC_2185.jpg", "colorchecker/classic.png",
    "wb-exposure/real-cast/Flickr_Michael_Figiel_CC_BY_2.0.jpg",
    "wb-exposure/real-cast/Flickr_Davis_Doherty_CC_BY_2.0.jpg",
    "wb-exposure/real-cast/overexposed_Roland_Tanglao_CC_BY_2.0.jpg", "duplicates/imagededup/ukbench09012.jpg",
    "portraits-hands/Giunchedi_Filippo_Myleen_Hollero_CC_BY-SA_3.0.jpg", "psd-paths/vector-mask2.psd",
    "psd-paths/exiv2_five_paths.jpg",
)  # fmt: skip
# True of the pixels or of the file: made anew, and so no loss.
OURS = {
    "XMP-Iptc4xmpExt:DigitalSourceType", "XMP-iptcExt:DigitalSourceType", "XMP-xmp:CreatorTool", "XMP-xmpMM:DocumentID",
    "XMP-xmpMM:InstanceID", "XMP-xmpMM:OriginalDocumentID", "XMP-tiff:Orientation", "XMP-tiff:ImageWidth",
    "XMP-tiff:ImageHeight", "XMP-exif:ExifImageWidth", "XMP-exif:ExifImageHeight", "XMP-x:XMPToolkit",
    "XMP-xmp:ThumbnailWidth", "XMP-xmp:ThumbnailHeight", "XMP-xmp:ThumbnailFormat", "XMP-xmp:ThumbnailImage",
    "XMP-xmp:Thumbnails", "XMP-dcterms:Provenance", "XMP-xmpNote:HasExtendedXMP", "XMP-photoshop:SidecarForExtension",
}  # fmt: skip


def exiftool(*paths):
    """Return the properties of each file as exiftool reads them, by group and name; one start for all."""
    words = ["exiftool", "-j", "-G1", "-struct", "-n", "-a", "-b", "-m", *map(str, paths)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, errors="replace")
    return json.loads(done.stdout)


def describe(original, rules=None, keywords=(), words=(), provenance=DEVELOPED, **more):
    rules, controlled = rules or MetadataRules(), SidecarRules(tuple(keywords))
    return describe_delivery(original, provenance, rules, controlled, words, asset="ab" * 32, version="v", **more)


@pytest.fixture(scope="module")
def originals(shared_data):
    with Decoder() as decoder:
        return {name: decoder.credentials(shared_data / name)[1] for name in FOREIGN}


@pytest.fixture(scope="module")
def before(shared_data):
    """What exiftool reads in the originals."""
    return dict(zip(FOREIGN, exiftool(*(shared_data / name for name in FOREIGN)), strict=True))


@pytest.fixture(scope="module", params=FORMATS)
def written(request, originals, tmp_path_factory):
    """Every original's metadata in one format: kept whole, and as delivered by default."""
    format, folder = request.param, tmp_path_factory.mktemp("written")
    found = {}
    for kind, rules in {"whole": MetadataRules(keep=("gps", "serial_numbers", "faces")), "public": None}.items():
        paths = []
        for at, original in enumerate(originals.values()):
            said = describe(original, rules)
            assert said.notes == (), FOREIGN[at]
            paths.append(folder / f"{kind}{at:02}.{format}")
            paths[-1].write_bytes(encode(PIXELS, format, metadata=said.metadata))
        found[kind] = dict(zip(FOREIGN, exiftool(*paths), strict=True))
    return format, found


@needs_exiftool
@pytest.mark.data
def test_foreign_properties_of_many_programs_come_through_every_writer(before, written):
    format, found = written
    lost, seen = [], 0
    for name, properties in before.items():
        after = found["whole"][name]
        assert not any(each.startswith("ExifTool:Warning") for each in after), (name, after)
        for key, value in properties.items():
            group = key.split(":")[0]
            counts = group.startswith("XMP-") or (group == "IPTC" and format in ("jpeg", "tiff"))
            if counts and key not in OURS and not key.endswith("CodedCharacterSet"):
                seen += 1
                if after.get(key) != value:
                    lost.append((name, key, str(value)[:60], str(after.get(key))[:60]))
    assert lost == []
    assert seen > 300


@needs_exiftool
@pytest.mark.data
def test_the_capture_of_many_cameras_comes_through_every_writer(before, written):
    tags = ("Make", "Model", "ISO", "FNumber", "ExposureTime", "DateTimeOriginal", "FocalLength", "LensModel")
    lost, seen = [], 0
    for name, properties in before.items():
        after = written[1]["public"][name]
        for key in (f"{group}:{tag}" for group in ("IFD0", "ExifIFD") for tag in (*tags, "Artist", "Copyright")):
            if key in properties:
                seen += 1
                if after.get(key) != properties[key]:
                    lost.append((name, key, properties[key], after.get(key)))
    assert lost == []
    assert seen > 60


@needs_exiftool
@pytest.mark.data
def test_nothing_private_leaks_into_any_format(originals, written):
    private = ("GPS", "SerialNumber", "OwnerName", "Region", "PersonInImage", "MakerNote", "InternalSerial")
    held = {name: private_fields(each) for name, each in originals.items()}
    assert sum("EXIF GPS" in each for each in held.values()) >= 2  # or there would be nothing to take out
    assert sum(bool(each) for each in held.values()) >= 8
    for name, original in originals.items():
        assert private_fields(describe(original).metadata) == (), name
        found = [key for key in written[1]["public"][name] if any(word in key for word in private)]
        assert found == [], name


@needs_exiftool
@pytest.mark.parametrize("format", FORMATS)
def test_what_a_guide_says_is_read_by_others(tmp_path, format):
    rules = MetadataRules(
        creator="Studio Nord", rights="© 2026 Acme", credit="Acme/Nord", look_owner="Acme", data_mining="no_training"
    )
    path = tmp_path / f"a.{format}"
    path.write_bytes(encode(PIXELS, format, metadata=describe(Metadata(), rules).metadata))
    found = exiftool(path)[0]
    assert found["XMP-dc:Creator"] == ["Studio Nord"]
    assert found["XMP-dc:Rights"] == "© 2026 Acme"
    assert found["XMP-photoshop:Credit"] == "Acme/Nord"
    assert found["XMP-xmpRights:Marked"] is True
    assert found["XMP-plus:DataMining"] == "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"
    assert found["XMP-iptcExt:DigitalSourceType"] == SOURCE_TYPES + "digitalCapture"
    assert found["XMP-safelight:LookOwner"] == "Acme"
    assert found["XMP-xmpMM:OriginalDocumentID"].startswith("xmp.did:")
    if format in ("jpeg", "tiff"):
        assert (found["IPTC:By-line"], found["IPTC:CopyrightNotice"]) == ("Studio Nord", "© 2026 Acme")


@needs_exiftool
def test_a_generative_edit_names_its_system(tmp_path):
    made_up = Provenance((), "generative", "compositeWithTrainedAlgorithmicMedia", (("inpaint", "2"),))
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(PIXELS, "jpeg", metadata=describe(Metadata(), provenance=made_up).metadata))
    found = exiftool(path)[0]
    assert found["XMP-iptcExt:DigitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    packet = describe(Metadata(), provenance=made_up).metadata.xmp
    assert read_property(packet, (IPTC_EXT, "AISystemUsed")) == ("safelight inpaint",)
    assert read_property(packet, (IPTC_EXT, "AISystemVersionUsed")) == ("2",)


def test_what_the_original_says_it_is_reaches_the_edit_and_stays():
    original = Metadata(
        xmp=change_properties(None, {(IPTC_EXT, "DigitalSourceType"): Text(SOURCE_TYPES + "trainedAlgorithmicMedia")})
    )
    told = provenance_of(Edit("ab" * 32), step_named, source_type_of(original))
    said = describe(original, provenance=told)
    assert source_type_of(said.metadata) == SOURCE_TYPES + "trainedAlgorithmicMedia"


def test_people_that_a_machine_made_up_are_declared_for_amazon():
    said = describe(Metadata(), is_performer=True)
    assert read_property(said.metadata.xmp, (DC, "subject")) == (SYNTHETIC_PERFORMER,)


def test_with_a_controlled_list_only_its_words_leave_and_the_others_are_named():
    packet = change_properties(None, {(DC, "subject"): Bag(("front", "anna's birthday", "Blue"))})
    said = describe(Metadata(xmp=packet), keywords=("View|front", "blue", "red"), words=("front", "mauve"))
    assert set(read_property(said.metadata.xmp, (DC, "subject"))) == {"front", "blue"}
    assert iim.iim_texts(said.metadata.iptc, iim.KEYWORDS) == ("blue", "front")
    assert said.left_out == ("anna's birthday",)


def test_without_a_list_the_originals_keywords_stay():
    packet = change_properties(None, {(DC, "subject"): Bag(("front", "anna's birthday"))})
    assert read_property(describe(Metadata(xmp=packet)).metadata.xmp, (DC, "subject")) == ("front", "anna's birthday")


def test_what_only_iim_says_reaches_formats_that_have_none():
    old = iim.change_iim(None, {iim.TITLE: ["Tasse"], iim.CREATOR: ["Ana Ł"], iim.CAPTION: ["blau"]})
    packet = describe(Metadata(iptc=old)).metadata.xmp
    assert read_property(packet, (DC, "title")) == ("Tasse",)
    assert read_property(packet, (DC, "creator")) == ("Ana Ł",)
    assert read_property(packet, (DC, "description")) == ("blau",)


def test_xmp_wins_over_iim_where_both_speak():
    old = iim.change_iim(None, {iim.TITLE: ["alt"]})
    said = describe(Metadata(iptc=old, xmp=change_properties(None, {(DC, "title"): Lang("neu")})))
    assert iim.iim_texts(said.metadata.iptc, iim.TITLE) == ("neu",)


def test_xmp_that_nobody_can_read_is_left_out_and_said():
    said = describe(
        Metadata(xmp=b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>"),
        MetadataRules(keep=("gps", "serial_numbers", "faces")),
    )
    assert "document type declaration" in said.notes[0]
    assert source_type_of(said.metadata)
    assert "XMP could not be read" in describe(Metadata(xmp=b"<x")).notes[0]


def test_dates_come_from_nowhere_so_the_same_delivery_says_the_same():
    assert describe(Metadata()) == describe(Metadata())


# The pieces


def test_a_property_is_set_over_both_spellings_and_all_else_keeps_its_bytes():
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" plus:DataMining="old" '
        b'xmlns:a="urn:a" a:Keep="1"><!-- kept --><plus:DataMining>older</plus:DataMining></rdf:Description>'
        b"</rdf:RDF></x:xmpmeta>"
    )
    changed = change_properties(packet, {(PLUS, "DataMining"): Text("new")})
    assert read_property(changed, (PLUS, "DataMining")) == ("new",)
    assert b'a:Keep="1"><!-- kept -->' in changed
    assert change_properties(changed, {(PLUS, "DataMining"): Text("new")}) == changed


def test_texts_are_spelled_so_that_they_stay_texts():
    nasty = "<script>\"&'</rdf:li>"
    packet = change_properties(None, {(DC, "subject"): Bag((nasty,)), (DC, "rights"): Lang(nasty)})
    assert read_property(packet, (DC, "subject")) == (nasty,)
    assert read_property(packet, (DC, "rights")) == (nasty,)


def test_iim_in_latin_1_becomes_utf_8_and_previews_are_left_out():
    old = b"\x1c\x02\x05\0\x05Tass\xe9" + b"\x1c\x02\xca\0\x03jpg" + b"\x1c\x02\x00\0\x02\0\x04"
    new = iim.change_iim(old, {})
    assert iim.iim_texts(new, iim.TITLE) == ("Tassé",)
    assert {each[1] for each in iim.iim_records(new)} == {90, 5, 0}


def test_a_long_text_is_cut_at_a_whole_character():
    assert iim.iim_texts(iim.change_iim(None, {iim.CREATOR: ["ü" * 40]}), iim.CREATOR) == ("ü" * 16,)


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_truncated_iim_ends_where_it_breaks(cut):
    whole = iim.change_iim(None, {iim.TITLE: ["Tasse"], iim.KEYWORDS: ["a", "b"]})
    assert len(list(iim.iim_records(whole[:cut]))) <= len(list(iim.iim_records(whole)))


def test_what_nobody_can_look_into_does_not_leave():
    assert without_private(Metadata(exif=b"rubbish", xmp=b"<x")) == Metadata()
    assert without_private(Metadata(exif=b"rubbish"), ()) == Metadata(exif=b"rubbish")
