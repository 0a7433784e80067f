"""The set of the sample shoot: sweep, softboxes, camera, and the render itself.

The paper sweep, three softboxes and a wall light stay put all day; products
come and go, as on a real packshot set. Mitsuba 3 does the light transport.
"""

from __future__ import annotations

import ctypes.util
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import materials as mat
import meshes as ms
from products import PRODUCTS, Part

Picture = NDArray[np.float32]

# light that passes through or between surfaces needs longer paths
CLEAR = frozenset({"GLS-04", "RNG-07"})

# more paths a pixel where noise shows: glass and gem, print, and above all plain white glaze
PATIENCE = {"GLS-04": 2, "RNG-07": 2, "BOX-10": 2, "BWL-08": 4}

# 85 mm on a 36 mm wide frame
LONG_SIDE_DEG = 2 * float(np.degrees(np.arctan(18 / 85)))


@dataclass(frozen=True)
class View:
    """Where the camera stands and how the product is turned.

    Attributes
    ----------
    yaw_deg : float
        Turn of the product on its base, counterclockwise seen from above.
    elevation_deg : float
        Camera height as an angle above the floor, seen from the target.
    distance : float
        Camera to target, set units (10 cm).
    target : (3,) float
        Point in the middle of the frame, set units.
    portrait : bool
        Frame upright (4:5) rather than across (4:3).
    roll_deg : float
        Camera tilt, clockwise positive.
    aperture : float
        Lens opening radius, set units; 0.04 would be one exposure at f/11 and
        85 mm. The default is that of a focus stack: sharp from front to back.
    """

    yaw_deg: float = 0.0
    elevation_deg: float = 9.0
    distance: float = 7.0
    target: tuple[float, float, float] = (0.0, 0.0, 0.5)
    portrait: bool = False
    roll_deg: float = 0.0
    aperture: float = 0.005


@dataclass(frozen=True)
class Lighting:
    """Power and color of each light; colors are linear sRGB factors of daylight.

    Attributes
    ----------
    key, fill, top, wall : float
        Radiance of the left softbox, right softbox, overhead and wall light.
    key_tint, fill_tint : (3,) float
        1, 1, 1 is the daylight the camera is balanced for.
    flags : bool
        Black cards at both sides, to draw the edges of glass.
    """

    key: float = 9.4
    fill: float = 7.0
    top: float = 3.2
    wall: float = 5.0
    key_tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    fill_tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    flags: bool = False


def frame_size(view: View, scale: float) -> tuple[int, int]:
    """Width and height in px: 1520x1140 across or 1200x1500 upright, times `scale`."""
    width, height = (1200, 1500) if view.portrait else (1520, 1140)
    return max(16, round(width * scale)), max(16, round(height * scale))


def choose_variant() -> str:
    """Pick Mitsuba's vectorized variant when a new enough LLVM is there.

    Mitsuba 3.9 needs LLVM 17 or newer on x86-64 (older ones abort on its
    `fminimum` instruction), so the version is read from the file name before
    anything is loaded; otherwise the scalar variant, 2 to 3 times slower.
    """
    candidates = [Path(p) for p in [os.environ.get("DRJIT_LIBLLVM_PATH", "")] if p]
    for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"):
        candidates += sorted(Path(folder).glob("libLLVM*.so*"), reverse=True)
    found = ctypes.util.find_library("LLVM")
    candidates += [Path(found)] if found else []
    for path in candidates:
        version = re.search(r"(\d+)", path.name.replace("libLLVM", ""))
        if version and int(version.group(1)) >= 17:
            os.environ["DRJIT_LIBLLVM_PATH"] = str(path)
            return "llvm_ad_rgb"
    return "scalar_rgb"


def _sweep() -> ms.Mesh:
    """The seamless paper: floor, a wide bend, wall."""
    bend = np.linspace(0, np.pi / 2, 40)
    line = np.concatenate([
        [[-16.0, 0.0], [0.0, 0.0]],
        np.stack([4.0 + 3.5 * np.sin(bend), 3.5 - 3.5 * np.cos(bend)], -1),
        [[7.5, 14.0]],
    ])  # fmt: skip
    across = np.linspace(-13, 13, 3)
    points = np.stack([
        np.broadcast_to(across[None], (len(line), 3)),
        np.broadcast_to(line[:, :1], (len(line), 3)),
        np.broadcast_to(line[:, 1:], (len(line), 3)),
    ], -1)[::-1]  # fmt: skip
    uv = np.stack(np.meshgrid([0, 0.5, 1], np.linspace(0, 1, len(line))), -1)
    return ms.grid_mesh(points, uv)


def _softbox_glow() -> Picture:
    """Diffuser of a softbox: bright middle, falling edges, rounded corners."""
    x, y = np.meshgrid(np.linspace(-1, 1, 128), np.linspace(-1, 1, 128))
    fall = 1 - 0.32 * (x**2 + y**2) / 2
    corner = np.clip((1.0 - (np.abs(x) ** 14 + np.abs(y) ** 14)) / 0.25, 0, 1)
    return np.repeat((fall * corner)[..., None], 3, axis=2).astype(np.float32)


class Studio:
    """Mitsuba with one variant chosen, and a folder for its meshes."""

    def __init__(self) -> None:
        variant = choose_variant()
        import mitsuba as mi

        mi.set_variant(variant)
        mi.set_log_level(mi.LogLevel.Error)
        self.mi, self.variant = mi, variant
        self._folder = tempfile.TemporaryDirectory(prefix="safelight-meshes-")
        self._count = 0

    def _shape(self, mesh: ms.Mesh, bsdf: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        path = Path(self._folder.name) / f"{self._count}.ply"
        ms.write_ply(mesh, path)
        return {
            "type": "ply",
            "filename": str(path),
            "face_normals": mesh.normals is None,
            "bsdf": self._resolve(bsdf),
        }

    def _resolve(self, tree: Any) -> Any:
        """Turn our texture entries into Mitsuba bitmaps, all through a BSDF."""
        if not isinstance(tree, dict):
            return tree
        if tree.get("type") != "safelight_bitmap":
            return {key: self._resolve(value) for key, value in tree.items()}
        data = np.ascontiguousarray(tree["data"], dtype=np.float32)
        if data.ndim == 2:
            data = data[..., None]
        return {
            "type": "bitmap",
            "bitmap": self.mi.Bitmap(data),
            "raw": True,
            "to_uv": self.mi.ScalarTransform4f().scale([*tree["repeat"], 1.0]),
        }

    def _light(self, at, toward, size, power, tint=(1.0, 1.0, 1.0), *, share=1.0) -> dict[str, Any]:
        """A softbox; `share` is how often it is sampled, near its part of the light."""
        t = self.mi.ScalarTransform4f
        up = [0, 1, 0] if abs(toward[0] - at[0]) + abs(toward[1] - at[1]) < 0.5 else [0, 0, 1]
        glow = _softbox_glow() * np.asarray(tint, np.float32) * np.float32(power)
        return {
            "type": "rectangle",
            "to_world": t().look_at(origin=list(at), target=list(toward), up=up)
            @ t().scale([size[0] / 2, size[1] / 2, 1]),
            "bsdf": {"type": "diffuse", "reflectance": mat.color((0.02, 0.02, 0.02))},
            "emitter": {
                "type": "area",
                "radiance": {"type": "bitmap", "bitmap": self.mi.Bitmap(glow), "raw": True},
                "sampling_weight": share,
            },
        }

    def _sensor(self, view: View, scale: float) -> dict[str, Any]:
        t = self.mi.ScalarTransform4f
        e = np.radians(view.elevation_deg)
        target = np.array(view.target)
        origin = target + view.distance * np.array([0, -np.cos(e), np.sin(e)])
        width, height = frame_size(view, scale)
        return {
            "type": "thinlens",
            "fov": LONG_SIDE_DEG,
            "fov_axis": "larger",
            "aperture_radius": view.aperture,
            "focus_distance": view.distance - 0.25,
            "near_clip": 0.1,
            "to_world": t().look_at(origin=origin.tolist(), target=target.tolist(), up=[0, 0, 1])
            @ t().rotate([0, 0, 1], view.roll_deg),
            "film": {
                "type": "hdrfilm",
                "width": width,
                "height": height,
                "pixel_format": "rgba",
                # box: samples stay in their pixel, which halves the time; the lens softens later
                "rfilter": {"type": "box"},
            },
            # stratified over pixel, lens and lights: less than half the noise of independent samples
            "sampler": {"type": "multijitter", "sample_count": 8},
        }

    def _set(self, lighting: Lighting) -> dict[str, Any]:
        """Everything that stays on set: paper, lights, room, flags."""
        paper = mat.matte(mat.color(mat.albedo("backdrop_paper")))
        scene = {
            "sweep": self._shape(_sweep(), paper),
            "key": self._light((-5.6, -4.4, 4.0), (0, 0, 0.6), (4.2, 4.2), lighting.key, lighting.key_tint, share=2.5),
            "fill": self._light(
                (6.0, -3.4, 3.0), (0, 0, 0.8), (2.6, 4.6), lighting.fill, lighting.fill_tint, share=1.8
            ),
            "top": self._light((0, 1.2, 6.4), (0, 0.6, 0), (5.4, 4.0), lighting.top, share=1.3),
            "wall": self._light((0, 2.2, 8.2), (0, 7.5, 3.4), (9.0, 1.6), lighting.wall, share=1.0),
            "room": {"type": "constant", "radiance": mat.color((0.10, 0.10, 0.10)), "sampling_weight": 0.4},
        }
        if lighting.flags:
            black = mat.matte(mat.color((0.02, 0.02, 0.02)))
            for name, x in (("flag_left", -1.6), ("flag_right", 1.6)):
                card = ms.place(ms.plane(0.7, 2.0), at=(x, 0.45, 1.0), yaw_deg=90 if x < 0 else -90)
                scene[name] = self._shape(card, black)
        return scene

    def _product(self, sku: str, view: View) -> list[Part]:
        return [Part(ms.place(p.mesh, yaw_deg=view.yaw_deg), p.bsdf) for p in PRODUCTS[sku]()]

    def render(
        self, sku: str, view: View, lighting: Lighting, *, spp: int, scale: float, seed: int
    ) -> dict[str, Picture]:
        """Photograph one product.

        Returns
        -------
        dict
            ``half_a`` and ``half_b`` (H, W, 3): two independent linear renders
            of half the samples; ``guides`` (H, W, 7): albedo, normal, depth;
            ``alpha`` (H, W): true coverage of the product, 0 to 1. All float32.
        """
        mi = self.mi
        parts = self._product(sku, view)
        sensor = self._sensor(view, scale)
        shapes = {f"part{i}": self._shape(p.mesh, p.bsdf) for i, p in enumerate(parts)}
        # 5 bounces lose 0.3 % of the light of 20, measured on the mug
        path = {"type": "path", "max_depth": 14 if sku in CLEAR else 5, "rr_depth": 3}
        scene = mi.load_dict(
            {
                "type": "scene",
                "integrator": {"type": "aov", "aovs": "alb:albedo,nn:sh_normal,dd:depth", "img": path},
                "sensor": sensor,
                **self._set(lighting),
                **shapes,
            }
        )
        # at most eight samples a pass keep the vectorized renderer near 2 GB
        step = max(1, min(8, spp // 2))
        halves: list[Picture] = []
        guides = []
        for half in range(2):
            passes = []
            for k in range(max(1, spp // (2 * step))):
                out = np.array(mi.render(scene, spp=step, seed=seed * 1000 + half * 500 + k))
                # cut what a single lucky path adds
                out[..., :3] = np.minimum(np.nan_to_num(out[..., :3]), 24.0)
                passes.append(out)
            total = sum(passes) / len(passes)
            halves.append(total[..., :3])
            guides.append(total[..., 4:])
        return {
            "half_a": halves[0].astype(np.float32),
            "half_b": halves[1].astype(np.float32),
            "guides": ((guides[0] + guides[1]) / 2).astype(np.float32),
            "alpha": self._alpha(shapes, sensor, seed=seed),
        }

    def _alpha(self, shapes: dict[str, Any], sensor: dict[str, Any], *, seed: int) -> Picture:
        """Coverage of the product alone; glass counts as its silhouette."""
        plain = {"type": "twosided", "bsdf": {"type": "diffuse"}}
        kept = {name: {**shape, "bsdf": plain} for name, shape in shapes.items()}
        scene = self.mi.load_dict(
            {
                "type": "scene",
                "integrator": {"type": "path", "max_depth": 1, "hide_emitters": True},
                "sensor": {**sensor, "sampler": {"type": "multijitter", "sample_count": 16}},
                **kept,
            }
        )
        # 16 stratified samples: edges in steps of 1/16, finer once the lens has softened them
        out = np.array(self.mi.render(scene, spp=16, seed=seed * 1000 + 900))
        return np.clip(out[..., 3], 0, 1).astype(np.float32)
