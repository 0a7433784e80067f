"""Small pictures, edits and steps to paint with; each step does one thing that a test can compute."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np

from safelight.core.edit import Artifact, Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.core.params import Param, ParamSet
from safelight.core.step import Proposal, Stage, Step
from safelight.errors import UnknownNameError
from safelight.pixels.color import transforms
from safelight.pixels.geometry.map import GeometryMap, straighten

BY = Actor("person", "Ines")


def declare(name, stage, kind, paint, *params):
    return Step(
        name,
        1,
        stage,
        kind,
        "free",
        "original",
        ParamSet(name, *params),
        "for tests",
        "none",
        "exposure",
        lambda *_: Proposal({}, None),
        paint,
    )


def matte_from(parts: Mapping[str, bytes]) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(parts["matte"], np.uint8), cv2.IMREAD_UNCHANGED)


class CleanMatte:
    """A matte that knows its subject to be pure green light of one half."""

    def __init__(self, alpha):
        self.alpha = alpha
        self.asked = []

    def foreground(self, rgb, alpha, rows, cols):
        assert rgb.shape == (len(alpha), 3)
        assert rgb.dtype == alpha.dtype == rows.dtype == cols.dtype == np.float32
        assert ((rows > 0) & (rows < 1) & (cols > 0) & (cols < 1)).all()
        self.asked.append((rows, cols))
        return np.broadcast_to(np.float32([0, 0.5, 0]), rgb.shape)


def _number(name, default, least=-10000.0, most=10000.0):
    return Param(name, default, "a number", "", least, most, 0.0001)


STEPS = {
    each.name: each
    for each in (
        declare("metering", Stage.FACTS, "facts", None),
        declare(
            "gain",
            Stage.CORRECTION,
            "color",
            lambda p, *_: transforms.gain(p["red"], p["green"], p["blue"]),
            _number("red", 1.0),
            _number("green", 1.0),
            _number("blue", 1.0),
        ),
        declare("stops", Stage.CORRECTION, "color", lambda p, *_: transforms.exposure(p["by"]), _number("by", 0.0)),
        declare("view", Stage.VIEW, "color", lambda *_: transforms.exposure(-1.0)),
        declare("gray", Stage.GRADE, "color", lambda *_: transforms.saturation(0.0)),
        declare(
            "curve", Stage.GRADE, "color", lambda *_: transforms.curve([0, 0.02, 0.18, 0.6, 1], [0, 0.01, 0.2, 0.75, 1])
        ),
        declare("spot", Stage.REPAIR, "raster", lambda rgb, *_: rgb * np.float32(0.5)),
        declare("local", Stage.GRADE, "raster", lambda rgb, *_: rgb[:, ::-1].copy()),
        declare(
            "crop",
            Stage.GEOMETRY,
            "geometry",
            lambda p, _: GeometryMap.of_crop(p["x"], p["y"], p["width"], p["height"]),
            _number("x", 0.0),
            _number("y", 0.0),
            Param("width", 1, "px", "px", 1, 9000),
            Param("height", 1, "px", "px", 1, 9000),
        ),
        declare(
            "turn", Stage.GEOMETRY, "geometry", lambda p, size: straighten(p["angle"], *size), _number("angle", 0.0)
        ),
        declare("cutout", Stage.COMPOSITE, "matte", matte_from),
        declare("clean_cutout", Stage.COMPOSITE, "matte", lambda parts: CleanMatte(matte_from(parts))),
        declare(
            "background",
            Stage.COMPOSITE,
            "composite",
            lambda p: (p["red"], p["green"], p["blue"]),
            _number("red", 1.0),
            _number("green", 1.0),
            _number("blue", 1.0),
        ),
        declare(
            "sharpen",
            Stage.SHARPEN,
            "raster",
            lambda rgb, *_: rgb + 0.6 * (rgb - cv2.GaussianBlur(rgb, (0, 0), 1.0, borderType=cv2.BORDER_REFLECT_101)),
        ),
        declare("darken", Stage.SHARPEN, "raster", lambda rgb, *_: rgb * np.float32(0.5)),
    )
}


def named(name: str) -> Step:
    if name not in STEPS:
        raise UnknownNameError(f"no step called {name!r}")
    return STEPS[name]


class Kept:
    """Blobs in memory."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def put(self, kind: str, data: bytes, media_type: str) -> Artifact:
        self.blobs[kind] = data
        return Artifact(kind, kind, media_type)

    def get(self, artifact: Artifact) -> bytes:
        return self.blobs[artifact.sha256]

    def full(self) -> Image:
        raise AssertionError("the renderer has the original")

    def resource(self, name: str) -> bytes:
        raise AssertionError("no resource here")


def edit_of(*steps: tuple[str, dict[str, Any]] | str, artifacts: Mapping[str, Mapping[str, Artifact]] | None = None):
    edit = Edit("ab" * 32)
    for each in steps:
        name, params = (each, {}) if isinstance(each, str) else each
        lent = MappingProxyType(dict((artifacts or {}).get(name, {})))
        edit = edit.with_step(EditStep(name, 1, params, BY, lent))
    return edit


def png(plane: np.ndarray) -> bytes:
    return cv2.imencode(".png", plane)[1].tobytes()


def noise(dtype=np.uint8, height=60, width=90, channels=3, seed=0):
    top = np.iinfo(dtype).max + 1
    return np.random.default_rng(seed).integers(0, top, (height, width, channels)).astype(dtype)


def disc(height: int, width: int, softness: float = 6.0) -> np.ndarray:
    """A soft disc in the middle, uint16 coverage."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    far = np.hypot(x - width / 2, y - height / 2)
    return np.rint(np.clip((min(height, width) * 0.3 - far) / softness + 0.5, 0, 1) * 65535).astype(np.uint16)
