"""A shoot is culled, goes to another program and comes back."""

import json
import shutil
import subprocess

import pytest

from tests.journeys.cli import lines, safelight
from tests.shoots import write_shoot

GUIDE = 'client = "Acme"\n[sidecars]\nkeywords = ["View|front", "Category|packshot"]\n'


@pytest.fixture
def culled(tmp_path):
    write_shoot(tmp_path / "shoot", 2, width=560, height=520)
    (tmp_path / "acme.toml").write_text(GUIDE)
    safelight("cull", "shoot", "--guide", "acme.toml", folder=tmp_path)
    return tmp_path


def exiftool(*words):
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    return subprocess.run(["exiftool", *map(str, words)], capture_output=True, text=True, check=True).stdout


def test_a_class_goes_out_and_a_persons_stars_come_back(culled):
    place = culled / "shoot" / "packshots" / "SKU00_front.xmp"
    written = lines(safelight("sidecars", "write", "shoot", "--json", folder=culled))
    assert [each["state"] for each in written] == ["written", "written"]
    told = json.loads(exiftool("-j", "-Rating", "-Subject", "-HierarchicalSubject", place))[0]
    assert told["Rating"] in (1, 3)
    assert told["Subject"] == ["front", "packshot"]
    exiftool("-q", "-overwrite_original", "-Rating=-1", "-Subject+=client", place)
    read = lines(safelight("sidecars", "read", "shoot", "--as", "Ines", "--json", folder=culled))
    assert [each["state"] for each in read] == ["read", "in_step"]
    safelight("sidecars", "write", "shoot", folder=culled)
    told = json.loads(exiftool("-j", "-Rating", "-Subject", "-XMP-safelight:Class", place))[0]
    assert (told["Rating"], told["Subject"]) == (-1, ["front", "packshot", "client"])
    assert told["Class"] == "reject"
    safelight("verify", folder=culled)


def test_a_word_against_culling_is_kept_and_a_sidecar_that_is_no_xml_ends_in_3(culled):
    done = safelight(
        "overrule", "shoot", "SKU00_front.jpg", "reject", "--as", "Ines", "--reason", "blue", folder=culled
    )
    assert "becomes reject, says Ines" in done.stdout
    (culled / "shoot" / "packshots" / "SKU01_front.xmp").write_text("<x")
    done = safelight("sidecars", "write", "shoot", folder=culled, code=3)
    assert "malformed" in done.stdout
    assert (culled / "shoot" / "packshots" / "SKU01_front.xmp").read_text() == "<x"
    safelight("overrule", "shoot", "SKU00_front.jpg", "best", "--as", "I", "--reason", "x", folder=culled, code=2)
