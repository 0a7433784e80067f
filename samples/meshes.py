"""Triangle meshes for the sample products, made with numpy alone.

Conventions: z is up, the floor is z = 0, one unit is 10 cm on set. Every
builder returns a `Mesh` whose faces wind counterclockwise seen from outside,
so its normals point out. UV follows pictures: u to the right, v downward.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Mesh:
    """A triangle mesh with texture coordinates.

    Attributes
    ----------
    vertices : (N, 3) float64, set units
    faces : (M, 3) int64, indices into `vertices`
    uv : (N, 2) float64, 0 to 1, or beyond where a texture repeats
    normals : (N, 3) float64, unit length, or None for flat facets
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    uv: NDArray[np.float64]
    normals: NDArray[np.float64] | None = None


def smooth(mesh: Mesh) -> Mesh:
    """Give a mesh area-weighted vertex normals, welded where vertices coincide.

    Welding lets a UV seam or the pole of a revolved surface shade without a
    line. Positions are rounded to 1e-5 units (1 micrometer on set).
    """
    corner = mesh.vertices[mesh.faces]
    face_normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    _, welded = np.unique(np.round(mesh.vertices, 5), axis=0, return_inverse=True)
    welded = welded.reshape(-1)
    sums = np.zeros((welded.max() + 1, 3))
    for k in range(3):
        for axis in range(3):
            sums[:, axis] += np.bincount(welded[mesh.faces[:, k]], weights=face_normal[:, axis], minlength=len(sums))
    sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return replace(mesh, normals=sums[welded])


def grid_mesh(points: NDArray[np.float64], uv: NDArray[np.float64]) -> Mesh:
    """Turn a (rows, columns, 3) grid of points into a smooth mesh.

    Outside is the side from which rows run down and columns run right.
    """
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([a, d, c], -1).reshape(-1, 3), np.stack([a, c, b], -1).reshape(-1, 3)])
    vertices = points.reshape(-1, 3)
    corner = vertices[faces]
    area = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
    return smooth(Mesh(vertices, faces[area > 1e-14], uv.reshape(-1, 2)))


def join(meshes: list[Mesh]) -> Mesh:
    """Put several meshes into one, keeping their normals."""
    offsets = np.cumsum([0] + [len(m.vertices) for m in meshes[:-1]])
    return Mesh(
        np.concatenate([m.vertices for m in meshes]),
        np.concatenate([m.faces + o for m, o in zip(meshes, offsets, strict=True)]),
        np.concatenate([m.uv for m in meshes]),
        np.concatenate([m.normals for m in meshes]) if all(m.normals is not None for m in meshes) else None,
    )


def keep_faces(mesh: Mesh, wanted: Callable[[NDArray[np.float64]], NDArray[np.bool_]]) -> Mesh:
    """Keep the faces whose centers satisfy `wanted`, normals unchanged."""
    centers = mesh.vertices[mesh.faces].mean(axis=1)
    used, faces = np.unique(mesh.faces[wanted(centers)], return_inverse=True)
    return Mesh(
        mesh.vertices[used],
        faces.reshape(-1, 3),
        mesh.uv[used],
        None if mesh.normals is None else mesh.normals[used],
    )


def deform(mesh: Mesh, move: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Mesh:
    """Move every vertex through `move`, (N, 3) to (N, 3), and shade anew."""
    return smooth(replace(mesh, vertices=move(mesh.vertices)))


def place(
    mesh: Mesh,
    *,
    at: ArrayLike = (0.0, 0.0, 0.0),
    yaw_deg: float = 0.0,
    pitch_deg: float = 0.0,
    roll_deg: float = 0.0,
) -> Mesh:
    """Turn a mesh about y (roll), x (pitch), z (yaw), in that order, then move it."""
    r, p, w = np.radians([roll_deg, pitch_deg, yaw_deg])
    about_y = np.array([[np.cos(r), 0, np.sin(r)], [0, 1, 0], [-np.sin(r), 0, np.cos(r)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(w), -np.sin(w), 0], [np.sin(w), np.cos(w), 0], [0, 0, 1]])
    turn = about_z @ about_x @ about_y
    return replace(
        mesh,
        vertices=mesh.vertices @ turn.T + np.asarray(at, dtype=float),
        normals=None if mesh.normals is None else mesh.normals @ turn.T,
    )


def round_profile(
    corners: ArrayLike, radii: ArrayLike, *, steps: int = 10, spacing: float = 0.02
) -> NDArray[np.float64]:
    """Round the corners of an open polyline with arcs and fill its straights.

    Parameters
    ----------
    corners : (P, 2) float
        Radius and height of each corner, set units.
    radii : (P,) float, set units
        Arc radius at each corner; the ends are ignored. A radius too large for
        its neighbors is reduced to fit.
    steps : int
        Points on each arc.
    spacing : float, set units
        Largest distance between points on a straight.

    Returns
    -------
    (K, 2) float64
    """
    points = np.asarray(corners, dtype=float)
    radius = np.asarray(radii, dtype=float)
    out = [points[0]]
    for i in range(1, len(points) - 1):
        before, after = points[i - 1] - points[i], points[i + 1] - points[i]
        length = min(np.linalg.norm(before), np.linalg.norm(after))
        before, after = before / np.linalg.norm(before), after / np.linalg.norm(after)
        half = 0.5 * np.arccos(np.clip(before @ after, -1, 1))
        # tangent length of an arc of radius r in a corner of half angle h is r / tan h
        reach = min(radius[i] / max(np.tan(half), 1e-6), 0.49 * length)
        if reach < 1e-6 or half > np.pi / 2 - 1e-3:
            out.append(points[i])
            continue
        fit = reach * np.tan(half)
        center = points[i] + (before + after) / np.linalg.norm(before + after) * fit / np.sin(half)
        start, stop = points[i] + before * reach - center, points[i] + after * reach - center
        sweep = np.arctan2(start[0] * stop[1] - start[1] * stop[0], start @ stop)
        for t in np.linspace(0, sweep, steps):
            c, s = np.cos(t), np.sin(t)
            out.append(center + np.array([c * start[0] - s * start[1], s * start[0] + c * start[1]]))
    out.append(points[-1])
    filled = [out[0]]
    for a, b in pairwise(out):
        pieces = max(1, int(np.ceil(np.linalg.norm(b - a) / spacing)))
        filled.extend(a + (b - a) * k / pieces for k in range(1, pieces + 1))
    return np.array(filled)


def smooth_curve(points: ArrayLike, count: int) -> NDArray[np.float64]:
    """Sample a Catmull-Rom curve through `points` (P, D) at `count` places."""
    p = np.asarray(points, dtype=float)
    p = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    t = np.linspace(0, len(p) - 3 - 1e-9, count)
    i = t.astype(int)
    f = (t - i)[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    return 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)


def revolve(profile: ArrayLike, *, segments: int = 256) -> Mesh:
    """Turn a profile about the z axis, as a potter's wheel would.

    Parameters
    ----------
    profile : (P, 2) float
        Radius and height, running from the bottom center up the outside (and
        down the inside, for a hollow thing), so that normals point out.
    segments : int
        Steps around.

    Returns
    -------
    Mesh
        u runs once around from the back (+y), v along the profile from its
        end (0) to its start (1), by arc length.
    """
    p = np.asarray(profile, dtype=float)[::-1]
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    u = np.linspace(0, 1, segments + 1)
    angle = 2 * np.pi * u + np.pi / 2
    points = np.stack(
        [
            p[:, :1] * np.cos(angle),
            p[:, :1] * np.sin(angle),
            np.broadcast_to(p[:, 1:], (len(p), segments + 1)),
        ],
        -1,
    )
    uv = np.stack(np.meshgrid(u, along / along[-1]), -1)
    return grid_mesh(points, uv)


def cylinder_patch(radius: float, bottom: float, top: float, *, half_angle_deg: float, lift: float = 0.002) -> Mesh:
    """A label on a round body, centered on the front (-y), UV covering it once."""
    u, v = np.meshgrid(np.linspace(0, 1, 97), np.linspace(0, 1, 9))
    angle = np.radians(-90 + (2 * u - 1) * half_angle_deg)
    r = radius + lift
    return grid_mesh(
        np.stack([r * np.cos(angle), r * np.sin(angle), top + (bottom - top) * v], -1),
        np.stack([u, v], -1),
    )


def tube(
    path: ArrayLike,
    radii: ArrayLike,
    *,
    sides: int = 40,
    hint: ArrayLike = (0.0, 0.0, 1.0),
    closed: bool = False,
) -> Mesh:
    """Sweep an ellipse along a path: handles, spouts, wires, piping.

    Parameters
    ----------
    path : (K, 3) float
        Center line.
    radii : float, (K,) or (K, 2) float
        Radius, or the two half axes: across `hint` and along it.
    sides : int
        Corners of the cross section.
    hint : (3,) float
        A direction the second axis leans toward; not parallel to the path.
    closed : bool
        Whether the path returns to its start (repeat the first point).
    """
    p = np.asarray(path, dtype=float)
    r = np.asarray(radii, dtype=float)
    r = np.broadcast_to(r if r.ndim == 2 else np.reshape(r, (-1, 1)), (len(p), 2))
    # a closed path continues past its seam, so that the ring there does not kink
    past_seam = np.concatenate([p[-2:-1], p, p[1:2]])
    tangent = np.gradient(past_seam, axis=0)[1:-1] if closed else np.gradient(p, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    across = np.cross(np.asarray(hint, dtype=float), tangent)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    along = np.cross(tangent, across)
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    ring = across[:, None] * (r[:, :1, None] * np.cos(angle)[None, :, None]) + along[:, None] * (
        r[:, 1:, None] * np.sin(angle)[None, :, None]
    )
    points = (p[:, None] + ring).transpose(1, 0, 2)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    if not closed:
        caps = np.broadcast_to(p[None, [0, -1]], (sides + 1, 2, 3))
        points = np.concatenate([caps[:, :1], points, caps[:, 1:]], axis=1)
        length = np.concatenate([[0], length, length[-1:]])
    uv = np.stack(np.meshgrid(length, np.linspace(0, 1, sides + 1)), -1)
    return grid_mesh(points, uv)


def rounded_box(size: ArrayLike, radius: float, *, cells: int = 40) -> Mesh:
    """A box with rounded edges, centered on the origin.

    UV is an atlas of six tiles, three wide and two high: front (-y), right
    (+x), back (+y) above; left (-x), top (+z), bottom (-z) below.
    """
    half = np.asarray(size, dtype=float) / 2
    # cells crowd toward the edges, where the bend is
    t = np.linspace(-1, 1, cells + 1)
    frames = [
        ((1, 0, 0), (0, 0, -1)),
        ((0, 1, 0), (0, 0, -1)),
        ((-1, 0, 0), (0, 0, -1)),
        ((0, -1, 0), (0, 0, -1)),
        ((1, 0, 0), (0, -1, 0)),
        ((1, 0, 0), (0, 1, 0)),
    ]
    parts = []
    for i, frame in enumerate(frames):
        right, down = np.array(frame, float)
        out = np.cross(down, right)
        coords = []
        for axis in (right, down):
            reach = np.abs(axis) @ half
            edge = 1 - radius / reach
            bend = np.linspace(0, np.pi / 4, 9)[1:]
            arc = edge + np.tan(bend) * radius / reach
            inner = t * edge
            coords.append(np.concatenate([-arc[::-1], inner, arc]))
        u, v = np.meshgrid(*coords)
        cube = (u[..., None] * right + v[..., None] * down + out) * half
        core = np.clip(cube, -(half - radius), half - radius)
        lean = cube - core
        lean /= np.linalg.norm(lean, axis=-1, keepdims=True)
        tile = np.array([i % 3, i // 3])
        uv = (np.stack([u, v], -1) * 0.5 + 0.5 + tile) / np.array([3, 2])
        parts.append(grid_mesh(core + radius * lean, uv))
    return smooth(join(parts))


def plane(width: float, height: float) -> Mesh:
    """A flat card facing the camera (-y), centered, UV covering it once."""
    u, v = np.meshgrid([0.0, 1.0], [0.0, 1.0])
    points = np.stack([(u - 0.5) * width, np.zeros_like(u), (0.5 - v) * height], -1)
    return grid_mesh(points, np.stack([u, v], -1))


def brilliant(*, girdle: float, crown: float = 0.33, pavilion: float = 0.86) -> Mesh:
    """A round brilliant: 57 flat facets over and under a thin girdle.

    Parameters
    ----------
    girdle : float, set units
        Radius of the widest circle.
    crown, pavilion : float, shares of `girdle`
        Height above and depth below, near Tolkowsky's 1919 proportions
        (16.2 % and 43.1 % of the diameter).

    Returns
    -------
    Mesh
        Table up, girdle at z = 0, no normals (facets stay flat).
    """
    table_radius, thickness = 0.55, 0.02
    k8 = np.arange(8) * np.pi / 4
    k16 = np.arange(16) * np.pi / 8

    def ring(angles: NDArray[np.float64], radius: float, z: float) -> NDArray[np.float64]:
        return np.stack([radius * np.cos(angles), radius * np.sin(angles), np.full(len(angles), z)], -1)

    # heights that keep the kite facets plane: a straight line from table to girdle
    mid, low = 0.78 * np.cos(np.pi / 8), 0.24 * np.cos(np.pi / 8)
    mid_z = thickness + (crown - thickness) * (1 - mid) / (1 - table_radius)
    low_z = -pavilion + (pavilion - thickness) * low
    v = np.concatenate(
        [
            ring(k8, table_radius, crown),  # 0-7
            ring(k8 + np.pi / 8, 0.78, mid_z),  # 8-15
            ring(k16, 1.0, thickness),  # 16-31
            ring(k16, 1.0, -thickness),  # 32-47
            ring(k8 + np.pi / 8, 0.24, low_z),  # 48-55
            [[0, 0, crown], [0, 0, -pavilion]],  # 56, 57
        ]
    )
    faces = []
    for k in range(8):
        n, before = (k + 1) % 8, (k - 1) % 8
        g, g1, g2 = 16 + 2 * k, 16 + 2 * k + 1, 16 + (2 * k + 2) % 16
        faces += [[56, k, n], [k, 8 + k, n], [k, g, 8 + k], [k, 8 + before, g]]
        faces += [[8 + k, g, g1], [8 + k, g1, g2]]
        faces += [[g, g + 16, g1 + 16], [g, g1 + 16, g1], [g1, g1 + 16, g2 + 16], [g1, g2 + 16, g2]]
        faces += [[57, 48 + k, g + 16], [57, g + 16, 48 + before]]
        faces += [[48 + k, g1 + 16, g + 16], [48 + k, g2 + 16, g1 + 16]]
    flat = (v * girdle)[np.array(faces)].reshape(-1, 3)
    return Mesh(flat, np.arange(len(flat)).reshape(-1, 3), np.zeros((len(flat), 2)))


def fibers(roots: NDArray[np.float64], tips: NDArray[np.float64], *, radius: float, seed: int) -> Mesh:
    """Thin bent three-sided threads from `roots` to `tips`, both (N, 3)."""
    rng = np.random.default_rng(seed)
    n, steps = len(roots), 6
    reach = np.linalg.norm(tips - roots, axis=1)[:, None, None]
    t = np.linspace(0, 1, steps)[None, :, None]
    bend = rng.normal(0, 0.13, (n, 1, 3)) * reach
    wave = rng.normal(0, 0.05, (n, steps, 3)) * reach * t
    path = roots[:, None] + (tips - roots)[:, None] * t + bend * t**2 + wave
    axis = (tips - roots) / np.linalg.norm(tips - roots, axis=1, keepdims=True)
    side = np.cross(axis, rng.normal(size=(n, 3)))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(axis, side)
    angle = np.arange(3) * 2 * np.pi / 3
    ring = side[:, None] * np.cos(angle)[None, :, None] + other[:, None] * np.sin(angle)[None, :, None]
    width = radius * (1 - 0.6 * t[..., None])
    v = path[:, :, None] + ring[:, None] * width
    normals = np.broadcast_to(ring[:, None], v.shape)
    index = np.arange(n * steps * 3).reshape(n, steps, 3)
    a, b = index[:, :-1], index[:, 1:]
    a1, b1 = np.roll(a, -1, -1), np.roll(b, -1, -1)
    faces = np.concatenate([np.stack([a, a1, b1], -1).reshape(-1, 3), np.stack([a, b1, b], -1).reshape(-1, 3)])
    vertices = v.reshape(-1, 3)
    return Mesh(vertices, faces, np.zeros((len(vertices), 2)), normals.reshape(-1, 3).copy())


def write_ply(mesh: Mesh, path: Path) -> None:
    """Write a binary PLY that the renderer reads back, normals and UV included."""
    fields = [("x", "<f4"), ("y", "<f4"), ("z", "<f4")]
    columns = [mesh.vertices]
    if mesh.normals is not None:
        fields += [("nx", "<f4"), ("ny", "<f4"), ("nz", "<f4")]
        columns.append(mesh.normals)
    fields += [("u", "<f4"), ("v", "<f4")]
    columns.append(mesh.uv)
    table = np.concatenate(columns, axis=1).astype("<f4")
    faces = np.empty(len(mesh.faces), dtype=[("n", "u1"), ("i", "<i4", (3,))])
    faces["n"], faces["i"] = 3, mesh.faces
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(table)}"]
    header += [f"property float {name}" for name, _ in fields]
    header += [
        f"element face {len(faces)}",
        "property list uchar int vertex_index",
        "end_header",
        "",
    ]
    path.write_bytes("\n".join(header).encode() + table.tobytes() + faces.tobytes())
