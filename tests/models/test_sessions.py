"""Sessions: a picture in, tensors out, and every refusal with its way out."""

from __future__ import annotations

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
    with pytest.raises(UnsupportedFormatError, match="u2netp is an onnx model"):
        open_session("u2netp")
