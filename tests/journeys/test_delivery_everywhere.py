"""Approved versions reach a folder, a bucket and another system, verified by programs that are not ours; and a store
that was wiped comes back from its backup."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from safelight.cli import terminal
from safelight.cli.main import run_words
from safelight.delivery.packs import load_pack
from safelight.delivery.webhook import verify
from safelight.media.credentials import read_credentials
from tests.journeys.cli import SAFELIGHT, lines, safelight
from tests.shoots import SPOT_CHECK_GUIDE, write_shoot

METADATA = """
[metadata]
creator = "Studio Nord"
rights = "© 2026 Acme"
data_mining = "no_training"
[sidecars]
keywords = ["View|front", "Category|packshot"]
"""


def tool(*words):
    """What another program says; skips where it is not installed."""
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    return subprocess.run([*map(str, words)], capture_output=True, text=True, check=True).stdout


def judged_by_others(place: Path, manifest: dict) -> None:
    """Hold every delivered file against its manifest and pack with exiftool, ImageMagick and c2pa's own reader."""
    files = [place / each["file"] for each in manifest["files"]]
    told = json.loads(tool("exiftool", "-j", "-G1", "-n", *files))
    seen = tool("identify", "-format", "%m %w %h %[colorspace] %z %Q\n", *files).splitlines()
    for each, path, exif, magick in zip(manifest["files"], files, told, seen, strict=True):
        data = path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == each["sha256"]
        kind, width, height, space, depth, quality = magick.split()
        assert (kind, int(width), int(height), space, depth) == ("JPEG", each["width"], each["height"], "sRGB", "8")
        assert int(quality) >= 85
        assert exif["ICC_Profile:ProfileDescription"] == "sRGB IEC61966-2.1"
        assert exif["XMP-iptcExt:DigitalSourceType"].endswith("/" + each["provenance"]["source_type"])
        assert not any(word in key for key in exif for word in ("GPS", "SerialNumber", "MakerNote", "Region"))
        assert not any(key.startswith("ExifTool:Warning") for key in exif), exif
        found = read_credentials(data, "image/jpeg")
        assert (found.state, found.title) == ("untrusted", path.name)
        assert all(rule["word"] == "pass" for rule in each["rules"] if rule["severity"] == "must")
        pack = load_pack(each["channel"])
        least, most = pack.expect.get("longest_px", (0, 0))
        assert (least or 0) <= max(int(width), int(height)) <= (most or 10**6)
        assert pack.output.max_bytes is None or len(data) <= pack.output.max_bytes
        if pack.expect.get("background") == "#ffffff":
            inside = f"rectangle 1,1 {int(width) - 2},{int(height) - 2}"
            darkest = tool("convert", path, "-fill", "white", "-draw", inside, "-format", "%[fx:minima]", "info:")
            assert float(darkest) == 1.0, f"{path}: a pixel of the border is not white"


@pytest.fixture(scope="module")
def receiver():
    """A receiver of webhooks on this machine: (address, what came)."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            got.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/in", got
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def moto():
    pytest.importorskip("moto")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # What it holds belongs to the process, not to this server: another module's bucket would be found here.
    for method, path in (("POST", "moto-api/reset"), ("PUT", "studio")):
        urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/{path}", method=method)).close()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def studio(tmp_path_factory, receiver, moto):
    """A shoot that was run, released and delivered to everywhere: (folder, manifest, secret, endpoint)."""
    folder = tmp_path_factory.mktemp("everywhere")
    write_shoot(folder / "spring", 2)
    (folder / "acme.toml").write_text(SPOT_CHECK_GUIDE + METADATA)
    safelight("run", "spring", "--guide", "acme.toml", folder=folder)
    secret = lines(safelight("webhooks", "add", receiver[0], "--private", "--as", "Ines", "--json", folder=folder))
    safelight("release", "spring", "--as", "Ines Weber", "--yes", folder=folder)
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ALLOW_HTTP": "true", "AWS_ENDPOINT_URL": moto}
    words = [*SAFELIGHT, "deliver", "spring", "--zip", "--to", "s3://studio/acme"]
    done = subprocess.run(words, cwd=folder, env={**os.environ, **keys}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((folder / "out" / "spring" / "delivery" / "manifest.json").read_text())
    return folder, manifest, secret[0]["secret"], moto


def test_every_file_on_disk_is_what_the_manifest_says_by_programs_that_are_not_ours(studio):
    folder, manifest, _, _ = studio
    assert len(manifest["files"]) == 4
    judged_by_others(folder / "out" / "spring" / "delivery", manifest)


def test_exiftool_reads_what_the_guide_says(studio):
    folder, manifest, _, _ = studio
    (found,) = json.loads(tool("exiftool", "-j", "-G1", folder / "out/spring/delivery" / manifest["files"][0]["file"]))
    assert (found["XMP-dc:Creator"], found["XMP-dc:Rights"]) == ("Studio Nord", "© 2026 Acme")
    assert (found["IPTC:By-line"], found["IFD0:Model"]) == ("Studio Nord", "Test One")
    assert set(found["XMP-dc:Subject"]) == {"front", "packshot"}
    assert found["XMP-plus:DataMining"].endswith("DMI-PROHIBITED-AIMLTRAINING")


def test_a_file_that_somebody_changed_after_it_left_is_found_out(studio):
    folder, manifest, _, _ = studio
    delivered = folder / "out/spring/delivery" / manifest["files"][0]["file"]
    data = bytearray(delivered.read_bytes())
    data[-1000] ^= 1  # in the picture
    (folder / "changed.jpg").write_bytes(data)
    said = safelight("credentials", "verify", "changed.jpg", folder=folder, code=1).stdout
    assert "do not hold: assertion.dataHash.mismatch" in said
    # What nobody changed is whole; who signed it is known to nobody until a root is given.
    own = safelight("credentials", "verify", delivered, folder=folder, code=1).stdout
    assert "whole and signed by" in own
    (signer,) = lines(safelight("credentials", "signer", "--json", folder=folder))
    (folder / "roots.pem").write_text(signer["chain"])
    assert "verified" in safelight("credentials", "verify", delivered, "--trust", "roots.pem", folder=folder).stdout


def test_the_bucket_holds_every_file_byte_for_byte_and_the_manifest(studio):
    boto3 = pytest.importorskip("boto3")
    _, manifest, _, endpoint = studio
    words = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=endpoint, **words)
    keys = {each["Key"] for each in client.list_objects_v2(Bucket="studio")["Contents"]}
    assert len(keys) == len(manifest["files"]) + 1
    for each in manifest["files"]:
        body = client.get_object(Bucket="studio", Key=f"acme/spring/{each['file']}")["Body"].read()
        assert hashlib.sha256(body).hexdigest() == each["sha256"]
    client.close()


def test_the_other_system_is_told_once_and_can_verify_it(studio, receiver):
    folder, manifest, secret, _ = studio
    told = [(headers, body) for headers, body in receiver[1]]
    assert len(told) == 1
    verify(secret, told[0][0], told[0][1], time.time())
    data = json.loads(told[0][1])["data"]
    path = folder / "out" / "spring" / "delivery" / "manifest.json"
    assert data["manifest_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert data["files"] == len(manifest["files"])


def test_zips_lie_beside_the_folders(studio):
    folder, _, _, _ = studio
    names = {each.name for each in (folder / "out" / "spring" / "delivery").glob("*.zip")}
    assert names == {"amazon-main.zip", "google-merchant.zip"}


def test_the_edit_is_handed_on_in_other_programs_words_and_never_over_what_is_there(studio):
    folder, _, _, _ = studio
    safelight("sidecars", "develop", "spring", "handed", folder=folder)
    (found,) = json.loads(tool("exiftool", "-j", folder / "handed" / "packshots" / "SKU00_front.xmp"))
    assert (found["Rating"], found["HasSettings"]) == (3, True)
    assert -5 <= float(found["Exposure2012"]) <= 5
    again = safelight("sidecars", "develop", "spring", "handed", folder=folder, code=2)
    assert "nothing is written over" in again.stderr
    assert not list((folder / "spring").rglob("*.xmp"))


def test_a_store_that_was_wiped_comes_back_and_delivers_the_same_bytes(studio):
    folder, manifest, _, _ = studio
    safelight("backup", "second-disk", folder=folder)
    assert "whole" in safelight("backup", "second-disk", "--verify", folder=folder).stdout
    shutil.rmtree(folder / ".safelight")
    safelight("verify", folder=folder, code=10)
    safelight("restore", "second-disk", folder=folder)
    assert "clean" in safelight("verify", "--read-data", folder=folder).stdout
    shutil.move(folder / "out", folder / "out-before")
    safelight("deliver", "spring", folder=folder)
    again = json.loads((folder / "out" / "spring" / "delivery" / "manifest.json").read_text())
    assert [each["sha256"] for each in again["files"]] == [each["sha256"] for each in manifest["files"]]
    judged_by_others(folder / "out" / "spring" / "delivery", again)


# Whole shoots: whatever waits is approved, good pictures and bad ones, since the rules must hold for both

WHOLE_SHOOT = """
client = "Acme"
[delivery]
channels = ["amazon-main", "google-merchant", "etsy", "otto", "shopify", "ebay"]
names = "{original}.{ext}"
"""


def say(folder, *words):
    """Run a command in this process and return its exit code and its JSON lines."""
    said = []
    with terminal.speaking_to(lambda stream, text: said.append(text) if stream == "out" else None):
        code = run_words([*map(str, words), "--json"], str(folder))
    return code, [json.loads(each) for each in said]


def approve_all(folder, batch):
    """Approve whatever waits as a floor would: a lead answers for what fails gate 1, and two people look at that."""
    for file in say(folder, "report", batch)[1]:
        if file["standing"] != "waiting":
            continue
        for check in [name for name, word in file["verdicts"].items() if word == "fail"]:
            reason = ("--reason", "the rules of the channels must hold for bad pictures too")
            say(folder, "override", batch, file["name"], check, "--as", "Lena", *reason)
        for who in ("Ines", "Tom"):
            say(folder, "decide", batch, file["name"], "approve", "--as", who)
    code, _ = say(folder, "release", batch, "--as", "Ines", "--yes")
    assert code == 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("shoot", ["samples", "shoot-a"])
def test_every_delivered_file_of_a_whole_shoot_passes_by_programs_that_are_not_ours(shoot, tmp_path, request):
    root = Path(__file__).resolve().parents[2]
    source = root / "samples" / "shoot" if shoot == "samples" else request.getfixturevalue("shared_data") / "shoot-a"
    guide = root / "samples" / "guide.toml"
    if shoot == "shoot-a":
        guide = tmp_path / "all.toml"
        guide.write_text(WHOLE_SHOOT)
    done = subprocess.run(
        [*SAFELIGHT, "run", str(source), "--guide", str(guide)], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode in (0, 3), done.stderr
    batch = next(each.name for each in (tmp_path / "out").iterdir())
    approve_all(tmp_path, batch)
    place = tmp_path / "out" / batch / "delivery"
    manifest = json.loads((place / "manifest.json").read_text())
    judged_by_others(place, manifest)
    channels = Counter(each["channel"] for each in manifest["files"])
    refused = Counter(each["note"].partition(":")[0] for each in say(tmp_path, "deliver", batch)[1] if each["note"])
    print(f"\n{shoot}: {len(manifest['files'])} files {dict(channels)}, refused: {dict(refused)}")
    assert len(manifest["files"]) >= (10 if shoot == "samples" else 100)
