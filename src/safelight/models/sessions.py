"""Run a model of the registry: one function for every format, so that a step never sees a runtime.

A session takes a picture in sRGB code values and brings it into the form that
its row declares. Each process keeps the sessions it has opened; a session uses
one processor thread, for the workers are the parallelism.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from safelight.errors import ModelError, UnsupportedFormatError
from safelight.models.registry import Model, model_named, models_folder, state_of

Tensors = tuple[NDArray[np.float32], ...]


class Runtime(Protocol):
    """What runs one file of weights."""

    def run(self, tensor: NDArray[np.float32]) -> Tensors:
        """Return every output for one input, batch dimension included."""


class Session:
    """A model that is ready to run.

    Parameters
    ----------
    model : Model
        Its row.
    runtime : Runtime
        What runs its weights.
    """

    def __init__(self, model: Model, runtime: Runtime) -> None:
        self.model, self._runtime = model, runtime
        self._scale = np.array(model.input.scale, np.float32)
        self._offset = np.array(model.input.offset, np.float32)

    def run(self, rgb: NDArray[np.float32]) -> Tensors:
        """Run the model on one picture.

        Parameters
        ----------
        rgb : (height, width, 3) float32, sRGB code values 0..1, of the size that the model's row says

        Returns
        -------
        tuple of float32 arrays
            The model's outputs without their batch dimension, in the order of its file.

        Raises
        ------
        ValueError
            If the size is another.
        """
        side = self.model.input
        if rgb.shape != (side.height, side.width, 3):
            raise ValueError(
                f"{self.model.name} takes a picture of {side.width} x {side.height} px in three channels, "
                f"got an array of {rgb.shape}: resample it first"
            )
        tensor = rgb * self._scale + self._offset
        if side.layout == "NCHW":
            tensor = tensor.transpose(2, 0, 1)
        outputs = self._runtime.run(np.ascontiguousarray(tensor[None], np.float32))
        return tuple(each[0] for each in outputs)


def open_session(name: str) -> Session:
    """Return the session of the model called `name`, opened once in a process.

    Raises
    ------
    ModelError
        If its weights or its runtime are missing, or the weights are damaged; says how to get them.
    UnsupportedFormatError
        If nothing here runs its format.
    """
    return _opened(name, models_folder())


def missing_for(names: tuple[str, ...]) -> str:
    """Say in words what is missing to run `names`, or "" if nothing is; nothing is opened or hashed."""
    folder = models_folder()
    absent = [each for each in names if not (folder / model_named(each).file).is_file()]
    if absent:
        return f"the models {', '.join(absent)} are not installed; get them with: safelight models pull people"
    if not has_runtime("tflite"):
        return "the runtime ai-edge-litert is not installed; get it with: pip install 'safelight[people]'"
    return ""


def has_runtime(model_format: str) -> bool:
    """Tell whether the library that runs a format is installed; it is not imported."""
    library = _LIBRARIES.get(model_format)
    return library is not None and importlib.util.find_spec(library) is not None


@cache
def _opened(name: str, folder: Path) -> Session:
    model = model_named(name)
    state = state_of(model, folder)
    if state != "present":
        raise ModelError(
            f"the weights of {name} are {state} in {folder}; get them with: safelight models pull {model.bundle}"
        )
    if model.format not in _RUNTIMES:
        raise UnsupportedFormatError(
            f"{name} is an {model.format} model; this safelight runs {' and '.join(sorted(_RUNTIMES))} models"
        )
    if not has_runtime(model.format):
        package, extra = _PACKAGES[model.format]
        raise ModelError(
            f"{name} needs the runtime {package}, which is not installed; get it with: pip install 'safelight[{extra}]'"
        )
    return Session(model, _RUNTIMES[model.format](folder / model.file))


class _LiteRt:
    """A .tflite file on the processor."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        with _without_native_messages():
            self._interpreter: Any = Interpreter(model_path=str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [each["index"] for each in self._interpreter.get_output_details()]

    def run(self, tensor: NDArray[np.float32]) -> Tensors:
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return tuple(np.asarray(self._interpreter.get_tensor(each), np.float32) for each in self._outputs)


class _Onnx:
    """An .onnx file on the processor, without anything a file could ask to be loaded beside it."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors; warnings about unused weights are the exporter's
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the library's own classes differ from version to version
            raise ModelError(f"{path.name} can't be opened as an ONNX model: {error}") from error
        self._input = self._session.get_inputs()[0].name

    def run(self, tensor: NDArray[np.float32]) -> Tensors:
        return tuple(np.asarray(each, np.float32) for each in self._session.run(None, {self._input: tensor}))


_RUNTIMES: Mapping[str, Callable[[Path], Runtime]] = MappingProxyType({"tflite": _LiteRt, "onnx": _Onnx})
_LIBRARIES: Mapping[str, str] = MappingProxyType({"tflite": "ai_edge_litert", "onnx": "onnxruntime"})
_PACKAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"tflite": ("ai-edge-litert", "people"), "onnx": ("onnxruntime", "onnx")}
)


@contextmanager
def _without_native_messages() -> Iterator[None]:
    """Keep the runtime's greeting off the terminal; it has no option for that."""
    try:
        kept = os.dup(2)
    except OSError:  # no standard error to keep quiet
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
