"""Sessions: a picture in, tensors out, and every refusal with its way out."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from safelight.errors import ModelError, UnsupportedFormatError
from safelight.models.registry import Input, model_named
from safelight.models.sessions import Session, missing_for, open_session


class Echo:
    """A runtime that gives its input back."""

    def run(self, tensor):
        return (tensor,)


def test_pixels_enter_as_the_row_says() -> None:
    row = replace(model_named("iris"), input=Input(2, 3, "NCHW", (2.0, 2.0, 4.0), (-1.0, -1.0, 0.0)))
    (tensor,) = Session(row, Echo()).run(np.full((3, 2, 3), 0.25, np.float32))
    assert tensor.shape == (3, 3, 2)
    assert tensor[:, 0, 0].tolist() == [-0.5, -0.5, 1.0]


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="iris takes a picture of 64 x 64 px"):
        Session(model_named("iris"), Echo()).run(np.zeros((32, 64, 3), np.float32))


def test_missing_weights_are_told_with_the_command(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SAFELIGHT_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="absent in .*safelight models pull people"):
        open_session("iris")
    assert "safelight models pull people" in missing_for(("iris",))


def test_a_format_that_nothing_runs_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SAFELIGHT_MODELS", str(tmp_path))
    monkeypatch.setattr("safelight.models.sessions.state_of", lambda *_: "present")
    monkeypatch.setattr(
        "safelight.models.sessions.model_named", lambda name: replace(model_named("u2netp"), format="caffe")
    )
    with pytest.raises(UnsupportedFormatError, match="u2netp is an caffe model; this safelight runs onnx and tflite"):
        open_session("u2netp")


def small_network(path):
    """A network of one layer that gives 1 where a pixel is darker than middle gray: a matte of dark things on white."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weight = numpy_helper.from_array(np.full((1, 3, 1, 1), -20.0, np.float32), "weight")
    bias = numpy_helper.from_array(np.array([30.0], np.float32), "bias")
    nodes = [
        helper.make_node("Conv", ["picture", "weight", "bias"], ["raw"]),
        helper.make_node("Sigmoid", ["raw"], ["matte"]),
    ]
    shapes = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, (1, c, 48, 64)) for n, c in (("picture", 3), ("matte", 1))
    ]
    graph = helper.make_graph(nodes, "dark", shapes[:1], shapes[1:], [weight, bias])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def registered(monkeypatch, folder, file, size, layout="NCHW"):
    """Let the name u2netp stand for another file."""
    data = (folder / file).read_bytes()
    row = replace(
        model_named("u2netp"),
        file=file,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        input=Input(*size, layout, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    )
    monkeypatch.setenv("SAFELIGHT_MODELS", str(folder))
    monkeypatch.setattr("safelight.models.sessions.model_named", lambda name: replace(row, name=name))
    return file


def test_an_onnx_network_runs_and_tells_dark_from_white(tmp_path, monkeypatch) -> None:
    pytest.importorskip("onnxruntime")
    small_network(tmp_path / "dark.onnx")
    registered(monkeypatch, tmp_path, "dark.onnx", (64, 48))
    picture = np.ones((48, 64, 3), np.float32)
    picture[10:30, 20:40] = 0.1
    (matte,) = open_session("small one").run(picture)
    assert matte.shape == (1, 48, 64)
    assert matte[0, 12:28, 22:38].min() > 0.99 and matte[0, :8].max() < 0.01


def test_bytes_that_are_no_network_are_refused_with_the_name(tmp_path, monkeypatch) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "broken.onnx").write_bytes(b"not a network")
    registered(monkeypatch, tmp_path, "broken.onnx", (64, 48))
    with pytest.raises(ModelError, match=r"broken\.onnx can't be opened as an ONNX model"):
        open_session("broken one")


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "size", "layout"),
    [("selfie_segmentation_landscape.onnx", (256, 144), "NHWC"), ("sinet_portrait.onnx", (320, 320), "NCHW")],
)
def test_real_weights_run(shared_data, monkeypatch, file, size, layout) -> None:
    pytest.importorskip("onnxruntime")
    registered(monkeypatch, shared_data / "models", file, size, layout)
    outputs = open_session(file).run(np.full((size[1], size[0], 3), 0.5, np.float32))
    assert all(np.isfinite(each).all() for each in outputs)
