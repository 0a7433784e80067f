"""Pulling: only bytes with the registry's hash get the file's name."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from safelight.errors import ModelError, UsageError
from safelight.models.pull import pull
from safelight.models.registry import model_named, state_of

WEIGHTS = bytes(range(256)) * 64


def _model(**more):
    about = {"sha256": hashlib.sha256(WEIGHTS).hexdigest(), "bytes": len(WEIGHTS)}
    return replace(model_named("iris"), **(about | more))


def _left(folder):
    return sorted(each.name for each in folder.iterdir())


def test_a_file_at_hand_is_installed_and_found_again(tmp_path) -> None:
    given = tmp_path / "weights"
    given.write_bytes(WEIGHTS)
    folder = tmp_path / "models"
    assert [each.state for each in pull([_model()], folder, given=given)] == ["installed"]
    assert [each.state for each in pull([_model()], folder, given=given)] == ["present"]
    assert _left(folder) == ["iris.tflite"]


def test_weights_are_taken_out_of_a_wheel(tmp_path) -> None:
    wheel = tmp_path / "any.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr(_model().member, WEIGHTS)
    pull([_model()], tmp_path / "models", given=wheel)
    assert (tmp_path / "models" / "iris.tflite").read_bytes() == WEIGHTS


def test_a_wheel_without_them_is_refused_with_where_they_are(tmp_path) -> None:
    wheel = tmp_path / "any.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr("other", b"")
    with pytest.raises(ModelError, match="any.whl holds no mediapipe/.*iris is in mediapipe==0.10.21"):
        pull([_model()], tmp_path / "models", given=wheel)


def test_wrong_bytes_are_refused_naming_both_hashes_and_nothing_is_left(tmp_path) -> None:
    given = tmp_path / "weights"
    given.write_bytes(WEIGHTS + b"x")
    wrong = hashlib.sha256(WEIGHTS + b"x").hexdigest()
    with pytest.raises(ModelError, match=f"SHA-256 {wrong}, but the registry says {_model().sha256}"):
        pull([_model()], tmp_path / "models", given=given)
    assert _left(tmp_path / "models") == []


def test_a_damaged_file_is_replaced(tmp_path) -> None:
    given = tmp_path / "weights"
    given.write_bytes(WEIGHTS)
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "iris.tflite").write_bytes(b"half of it")
    pull([_model()], folder, given=given)
    assert state_of(_model(), folder) == "present"


def test_a_missing_file_is_refused(tmp_path) -> None:
    with pytest.raises(UsageError, match="which is not a file"):
        pull([_model()], tmp_path / "models", given=tmp_path / "none")


def test_a_noncommercial_license_is_refused_before_anything_is_made(tmp_path) -> None:
    trap = _model(license_class="noncommercial", license="CC-BY-NC-4.0")
    with pytest.raises(UsageError, match="forbids commercial work.*--accept-noncommercial"):
        pull([trap], tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_an_accepted_license_is_told(tmp_path) -> None:
    given = tmp_path / "weights"
    given.write_bytes(WEIGHTS)
    trap = _model(license_class="noncommercial", license="CC-BY-NC-4.0")
    (done,) = pull([trap], tmp_path / "models", given=given, accept_noncommercial=True)
    assert done.told == "CC-BY-NC-4.0: not for commercial work"


@pytest.fixture
def address():
    """A server on this machine that hands out the weights, and the ranges it was asked for."""
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range")
            asked.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.end_headers()
            self.wfile.write(WEIGHTS[start:])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    worker = threading.Thread(target=server.serve_forever, daemon=True)
    worker.start()
    yield f"http://127.0.0.1:{server.server_port}/weights", asked
    server.shutdown()
    server.server_close()
    worker.join()


def test_weights_are_fetched_and_a_part_is_carried_on(tmp_path, address) -> None:
    url, asked = address
    model = _model(package="", member="", url=url)
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / ".iris.tflite.part").write_bytes(WEIGHTS[:1000])
    pull([model], folder)
    assert asked == ["bytes=1000-"]
    assert state_of(model, folder) == "present"
    assert _left(folder) == ["iris.tflite"]


def test_a_part_of_something_else_is_thrown_away(tmp_path, address) -> None:
    url, _ = address
    model = _model(package="", member="", url=url)
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / ".iris.tflite.part").write_bytes(b"x" * 1000)
    with pytest.raises(ModelError, match="nothing was installed"):
        pull([model], folder)
    assert _left(folder) == []
    pull([model], folder)
    assert state_of(model, folder) == "present"


def test_an_address_that_does_not_answer_keeps_what_there_is(tmp_path) -> None:
    model = _model(package="", member="", url="http://127.0.0.1:9/weights")
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / ".iris.tflite.part").write_bytes(WEIGHTS[:1000])
    with pytest.raises(ModelError, match="1000 of 16384 bytes are kept, run the same command to carry on"):
        pull([model], folder)
    assert _left(folder) == [".iris.tflite.part"]


def test_pip_that_finds_nothing_says_how_else(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelError, match="pip could not fetch mediapipe==0.10.21.*--from WHEEL"):
        pull([_model()], tmp_path / "models")
    assert _left(tmp_path / "models") == []
