"""The twelve products of the sample shoot, and the chart, as meshes and surfaces.

Each builder returns the parts of one product standing on z = 0 around the z
axis with its front toward the camera (-y). One unit is 10 cm; the ring is
modeled at jewelry-macro scale (one unit is 1 cm), set included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import materials as mat
import meshes as ms
from materials import BSDF
from meshes import Mesh


@dataclass(frozen=True)
class Part:
    """One mesh of a product with its surface."""

    mesh: Mesh
    bsdf: BSDF


def build_mug() -> list[Part]:
    """A stoneware mug: speckled teal glaze, cream inside, bare clay foot."""
    profile = ms.round_profile(
        [(0, 0.03), (0.30, 0.03), (0.31, 0), (0.37, 0), (0.43, 0.10), (0.43, 0.95),
         (0.385, 0.95), (0.385, 0.10), (0.33, 0.06), (0, 0.055)],
        [0, 0.01, 0.012, 0.03, 0.06, 0.022, 0.022, 0.06, 0.05, 0],
    )  # fmt: skip

    # thrown by hand: the wall swells a little and is never quite round
    def throw(v):
        belly = 1 + 0.035 * np.sin(np.pi * np.clip(v[:, 2] / 0.95, 0, 1))
        angle = np.arctan2(v[:, 1], v[:, 0])
        wobble = 1 + 0.004 * np.sin(2 * angle + 0.6) + 0.0025 * np.sin(46 * v[:, 2])
        return v * np.stack([belly * wobble, belly * wobble, np.ones(len(v))], -1)

    body = ms.deform(ms.revolve(profile, segments=360), throw)

    def is_inside(c):
        return (c[:, 2] > 0.05) & (c[:, 2] < 0.95) & (np.hypot(c[:, 0], c[:, 1]) < 0.398)

    def is_foot(c):
        return (c[:, 2] < 0.105) & ~is_inside(c)

    path = ms.smooth_curve(
        [(0.405, 0, 0.795), (0.56, 0, 0.835), (0.70, 0, 0.76), (0.745, 0, 0.58), (0.68, 0, 0.38),
         (0.55, 0, 0.26), (0.403, 0, 0.24)],
        90,
    )  # fmt: skip
    t = np.linspace(0, 1, 90)
    flare = np.exp(-t / 0.07) + np.exp(-(1 - t) / 0.07)
    thick = np.stack([0.070 + 0.032 * flare, 0.036 + 0.036 * flare], -1)
    # the tube's first axis lies across the hint: swapped, the strap is wide toward y
    handle = ms.tube(path, thick[:, ::-1], hint=(0, 1, 0))
    glaze = mat.glossy(
        mat.texture(mat.speckled_glaze(mat.albedo("mug_glaze"), seed=11), repeat=(1, 1)),
        roughness=0.14, clearcoat=0.6,
    )  # fmt: skip
    strap = mat.glossy(mat.color(mat.albedo("mug_glaze")), roughness=0.14, clearcoat=0.6)
    cream = mat.glossy(
        mat.texture(mat.speckled_glaze(mat.albedo("mug_inside"), seed=12)), roughness=0.14, clearcoat=0.6
    )
    clay = mat.matte(mat.texture(mat.speckled_glaze(mat.albedo("mug_clay"), seed=13)))
    return [
        Part(ms.keep_faces(body, lambda c: ~is_foot(c) & ~is_inside(c)), glaze),
        Part(ms.keep_faces(body, is_inside), cream),
        Part(ms.keep_faces(body, is_foot), clay),
        Part(handle, strap),
    ]


def build_bottle() -> list[Part]:
    """A powder-coated drinking bottle with a bamboo stopper and a printed mark."""
    profile = ms.round_profile(
        [(0, 0.02), (0.30, 0.02), (0.32, 0), (0.365, 0), (0.365, 1.62), (0.20, 1.92), (0.20, 2.06), (0, 2.06)],
        [0, 0.01, 0.01, 0.035, 0.16, 0.10, 0.02, 0],
    )  # fmt: skip
    rng_bump = 0.0016 * mat.soft_noise((512, 512), (170, 170), 21)
    coat = mat.bumped(
        mat.glossy(mat.color(mat.albedo("bottle_coat")), roughness=0.52, specular=0.4), rng_bump, repeat=(4, 4)
    )
    ring = ms.round_profile([(0, 2.06), (0.212, 2.06), (0.212, 2.13), (0, 2.13)], [0, 0.012, 0.012, 0])
    cap = ms.round_profile([(0, 2.13), (0.218, 2.13), (0.218, 2.44), (0, 2.44)], [0, 0.012, 0.03, 0])
    loop = np.linspace(np.pi * 1.02, -0.02 * np.pi, 60)
    strap = np.stack([0.10 * np.cos(loop), np.zeros(60), 2.42 + 0.17 * np.sin(loop)], -1)
    # printed on a skin of the same coat: a see-through one would shade the body
    mark = mat.bumped(
        mat.glossy(mat.texture(mat.bottle_mark(mat.albedo("bottle_coat"))), roughness=0.52, specular=0.4),
        rng_bump, repeat=(1.1, 1.1),
    )  # fmt: skip
    bamboo = mat.glossy(mat.texture(mat.wood(mat.albedo("bottle_bamboo"), 22)), roughness=0.45)
    return [
        Part(ms.revolve(profile, segments=320), coat),
        Part(ms.revolve(ring), mat.metal("Cr", alpha_u=0.12, alpha_v=0.2)),
        Part(ms.revolve(cap), bamboo),
        Part(ms.tube(strap, np.broadcast_to([0.026, 0.045], (60, 2)), hint=(0, 1, 0)), coat["bsdf"]),
        Part(ms.cylinder_patch(0.365, 0.50, 1.14, half_angle_deg=50, lift=0.0006), mark),
    ]


def build_thermos() -> list[Part]:
    """A brushed steel vacuum flask with a black cup lid."""
    profile = ms.round_profile(
        [(0, 0), (0.40, 0), (0.40, 0.16), (0.385, 0.165), (0.385, 0.19), (0.40, 0.195),
         (0.40, 1.70), (0.33, 1.86), (0.33, 1.90), (0, 1.90)],
        [0, 0.03, 0.006, 0.003, 0.003, 0.006, 0.08, 0.05, 0.01, 0],
    )  # fmt: skip
    steel = {
        "type": "roughconductor",
        "material": "Cr",
        "distribution": "ggx",
        "alpha_u": 0.07,
        "alpha_v": mat.texture(0.27 * mat.brushed(31)),
        "specular_reflectance": mat.texture(np.clip(0.94 * mat.brushed(32), 0, 1)),
    }
    lid = ms.round_profile(
        [(0, 1.90), (0.325, 1.90), (0.325, 1.95), (0.345, 1.955), (0.345, 2.26), (0.29, 2.33), (0, 2.33)],
        [0, 0.004, 0.004, 0.006, 0.05, 0.05, 0],
    )  # fmt: skip

    def ribbed(v):
        angle = np.arctan2(v[:, 1], v[:, 0])
        fade = np.clip((v[:, 2] - 1.99) / 0.03, 0, 1) * np.clip((2.22 - v[:, 2]) / 0.03, 0, 1)
        scale = 1 - 0.018 * fade * np.clip(np.cos(48 * angle) * 2, -1, 1)
        return v * np.stack([scale, scale, np.ones(len(v))], -1)

    plastic = mat.bumped(
        mat.glossy(mat.color(mat.albedo("thermos_plastic")), roughness=0.38),
        0.0012 * mat.soft_noise((512, 512), (200, 200), 33), repeat=(3, 3),
    )  # fmt: skip
    angle = np.linspace(0, 2 * np.pi, 200)
    groove = np.stack([0.386 * np.cos(angle), 0.386 * np.sin(angle), np.full(200, 0.178)], -1)
    return [
        Part(ms.revolve(profile, segments=320), steel),
        Part(ms.deform(ms.revolve(lid, segments=960), ribbed), plastic),
        Part(ms.tube(groove, 0.006, hint=(0, 0, 1), closed=True), plastic["bsdf"]),
    ]


def build_glass_bottle() -> list[Part]:
    """An empty clear glass bottle, walls and heavy base, with a cork."""
    outer = [(0, 0.05), (0.22, 0.035), (0.30, 0), (0.36, 0), (0.36, 1.10), (0.115, 1.52), (0.115, 1.92),
             (0.145, 1.93), (0.145, 2.03)]  # fmt: skip
    inner = [(0.088, 2.03), (0.088, 1.50), (0.325, 1.07), (0.325, 0.13), (0.18, 0.14), (0, 0.17)]
    profile = ms.round_profile(
        outer + inner,
        [0, 0.1, 0.02, 0.05, 0.20, 0.14, 0.01, 0.012, 0.02, 0.02, 0.16, 0.19, 0.08, 0.1, 0],
        steps=18,
    )
    stopper = ms.round_profile([(0, 1.80), (0.084, 1.80), (0.104, 2.17), (0, 2.17)], [0, 0.01, 0.016, 0])
    # the cork stops at the bore below the lip and spreads above it
    taper = lambda v: v * np.stack(  # noqa: E731
        [np.where(v[:, 2] < 2.035, np.minimum(1, 0.0865 / np.maximum(np.hypot(v[:, 0], v[:, 1]), 1e-6)), 1.0)] * 2
        + [np.ones(len(v))], -1,
    )  # fmt: skip
    cork = ms.deform(ms.revolve(stopper), taper)
    return [
        Part(ms.revolve(profile, segments=320), mat.glass(1.52, (0.985, 0.995, 0.99))),
        Part(cork, mat.matte(mat.texture(mat.cork(mat.albedo("cork"), 41)))),
    ]


def _knit(v, *, columns: int, rows_per_unit: float, depth: float, z0: float):
    """Outward shift (N,) of knit stitches: a V in every column and row."""
    angle = np.arctan2(v[:, 1], v[:, 0]) / (2 * np.pi) * columns
    across = angle - np.floor(angle)
    rib = np.sin(np.pi * across)
    slant = np.abs(across - 0.5) * 1.1
    row = (v[:, 2] - z0) * rows_per_unit + slant
    stitch = 0.5 + 0.5 * np.cos(2 * np.pi * row)
    middle = 1 - 0.65 * np.exp(-(((across - 0.5) / 0.07) ** 2))
    return depth * rib**0.6 * (0.72 + 0.28 * stitch) * middle


def build_beanie() -> list[Part]:
    """A rib-knit beanie with a turned-up cuff and a pompom."""
    dome_z = np.linspace(0, np.pi / 2, 60)
    corners = [(0.50, 0.03), (0.56, 0.0), (0.645, 0.02), (0.672, 0.12), (0.672, 0.40), (0.655, 0.475),
               (0.60, 0.475), (0.595, 0.44)]  # fmt: skip
    lower = ms.round_profile(corners, [0, 0.03, 0.05, 0.06, 0.06, 0.035, 0.02, 0], spacing=0.004)
    dome = np.stack([0.612 * np.cos(dome_z) ** 0.72, 0.46 + 0.66 * np.sin(dome_z)], -1)
    dense = np.linspace(0, 59, 320)
    dome = np.stack([np.interp(dense, np.arange(60), dome[:, k]) for k in range(2)], -1)

    def knitted(columns, rows, depth):
        def move(v):
            out = v / np.maximum(np.linalg.norm(v - [0, 0, 0.35], axis=1, keepdims=True), 0.2)
            r = np.hypot(v[:, 0], v[:, 1])
            fade = np.clip(r / 0.25, 0, 1)
            shift = _knit(v, columns=columns, rows_per_unit=rows, depth=depth, z0=0) * fade
            flat = np.stack([v[:, 0], v[:, 1], np.zeros(len(v))], -1) / np.maximum(r, 1e-6)[:, None]
            lean = np.where(v[:, 2:3] < 0.55, flat, 0.6 * flat + 0.4 * (out - [0, 0, 0]))
            v = v + lean * shift[:, None]
            angle = np.arctan2(v[:, 1], v[:, 0])
            slack = 0.016 * np.sin(3 * angle + 4 * v[:, 2]) + 0.012 * np.sin(5 * angle - 6 * v[:, 2] + 1)
            v = v * (1 + slack * np.clip(v[:, 2], 0, 1))[:, None] ** [1, 1, 0.3]
            # the crown slumps to one side and a little back
            lift = np.clip(v[:, 2] - 0.45, 0, 1) ** 2
            return v + np.stack([0.10 * lift, 0.10 * lift, -0.05 * lift], -1)

        return move

    tone = 1 + 0.10 * mat.soft_noise((1024, 1024), (200, 200), 51) + 0.08 * mat.soft_noise((1024, 1024), (20, 20), 52)
    wool = mat.matte(mat.texture((mat.albedo("beanie_wool") * tone[..., None]).astype(np.float32)))
    rng = np.random.default_rng(53)
    n = 9000
    way = rng.normal(size=(n, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    center = np.array([0.035, 0.035, 1.27])
    length = 0.235 * (1 + 0.08 * rng.normal(size=(n, 1)))
    pompom = ms.fibers(center + 0.05 * way, center + way * length, radius=0.0042, seed=54)
    core = ms.deform(
        ms.revolve(np.stack([0.17 * np.cos(np.linspace(-np.pi / 2, np.pi / 2, 60)),
                             0.17 * np.sin(np.linspace(-np.pi / 2, np.pi / 2, 60))], -1)),
        lambda v: v + center,
    )  # fmt: skip
    fluff = mat.matte(mat.color(mat.albedo("beanie_pompom")))
    return [
        Part(ms.deform(ms.revolve(lower, segments=1800), knitted(66, 25, 0.036)), wool),
        Part(ms.deform(ms.revolve(dome, segments=1800), knitted(66, 25, 0.032)), wool),
        Part(pompom, fluff),
        Part(core, fluff),
    ]


def build_cushion() -> list[Part]:
    """A linen cushion with piping, leaning back as if against a hand."""
    n = 420
    u, v = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n))
    loft = ((1 - np.abs(u) ** 2.6) * (1 - np.abs(v) ** 2.6)).clip(0) ** 0.52
    # the middle of each side pulls in, corners stay out: that is what makes a pillow
    pull_u, pull_v = 1 - 0.075 * (1 - v**2) ** 1.5, 1 - 0.075 * (1 - u**2) ** 1.5
    x, z = u * pull_u, v * pull_v
    crease = np.zeros_like(u)
    rng = np.random.default_rng(61)
    for sx, sz in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        for _ in range(3):
            turn = np.pi / 4 + rng.normal(0, 0.22)
            along = (1 - u * sx) * np.cos(turn) + (1 - v * sz) * np.sin(turn)
            off = -(1 - u * sx) * np.sin(turn) + (1 - v * sz) * np.cos(turn)
            crease += 0.034 * np.exp(-((off / 0.055) ** 2)) * np.exp(-(((along - 0.42) / 0.26) ** 2))
    for _ in range(7):
        at, turn = rng.uniform(-0.6, 0.6, 2), rng.uniform(0, np.pi)
        off = (u - at[0]) * np.sin(turn) - (v - at[1]) * np.cos(turn)
        along = (u - at[0]) * np.cos(turn) + (v - at[1]) * np.sin(turn)
        crease += 0.015 * np.exp(-((off / 0.09) ** 2)) * np.exp(-((along / 0.4) ** 2))
    sag = 1 - 0.10 * v
    front = -(0.33 * loft * sag - crease * loft)
    uv = np.stack([u, -v], -1) * 0.5 + 0.5
    faces = ms.grid_mesh(np.stack([x, front, z], -1)[::-1], uv[::-1])
    back = ms.grid_mesh(np.stack([x, 0.30 * loft, z], -1)[::-1, ::-1], uv[::-1, ::-1])
    t = np.linspace(-1, 1, 160)
    edge = np.concatenate([
        np.stack([t, -np.ones(160)], -1), np.stack([np.ones(160), t], -1)[1:],
        np.stack([-t, np.ones(160)], -1)[1:], np.stack([-np.ones(160), -t], -1)[1:],
    ])  # fmt: skip
    ex = edge[:, 0] * (1 - 0.075 * (1 - edge[:, 1] ** 2) ** 1.5)
    ez = edge[:, 1] * (1 - 0.075 * (1 - edge[:, 0] ** 2) ** 1.5)
    piping = ms.tube(np.stack([ex, np.zeros_like(ex), ez], -1), 0.026, hint=(0, 1, 0), closed=True, sides=20)
    height, tone = mat.weave(62)
    linen = mat.bumped(
        mat.matte(mat.texture((mat.albedo("cushion_linen") * tone[..., None]).astype(np.float32), repeat=(5, 5))),
        0.006 * height, repeat=(5, 5),
    )  # fmt: skip
    cord = mat.matte(mat.color(mat.albedo("cushion_linen") * 0.8))
    lean = lambda m: ms.place(ms.place(m, pitch_deg=-16), at=(0, 0.05, 0.985))  # noqa: E731
    return [Part(lean(faces), linen), Part(lean(back), linen), Part(lean(piping), cord)]


def build_bag() -> list[Part]:
    """A structured leather box bag: flap, stitching, brass clasp, top handle."""
    size = (1.75, 0.62, 1.20)

    def soften(v):
        x, y, z = v[:, 0] / (size[0] / 2), v[:, 1] / (size[1] / 2), v[:, 2] / (size[2] / 2)
        bulge = 1 + 0.10 * (1 - np.clip(x, -1, 1) ** 2) * (1 - np.clip(z, -1, 1) ** 2)
        taper = 1 - 0.05 * z
        return np.stack([v[:, 0] * taper, v[:, 1] * bulge * (1 - 0.08 * z), v[:, 2] + 0 * y], -1)

    body = ms.place(ms.deform(ms.rounded_box(size, 0.07, cells=60), soften), at=(0, 0, size[2] / 2))
    grain = mat.pebbles(71)

    def leather(repeat, tone=1.0):
        return mat.bumped(
            mat.glossy(mat.color(mat.albedo("bag_leather") * tone), roughness=0.42, specular=0.5),
            0.010 * grain, repeat=repeat,
        )  # fmt: skip

    # flap: a slab that leaves the back edge, crosses the top and hangs over the front
    half_width = 0.80
    line = ms.smooth_curve(
        [(0.26, 1.195), (0.10, 1.225), (-0.16, 1.222), (-0.285, 1.18), (-0.318, 1.06), (-0.336, 0.86),
         (-0.349, 0.66), (-0.352, 0.50)],
        140,
    )  # fmt: skip
    s = np.linspace(0, 1, 140)
    across = np.linspace(-1, 1, 121)
    taper = half_width * (1 - 0.13 * np.clip((s - 0.45) / 0.55, 0, 1))
    corner = np.sqrt(np.clip(1 - np.clip((s - 0.90) / 0.10, 0, 1) ** 2, 0, 1))
    taper = taper * (0.80 + 0.20 * corner)
    sheet = np.stack([
        taper[:, None] * across[None],
        np.broadcast_to(line[:, :1] - 0.0, (140, 121)),
        np.broadcast_to(line[:, 1:], (140, 121)),
    ], -1)  # fmt: skip
    # follows the bulge of the body beneath
    over = np.clip((s - 0.35) / 0.2, 0, 1)[:, None] * (1 - (across[None] * 0.9) ** 2)
    sheet[..., 1] -= 0.030 * over - 0.004
    uv = np.stack(np.meshgrid(across * 0.5 + 0.5, s), -1)
    tangent = np.gradient(sheet, axis=0)
    side = np.gradient(sheet, axis=1)
    normal = np.cross(tangent, side)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    thick = 0.034
    outer, inner = sheet + normal * thick / 2, sheet - normal * thick / 2
    flap_parts = [ms.grid_mesh(outer, uv), ms.grid_mesh(inner[:, ::-1], uv[:, ::-1])]
    border = np.concatenate([sheet[:, 0], sheet[-1, 1:], sheet[::-1, -1][1:]])
    flap_edge = ms.tube(border, thick / 2, hint=(0.13, -1, 0.31), sides=16)

    # stitches 0.05 in from the edge
    def inset(index, share):
        return outer[:, index] * (1 - share) + outer[:, 60] * share

    run = np.concatenate([inset(0, 0.06)[20:129], outer[129, 5:-5][1:-1], inset(-1, 0.06)[20:129][::-1]])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(run, axis=0), axis=1))])
    stitches = []
    for at in np.arange(0.02, length[-1] - 0.04, 0.052):
        a, b = (np.array([np.interp(at + d, length, run[:, k]) for k in range(3)]) for d in (0.0, 0.034))
        mid = (a + b) / 2 + np.array([0, -0.004, 0.001])
        stitches.append(ms.tube(ms.smooth_curve([a, mid, b], 7), 0.0062, hint=(0.3, 1, 0.2), sides=8))
    handle_path = ms.smooth_curve(
        [(-0.42, 0.02, 1.22), (-0.43, 0.02, 1.34), (-0.36, 0.02, 1.52), (-0.18, 0.02, 1.66), (0, 0.02, 1.70),
         (0.18, 0.02, 1.66), (0.36, 0.02, 1.52), (0.43, 0.02, 1.34), (0.42, 0.02, 1.22)],
        160,
    )  # fmt: skip
    handle = ms.tube(handle_path, np.broadcast_to([0.038, 0.055], (160, 2)), hint=(0, 1, 0))
    angle = np.linspace(0, 2 * np.pi, 97)
    brass = mat.metal("Au", alpha_u=0.13, alpha_v=0.13, tint=(0.92, 0.92, 0.95))
    hardware = []
    for x in (-0.425, 0.425):
        loop = np.stack([x + 0.075 * np.cos(angle), np.full(97, 0.02), 1.285 + 0.075 * np.sin(angle)], -1)
        hardware.append(ms.tube(loop, 0.016, hint=(0, 1, 0), closed=True, sides=20))
        hardware.append(ms.place(ms.rounded_box((0.16, 0.13, 0.035), 0.012, cells=6), at=(x, 0.02, 1.243)))
    hardware.append(ms.place(ms.rounded_box((0.24, 0.04, 0.17), 0.018, cells=8), at=(0, -0.405, 0.60)))
    hardware.append(ms.place(ms.rounded_box((0.05, 0.05, 0.10), 0.018, cells=8), at=(0, -0.432, 0.60)))
    feet = [
        ms.place(ms.revolve(ms.round_profile([(0, -0.05), (0.04, -0.05), (0.05, 0.02), (0, 0.02)], [0, 0.02, 0.01, 0])),
                 at=(x, y, 0.03))
        for x in (-0.7, 0.7) for y in (-0.18, 0.18)
    ]  # fmt: skip
    up = lambda m: ms.place(m, at=(0, 0, 0.02))  # noqa: E731
    thread = mat.matte(mat.color(mat.albedo("bag_thread")))
    return [
        Part(up(body), leather((9, 5))),
        *[Part(up(m), leather((5, 5), 1.06)) for m in flap_parts],
        Part(up(flap_edge), mat.glossy(mat.color(mat.albedo("bag_leather") * 0.55), roughness=0.5)),
        Part(up(ms.join(stitches)), thread),
        Part(up(handle), leather((8, 0.8))),
        Part(up(ms.join(hardware)), brass),
        Part(ms.join([ms.place(f, at=(0, 0, 0.02)) for f in feet]), brass),
    ]


def build_ring() -> list[Part]:
    """A gold solitaire with a blue brilliant in six prongs, standing on its band."""
    t = np.linspace(0, 2 * np.pi, 241)
    # comfort fit: domed outside, nearly flat inside; slimmer underneath
    section = np.linspace(0, -2 * np.pi, 49)
    across = 0.105 * np.sign(np.cos(section)) * np.abs(np.cos(section)) ** 0.8
    out = 0.062 * np.sign(np.sin(section)) * np.abs(np.sin(section)) ** 0.9
    waist = 1 - 0.18 * (0.5 - 0.5 * np.sin(t))
    radius = 0.86 + np.where(out > 0, 1.15, 0.8)[:, None] * out[:, None]
    points = np.stack([
        radius * np.cos(t)[None],
        np.broadcast_to((across[:, None] * waist[None]), (49, 241)),
        radius * np.sin(t)[None],
    ], -1)  # fmt: skip
    points[..., 2] += 0.86 + 0.0715
    uv = np.stack(np.meshgrid(np.linspace(0, 1, 241), np.linspace(0, 1, 49)), -1)
    band = ms.grid_mesh(points, uv)
    girdle, height = 0.36, 2.10
    gem = ms.place(ms.brilliant(girdle=girdle), at=(0, 0, height), yaw_deg=11)
    claws = []
    for k in range(6):
        a = k * np.pi / 3 + np.pi / 6
        ring_at = lambda r, z, a=a: (r * np.cos(a), r * np.sin(a), z)  # noqa: E731
        path = ms.smooth_curve(
            [ring_at(0.05, height - 0.33), ring_at(0.17, height - 0.26), ring_at(0.31, height - 0.11),
             ring_at(0.373, height), ring_at(0.355, height + 0.055), ring_at(0.305, height + 0.085)], 40,
        )  # fmt: skip
        thin = 0.030 - 0.012 * np.linspace(0, 1, 40) ** 2
        claws.append(ms.tube(path, thin, hint=(-np.sin(a), np.cos(a), 0), sides=20))
    angle = np.linspace(0, 2 * np.pi, 97)
    gallery = np.stack([0.225 * np.cos(angle), 0.225 * np.sin(angle), np.full(97, height - 0.20)], -1)
    seat = ms.tube(gallery, 0.022, hint=(0, 0, 1), closed=True, sides=16)
    gold = mat.metal("Au", alpha_u=0.05, alpha_v=0.05, tint=(1.0, 0.94, 0.96))
    return [
        Part(band, gold),
        Part(ms.join([*claws, seat]), gold),
        Part(gem, mat.glass(1.77, (0.62, 0.80, 0.985))),
    ]


def build_bowl() -> list[Part]:
    """A white porcelain bowl on a foot, hardly darker than the paper it stands on."""
    wall = ms.smooth_curve([(0.36, 0.075), (0.60, 0.16), (0.82, 0.36), (0.945, 0.62), (0.985, 0.78)], 120)
    inner = ms.smooth_curve(
        [(0.955, 0.785), (0.912, 0.62), (0.785, 0.385), (0.57, 0.205), (0.30, 0.125), (0, 0.115)], 140
    )
    foot = ms.round_profile(
        [(0, 0.04), (0.33, 0.04), (0.335, 0), (0.385, 0), (0.375, 0.07), (0.40, 0.082)],
        [0, 0.012, 0.012, 0.012, 0.02, 0],
    )
    lip_t = np.linspace(0, np.pi, 12)[1:-1]
    lip = np.stack([0.970 + 0.0150 * np.cos(lip_t), 0.7825 + 0.014 * np.sin(lip_t)], -1)
    profile = np.concatenate([foot[:-1], wall[8:], lip, inner])
    fluted = lambda v: v * (1 + 0.0025 * np.sin(3 * np.arctan2(v[:, 1], v[:, 0])))[:, None] ** [1, 1, 0]  # noqa: E731
    porcelain = mat.glossy(mat.color(mat.albedo("bowl_porcelain")), roughness=0.08, clearcoat=0.8)
    return [Part(ms.deform(ms.revolve(profile, segments=400), fluted), porcelain)]


def build_kettle() -> list[Part]:
    """A black cast-iron teapot with raised dots, spout, lid and bail handle."""
    body = ms.smooth_curve(
        [(0.0, 0.03), (0.30, 0.03), (0.40, 0.0), (0.50, 0.03), (0.68, 0.17), (0.78, 0.42), (0.755, 0.64),
         (0.60, 0.83), (0.38, 0.90), (0.34, 0.905)], 320,
    )  # fmt: skip

    def dotted(v):
        angle = np.arctan2(v[:, 1], v[:, 0])
        row = (v[:, 2] - 0.28) / 0.062
        column = angle / (2 * np.pi) * 72 + 0.5 * (np.round(row) % 2)
        d2 = ((row - np.round(row)) * 0.062) ** 2 + ((column - np.round(column)) * 2 * np.pi * 0.75 / 72) ** 2
        band = (np.round(row) >= 0) & (np.round(row) <= 6)
        lift = 0.016 * np.exp(-d2 / 0.016**2) * band
        flat = v / np.maximum(np.linalg.norm(v - [0, 0, 0.4], axis=1, keepdims=True), 0.2)
        return v + (flat - [0, 0, 0.0]) * lift[:, None] * [1, 1, 0.5]

    iron = mat.bumped(
        mat.glossy(mat.color(mat.albedo("kettle_iron")), roughness=0.42),
        0.004 * mat.soft_noise((512, 512), (120, 120), 91), repeat=(5, 3),
    )  # fmt: skip
    lid = ms.round_profile(
        [(0, 0.88), (0.365, 0.895), (0.375, 0.93), (0.22, 0.985), (0, 1.0)], [0, 0.01, 0.015, 0.2, 0]
    )
    knob = ms.smooth_curve([(0.05, 0.98), (0.045, 1.03), (0.085, 1.07), (0.10, 1.115), (0.07, 1.155), (0, 1.165)], 50)
    spout = ms.smooth_curve([(0.62, 0, 0.42), (0.80, 0, 0.50), (0.93, 0, 0.64), (1.01, 0, 0.80), (1.085, 0, 0.875)], 70)
    width = np.linspace(0.150, 0.066, 70)
    shell = ms.tube(spout, width, hint=(0, 1, 0))
    mouth = ms.tube(spout[-2:] + np.array([0.0035, 0, 0.003]), 0.045, hint=(0, 1, 0))
    arc = np.linspace(-0.06, np.pi + 0.06, 120)
    bail = np.stack([0.60 * np.cos(arc), np.zeros(120), 0.86 + 0.66 * np.sin(arc)], -1)
    grip = bail[38:82]
    ears = [ms.place(ms.rounded_box((0.09, 0.13, 0.16), 0.03, cells=8), at=(x, 0, 0.84)) for x in (-0.585, 0.585)]
    walnut = mat.glossy(mat.texture(mat.wood(mat.albedo("kettle_wood"), 92)), roughness=0.4)
    dark = mat.glossy(mat.color(mat.albedo("kettle_iron") * 0.4), roughness=0.6)
    return [
        Part(ms.deform(ms.revolve(body, segments=1440), dotted), iron),
        Part(ms.revolve(lid), iron["bsdf"]),
        Part(ms.revolve(knob), iron["bsdf"]),
        Part(shell, iron["bsdf"]),
        Part(mouth, dark),
        Part(ms.tube(bail, 0.026, hint=(0, 1, 0)), iron["bsdf"]),
        Part(ms.tube(grip, 0.047, hint=(0, 1, 0)), walnut),
        Part(ms.join(ears), iron["bsdf"]),
    ]


def build_box() -> list[Part]:
    """A printed tea carton with soft folds."""
    carton = ms.place(ms.rounded_box((1.02, 0.74, 1.36), 0.018, cells=30), at=(0, 0, 0.68))
    # board never lies quite flat
    warp = lambda v: v + np.stack([  # noqa: E731
        0.006 * np.sin(2.3 * v[:, 2]) * np.sign(v[:, 0]) * np.clip(np.abs(v[:, 0]) / 0.5, 0, 1),
        -0.008 * np.cos(1.6 * v[:, 0]) * np.sin(2.2 * v[:, 2]) * np.sign(-v[:, 1]),
        np.zeros(len(v))], -1)  # fmt: skip
    card = mat.glossy(mat.texture(mat.tea_box()), roughness=0.36, specular=0.45)
    return [Part(ms.deform(carton, warp), card)]


def build_candle() -> list[Part]:
    """A scented candle: lacquered red jar, paper label, cream wax and a wick."""
    jar = ms.round_profile(
        [(0, 0.02), (0.38, 0.02), (0.40, 0), (0.455, 0), (0.455, 1.02), (0.415, 1.02), (0.415, 0.78), (0.40, 0.77)],
        [0, 0.01, 0.01, 0.05, 0.019, 0.019, 0.005, 0],
    )  # fmt: skip
    wax = np.concatenate([[(0, 0.70), (0.4145, 0.70), (0.4145, 0.822)], ms.smooth_curve(
        [(0.409, 0.819), (0.385, 0.804), (0.30, 0.798), (0.07, 0.800), (0.03, 0.812), (0, 0.816)], 90)])  # fmt: skip
    wick = ms.smooth_curve([(0, 0, 0.80), (0.004, 0, 0.87), (0.02, -0.004, 0.93), (0.03, -0.006, 0.96)], 30)
    lacquer = mat.glossy(mat.color(mat.albedo("candle_jar")), roughness=0.2, clearcoat=0.5)
    cotton = mat.bumped(mat.matte(mat.color(mat.albedo("candle_wax") * 0.9)), 0.003 * mat.weave(111)[0], repeat=(1, 2))
    # translucent wax glows from within: a soft sheen over a bright body
    cream = mat.glossy(mat.color(mat.albedo("candle_wax")), roughness=0.35, specular=0.3)
    return [
        Part(ms.revolve(jar, segments=320), lacquer),
        Part(ms.revolve(wax), cream),
        Part(ms.tube(wick, 0.016, hint=(0, 1, 0), sides=16), cotton),
        Part(ms.cylinder_patch(0.455, 0.20, 0.74, half_angle_deg=46), mat.matte(mat.texture(mat.candle_label()))),
    ]


def build_chart() -> list[Part]:
    """A 24-patch chart and a gray card, both leaning back 8 degrees."""
    black = mat.glossy(mat.color((0.025, 0.025, 0.026)), roughness=0.6)
    board = ms.rounded_box((2.02, 0.05, 1.40), 0.02, cells=8)
    patches = ms.place(ms.plane(1.90, 1.90 * 530 / 790), at=(0, -0.0265, 0))
    card = ms.rounded_box((0.92, 0.03, 1.30), 0.012, cells=8)
    lean = lambda m, x, yaw, z, y=0.0: ms.place(ms.place(m, pitch_deg=-8), at=(x, y, z), yaw_deg=yaw)  # noqa: E731
    return [
        Part(lean(board, -0.56, 0, 0.70), black),
        Part(lean(patches, -0.56, 0, 0.70), mat.matte(mat.texture(mat.chart_print()))),
        Part(lean(card, 1.02, -6, 0.65, -0.05), mat.matte(mat.color(mat.albedo("gray_card")))),
    ]


PRODUCTS: dict[str, Callable[[], list[Part]]] = {
    "MUG-01": build_mug,
    "BOT-02": build_bottle,
    "THM-03": build_thermos,
    "GLS-04": build_glass_bottle,
    "BEN-05": build_beanie,
    "BAG-06": build_bag,
    "RNG-07": build_ring,
    "BWL-08": build_bowl,
    "KET-09": build_kettle,
    "BOX-10": build_box,
    "CND-11": build_candle,
    "CUS-12": build_cushion,
    "CHART": build_chart,
}
