from __future__ import annotations

import hashlib
import os
import resource
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from safelight.core.image import Image
from safelight.errors import TooLargeError, UnreadableError, UnsupportedFormatError
from safelight.media.encode import encode
from safelight.media.sandbox import Decoder
from safelight.settings import Settings


def test_a_jpeg_comes_back_as_libjpeg_decodes_it(decoder, smooth, keep):
    import simplejpeg

    data = encode(smooth, "jpeg")
    read = decoder.decode(keep("a.jpg", data))
    assert np.array_equal(read.image.pixels, simplejpeg.decode_jpeg(data, "RGB"))


def test_the_sha256_is_that_of_the_file(decoder, smooth, keep):
    data = encode(smooth, "png")
    assert decoder.decode(keep("a.png", data)).sha256 == hashlib.sha256(data).hexdigest()


def test_pixels_may_be_written_to_and_outlive_the_decoder(smooth, keep):
    path = keep("a.png", encode(smooth, "png"))
    with Decoder() as decoder:
        pixels = decoder.decode(path).image.pixels
    pixels[0, 0] = 7
    assert pixels[0, 0].tolist() == [7, 7, 7]
    assert np.array_equal(pixels[1:], smooth.pixels[1:])


def test_the_original_is_not_touched(decoder, smooth, keep):
    path = keep("a.png", encode(smooth, "png"))
    path.chmod(0o444)
    before = path.stat()
    decoder.decode(path)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_mode, before.st_size) == (after.st_mtime_ns, after.st_mode, after.st_size)


def test_a_decoder_that_is_killed_is_replaced(smooth, keep):
    path = keep("a.png", encode(smooth, "png"))
    with Decoder() as decoder:
        decoder.probe(path)
        os.kill(decoder._child.process.pid, signal.SIGSEGV)
        with pytest.raises(
            UnreadableError, match=r"the decoder ended with signal 11 on a\.png; the file is damaged or"
        ):
            decoder.decode(path)
        assert decoder.decode(path).image.size == smooth.size


def test_a_decoder_that_hangs_is_ended_after_its_limit(smooth, keep):
    path = keep("a.png", encode(smooth, "png"))
    with Decoder() as decoder:
        decoder.probe(path)
        # It alone has a second: the next one starts and reads in what time it takes.
        decoder._child.settings = Settings(work_timeout_s=1)
        os.kill(decoder._child.process.pid, signal.SIGSTOP)
        with pytest.raises(UnreadableError, match=r"a\.png kept the decoder busy for more than 1 s"):
            decoder.decode(path)
        assert decoder.decode(path).image.size == smooth.size


def test_a_picture_that_needs_more_memory_than_it_may_have_is_refused(keep):
    path = keep("a.png", encode(Image(np.zeros((3000, 3000, 3), np.uint16), "srgb"), "png"))
    small = keep("b.png", encode(Image(np.zeros((3, 3, 3), np.uint16), "srgb"), "png"))
    with Decoder(Settings(decode_memory_bytes=450_000_000)) as decoder:
        decoder.decode(small)
        _fill(decoder, 430_000_000)
        with pytest.raises(
            UnreadableError, match=r"^a\.png needs more memory to decode than it may have|ended with .* on a\.png"
        ):
            decoder.decode(path)


def _fill(decoder: Decoder, most: int) -> None:
    """Hold the child to `most` bytes of address space whatever the picture."""
    decoder._child._limit_space = lambda _: resource.prlimit(
        decoder._child.process.pid, resource.RLIMIT_AS, (most, decoder._child._most)
    )


def test_a_decoder_is_replaced_after_its_lifetime(smooth, keep):
    path = keep("a.png", encode(smooth, "png"))
    with Decoder(Settings(worker_lifetime=2)) as decoder:
        pids = []
        for _ in range(4):
            decoder._ready()
            pids.append(decoder._child.process.pid)
            decoder.probe(path)
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_no_child_is_left_behind(smooth, keep):
    with Decoder() as decoder:
        decoder.probe(keep("a.png", encode(smooth, "png")))
        pid = decoder._child.process.pid
    assert not Path(f"/proc/{pid}").exists()


def test_no_descriptor_is_left_behind(decoder, smooth, keep):
    path, wrong = keep("a.png", encode(smooth, "png")), keep("b.txt", b"hello")
    decoder.decode(path)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        decoder.decode(path)
        with pytest.raises(UnsupportedFormatError):
            decoder.probe(wrong)
    assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_threads_share_a_decoder(decoder, smooth, keep):
    path = keep("a.jpg", encode(smooth, "jpeg"))
    found = []
    threads = [threading.Thread(target=lambda: found.append(decoder.decode(path).image.size)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [smooth.size] * 4


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(decoder, tmp_path):
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    with pytest.raises(UnreadableError, match=r"pipe\.jpg is a named pipe, not a file"):
        decoder.probe(pipe)


def test_a_folder_is_refused(decoder, tmp_path):
    with pytest.raises(UnreadableError, match="is a folder, not a file"):
        decoder.probe(tmp_path)


def test_a_missing_file_is_refused_with_the_way_out(decoder, tmp_path):
    with pytest.raises(UnreadableError, match=r"gone\.jpg is not there; look whether its disk is mounted"):
        decoder.probe(tmp_path / "gone.jpg")


def test_an_empty_file_is_refused(decoder, keep):
    with pytest.raises(UnreadableError, match=r"a\.jpg is empty \(0 bytes\)"):
        decoder.decode(keep("a.jpg", b""))


def test_a_file_beyond_the_byte_limit_is_refused_before_it_is_read(smooth, keep):
    with Decoder(Settings(max_file_bytes=100)) as decoder, pytest.raises(TooLargeError, match="setting max_file_bytes"):
        decoder.probe(keep("a.png", encode(smooth, "png")))


@pytest.mark.parametrize(
    "name",
    [
        "Cr\u00e8me.png",
        "Cre\u0300me.png",
        "a\nb.png",
        "-rf.png",
        "\u202egpj.png",
        os.fsdecode(b"caf\xe9.png"),
        "%s%n.png",
    ],
)
def test_a_picture_of_any_name_is_read(decoder, smooth, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(encode(smooth, "png"))
    assert np.array_equal(decoder.decode(path).image.pixels, smooth.pixels)


def test_an_error_shows_a_name_without_its_line_break(decoder, tmp_path):
    path = tmp_path / "a\nb.jpg"
    path.write_bytes(b"%PDF-1.4")
    with pytest.raises(UnsupportedFormatError) as refusal:
        decoder.probe(path)
    assert str(refusal.value).startswith("a\\nb.jpg is a PDF document")
    assert "\n" not in str(refusal.value)


def test_the_parent_stays_small_and_quick_in_front_of_a_bomb(decoder, keep):
    import struct
    import zlib

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + bytes(100)
    path = keep("bomb.png", data)
    decoder.probe(keep("warm.png", encode(Image(np.zeros((1, 1, 3), np.uint8), "srgb"), "png")))
    resident = Path(f"/proc/{decoder._child.process.pid}/status")
    before, started = _megabytes(resident), time.process_time()
    with pytest.raises(
        TooLargeError, match=r"bomb\.png says it is a PNG of 50000 x 50000 px, 2500 MP; the limit is 300 MP"
    ):
        decoder.decode(path)
    assert time.process_time() - started < 1  # to decode it would take a minute
    assert _megabytes(resident) - before < 50
    assert _megabytes(resident) < 200


def _megabytes(status: Path) -> float:
    line = next(each for each in status.read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def test_a_child_that_answers_nonsense_is_not_believed(decoder, smooth, keep, monkeypatch):
    path = keep("a.png", encode(smooth, "png"))
    monkeypatch.setattr(decoder, "_ask", lambda *_: ({"probe": {"width": "wide"}}, None))
    with pytest.raises(UnreadableError, match=r"the decoder gave an answer on a\.png that makes no sense"):
        decoder.probe(path)


def test_a_preview_of_another_shape_is_not_the_pictures(decoder, keep):
    assert _preview_of(decoder, keep, thumbnail=(16, 16)) is None


def test_a_preview_of_a_jpeg_is_decoded_and_upright(decoder, keep):
    preview = _preview_of(decoder, keep, thumbnail=(32, 24))
    assert preview is not None
    assert (preview.image.size, preview.full_size, preview.sha256) == ((32, 24), (64, 48), "")


def _preview_of(decoder, keep, thumbnail: tuple[int, int]):
    import struct

    from safelight.media.metadata import Metadata
    from safelight.media.writers.jpeg import insert_segments

    width, height = thumbnail
    small = encode(Image(np.full((height, width, 3), 90, np.uint8), "srgb"), "jpeg", icc=b"")
    first = struct.pack("<HHHIII", 1, 274, 3, 1, 1, 26)
    second = struct.pack("<HHHIIHHIII", 2, 513, 4, 1, 26 + 30, 514, 4, 1, len(small), 0)
    exif = b"II*\0\x08\0\0\0" + first + second + small
    plain = encode(Image(np.full((48, 64, 3), 90, np.uint8), "srgb"), "jpeg")
    path = keep("a.jpg", insert_segments(plain, Metadata(exif=exif)))
    assert decoder.probe(path).has_preview
    return decoder.preview(path)
