"""Deliveries in a bucket: B-06, on moto's server and on an endpoint that misbehaves."""

from __future__ import annotations

import hashlib
import json
import zipfile

import pytest

from safelight.delivery.bucket import Bucket
from safelight.delivery.bundle import SENT, send_batch, write_zips
from safelight.errors import BlobDamagedError, DeliveryTargetError, UsageError

from .s3_fake import Faults, serve
from .test_deliver import Desk

KEYS = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def moto():
    pytest.importorskip("moto")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(moto):
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{moto}/studio", method="PUT")).close()
    return Bucket("s3://studio/acme/spring", KEYS | {"AWS_ENDPOINT_URL": moto})


@pytest.fixture
def faulty():
    """(faults, bucket) of an endpoint that does what it is told to."""
    faults = Faults()
    server = serve(faults)
    yield faults, Bucket("s3://studio/acme", KEYS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"})
    server.shutdown()
    server.server_close()


def test_an_object_is_written_once_read_back_and_the_same_bytes_are_no_news(bucket):
    first = bucket.put("amazon-main/A1.jpg", b"picture" * 1000)
    assert (first.key, first.was_there) == ("acme/spring/amazon-main/A1.jpg", False)
    assert bucket.put("amazon-main/A1.jpg", b"picture" * 1000).was_there
    with pytest.raises(DeliveryTargetError, match="is there with other content; nothing is overwritten"):
        bucket.put("amazon-main/A1.jpg", b"other")
    assert bucket.put("amazon-main/A1.jpg", b"picture" * 1000).was_there


def test_b_06_every_write_is_conditional_and_carries_a_checksum(faulty):
    faults, bucket = faulty
    data = b"x" * 5000
    bucket.put("a.jpg", data)
    headers = next(each[2] for each in faults.requests if each[0] == "PUT")
    assert headers["if-none-match"] == "*"
    import base64

    assert headers["x-amz-checksum-sha256"] == base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.parametrize("fault", ["put_503", "get_503", "put_409", "lost_answer", "cut_answer"])
def test_b_06_what_passes_by_is_tried_again_and_nothing_is_lost(faulty, fault):
    faults, bucket = faulty
    faults.left[fault] = 2 if fault != "lost_answer" else 1
    kept = bucket.put("a.jpg", b"x" * 5000)
    assert faults.objects == {"/studio/acme/a.jpg": b"x" * 5000}
    assert kept.sha256 == hashlib.sha256(b"x" * 5000).hexdigest()


def test_b_06_a_store_that_keeps_half_is_found_out_and_the_file_is_not_delivered(faulty):
    faults, bucket = faulty
    faults.left["keep_half"] = 1
    with pytest.raises(DeliveryTargetError, match=r"reads back with other bytes \(2,500 of 5,000\)"):
        bucket.put("a.jpg", b"x" * 5000)


def test_b_06_a_lying_etag_convinces_nobody_either_way(faulty):
    faults, bucket = faulty
    faults.left["lying_etag"] = 1
    assert not bucket.put("a.jpg", b"x" * 5000).was_there


def test_b_06_0_overwritten_keys_whatever_goes_wrong(faulty):
    faults, bucket = faulty
    bucket.put("a.jpg", b"mine")
    for fault in ("put_503", "put_409", "get_503", "lost_answer"):
        faults.left[fault] = 1
        with pytest.raises(DeliveryTargetError, match="other content"):
            bucket.put("a.jpg", b"theirs")
    assert faults.objects["/studio/acme/a.jpg"] == b"mine"


def test_b_06_a_store_that_stays_away_is_an_error_with_its_name(faulty, monkeypatch):
    faults, bucket = faulty
    faults.left["put_409"] = 99
    with pytest.raises(DeliveryTargetError, match=r"s3://studio/acme: acme/a\.jpg could not be written"):
        bucket.put("a.jpg", b"x")


@pytest.mark.parametrize(
    ("address", "environment", "said"),
    [
        ("https://studio/acme", KEYS, "is no address of a bucket; it takes s3://bucket/prefix"),
        ("s3://studio/../x", KEYS, "an empty or dotted part in its prefix"),
        ("s3://studio/acme", {}, "a bucket needs keys"),
        ("s3://studio/acme", KEYS | {"AWS_ENDPOINT_URL": "http://x", "AWS_ALLOW_HTTP": ""}, "is not encrypted"),
    ],
)
def test_what_cannot_serve_is_refused_before_anything_is_sent(address, environment, said):
    with pytest.raises(UsageError, match=said):
        Bucket(address, environment)


@pytest.mark.parametrize(
    ("endpoint", "more", "said"),
    [
        ("https://127.0.0.1:9000", {}, "leads to 127.0.0.1, an address in a private network; set SAFELIGHT_S3_PRIVATE"),
        ("https://10.0.0.5", {}, "leads to 10.0.0.5"),
        ("https://[::1]:9000", {}, "leads to ::1"),
        ("https://2130706433", {}, "leads to 127.0.0.1"),
        ("https://[::ffff:192.168.1.2]", {}, "an address in a private network"),
        ("https://169.254.169.254", {"SAFELIGHT_S3_PRIVATE": "true"}, "this machine's own services are, and no bucket"),
        ("http://169.254.169.254", {}, "this machine's own services are, and no bucket"),
        ("https://[fe80::1]", {"SAFELIGHT_S3_PRIVATE": "true"}, "this machine's own services are, and no bucket"),
    ],
)
def test_f_07_an_endpoint_where_nothing_may_be_sent_is_refused_before_anything_is(endpoint, more, said):
    with pytest.raises(UsageError, match=said):
        Bucket("s3://studio/acme", KEYS | {"AWS_ENDPOINT_URL": endpoint} | more)


def test_f_07_a_store_of_the_studios_own_is_taken_when_it_says_so():
    Bucket("s3://studio/acme", KEYS | {"AWS_ENDPOINT_URL": "https://10.0.0.5", "SAFELIGHT_S3_PRIVATE": "true"})


# A whole delivery


@pytest.fixture(scope="module")
def delivered(tmp_path_factory, small):
    """A desk whose batch was delivered to a folder."""
    desk = Desk(tmp_path_factory.mktemp("delivered"))
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    yield desk
    desk.store.close()


def test_a_delivery_goes_to_the_bucket_manifest_last_and_is_told_once(delivered, bucket):
    for _ in range(2):
        lines = send_batch(delivered.store, "batch", delivered.out, bucket)
    assert [each["file"] for each in lines] == ["amazon-main/A1_front.jpg", "manifest.json"]
    assert all(each["was_there"] for each in lines)
    told = delivered.store.ledger.facts(kind=SENT)
    assert [each.body["files"] for each in told] == [1]


def test_b_06_a_delivery_that_breaks_in_the_middle_is_not_told_and_goes_on_where_it_was(delivered, faulty):
    faults, bucket = faulty
    before = len(delivered.store.ledger.facts(kind=SENT))
    faults.left["put_409"] = 99
    with pytest.raises(DeliveryTargetError):
        send_batch(delivered.store, "batch", delivered.out, bucket)
    assert len(delivered.store.ledger.facts(kind=SENT)) == before
    assert not any("manifest" in key for key in faults.objects)
    faults.left["put_409"] = 0
    lines = send_batch(delivered.store, "batch", delivered.out, bucket)
    for each in lines[:-1]:
        assert hashlib.sha256(faults.objects[f"/studio/{each['key']}"]).hexdigest() == each["sha256"]
    assert len(delivered.store.ledger.facts(kind=SENT)) == before + 1


def test_a_zip_a_channel_holds_the_files_and_their_part_of_the_manifest(delivered):
    (path,) = write_zips(delivered.store, delivered.out)
    first = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        assert sorted(packed.namelist()) == ["A1_front.jpg", "manifest.csv", "manifest.json"]
        told = json.loads(packed.read("manifest.json"))
        assert hashlib.sha256(packed.read("A1_front.jpg")).hexdigest() == told["files"][0]["sha256"]
        assert packed.testzip() is None
    write_zips(delivered.store, delivered.out)
    assert path.read_bytes() == first


def test_what_is_damaged_in_the_store_is_neither_packed_nor_sent(tmp_path, small, faulty):
    desk = Desk(tmp_path)
    desk.approve("A1", small.image, small.alpha)
    desk.deliver()
    sha256 = json.loads((desk.out / "manifest.json").read_text())["files"][0]["sha256"]
    path = desk.store.blobs.path(sha256)
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(BlobDamagedError):
        write_zips(desk.store, desk.out)
    with pytest.raises(BlobDamagedError):
        send_batch(desk.store, "batch", desk.out, faulty[1])
    assert faulty[0].objects == {}
    desk.store.close()
