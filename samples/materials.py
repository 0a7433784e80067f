"""Surfaces of the sample products: measured-looking colors, textures, BSDFs.

Colors are given once, in `ALBEDO`, as display sRGB a designer would write, and
reach the renderer as linear reflectance. Texture makers return float32
pictures in linear sRGB (color) or heights in set units (bump).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.float32]
BSDF = dict[str, Any]

ALBEDO: dict[str, tuple[int, int, int]] = {
    "backdrop_paper": (232, 231, 229),
    "mug_glaze": (38, 104, 118),
    "mug_inside": (226, 218, 202),
    "mug_clay": (186, 152, 118),
    "bottle_coat": (134, 156, 132),
    "bottle_bamboo": (196, 158, 110),
    "thermos_plastic": (34, 35, 37),
    "cork": (186, 146, 104),
    "beanie_wool": (205, 146, 44),
    "beanie_pompom": (246, 239, 226),
    "cushion_linen": (176, 86, 66),
    "bag_leather": (132, 72, 40),
    "bag_thread": (222, 190, 140),
    "bowl_porcelain": (242, 241, 238),
    "kettle_iron": (30, 30, 31),
    "kettle_wood": (84, 52, 34),
    "box_card": (236, 228, 210),
    "candle_jar": (150, 58, 62),
    "candle_wax": (240, 226, 198),
    "gray_card": (118, 118, 118),
}

# Classic 24-patch chart, CIE L*a*b* D50 2 degree, the values its maker
# published for charts made before November 2014; rows from the top left.
CHART_NAMES = (
    "dark skin", "light skin", "blue sky", "foliage", "blue flower", "bluish green",
    "orange", "purplish blue", "moderate red", "purple", "yellow green", "orange yellow",
    "blue", "green", "red", "yellow", "magenta", "cyan",
    "white", "neutral 8", "neutral 6.5", "neutral 5", "neutral 3.5", "black",
)  # fmt: skip
CHART_LAB = np.array(
    [
        [37.986, 13.555, 14.059], [65.711, 18.130, 17.810], [49.927, -4.880, -21.925],
        [43.139, -13.095, 21.905], [55.112, 8.844, -25.399], [70.719, -33.397, -0.199],
        [62.661, 36.067, 57.096], [40.020, 10.410, -45.964], [51.124, 48.239, 16.248],
        [30.325, 22.976, -21.587], [72.532, -23.709, 57.255], [71.941, 19.363, 67.857],
        [28.778, 14.179, -50.297], [55.261, -38.342, 31.370], [42.101, 53.378, 28.190],
        [81.733, 4.039, 79.819], [51.935, 49.986, -14.574], [51.038, -28.631, -28.638],
        [96.539, -0.425, 1.186], [81.257, -0.638, -0.335], [66.766, -0.734, -0.504],
        [50.867, -0.153, -0.270], [35.656, -0.421, -1.231], [20.461, -0.079, -0.973],
    ]
)  # fmt: skip

D50 = np.array([0.9642, 1.0, 0.8251])
# XYZ (D50) to linear sRGB (D65 white), Bradford adapted; Lindbloom's matrices
XYZ_D50_TO_SRGB = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
)


def decode_srgb(code: ArrayLike) -> NDArray[np.float64]:
    """sRGB code values 0 to 255 into linear light 0 to 1 (IEC 61966-2-1)."""
    x = np.asarray(code, dtype=float) / 255
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def lab_to_linear_srgb(lab: ArrayLike) -> NDArray[np.float64]:
    """CIE L*a*b* D50 into linear sRGB, unclipped; (..., 3) to (..., 3)."""
    lab = np.asarray(lab, dtype=float)
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], -1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * D50
    return xyz @ XYZ_D50_TO_SRGB.T


def linear_srgb_to_lab(rgb: ArrayLike) -> NDArray[np.float64]:
    """Linear sRGB into CIE L*a*b* D50; (..., 3) to (..., 3)."""
    t = np.asarray(rgb, dtype=float) @ np.linalg.inv(XYZ_D50_TO_SRGB).T / D50
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def chart_reflectance() -> NDArray[np.float64]:
    """The 24 patches as linear sRGB reflectance; cyan's negative red is cut to 0."""
    return np.clip(lab_to_linear_srgb(CHART_LAB), 0.0, 1.0)


def albedo(name: str) -> NDArray[np.float64]:
    """The reflectance of a named material, linear sRGB (3,)."""
    return decode_srgb(ALBEDO[name])


def color(rgb: ArrayLike) -> BSDF:
    """A plain color for the renderer, linear sRGB."""
    return {"type": "rgb", "value": [float(v) for v in np.asarray(rgb)]}


def texture(picture: Picture, *, repeat: tuple[float, float] = (1.0, 1.0)) -> BSDF:
    """A picture for the renderer: linear values, repeated over UV."""
    return {"type": "safelight_bitmap", "data": picture, "repeat": repeat}


def bumped(bsdf: BSDF, height: Picture, *, repeat: tuple[float, float] = (1.0, 1.0)) -> BSDF:
    """Press a height picture (set units) into a surface's shading."""
    return {"type": "bumpmap", "arbitrary": texture(height, repeat=repeat), "bsdf": bsdf}


def glossy(base: BSDF, *, roughness: float, clearcoat: float = 0.0, specular: float = 0.5) -> BSDF:
    """Glaze, lacquer, plastic, leather: a colored body under a clear reflection."""
    return {
        "type": "principled",
        "base_color": base,
        "roughness": roughness,
        "specular": specular,
        "clearcoat": clearcoat,
        "clearcoat_gloss": 0.95,
    }


def matte(base: BSDF) -> BSDF:
    """Cloth, paper, wax, wood: light goes everywhere alike, both sides."""
    return {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": base}}


def metal(material: str, *, alpha_u: float, alpha_v: float, tint: ArrayLike = (1, 1, 1)) -> BSDF:
    """A metal with GGX roughness along u and v; unequal values look brushed."""
    return {
        "type": "roughconductor",
        "material": material,
        "distribution": "ggx",
        "alpha_u": alpha_u,
        "alpha_v": alpha_v,
        "specular_reflectance": color(tint),
    }


def glass(ior: float = 1.5, tint: ArrayLike = (1, 1, 1)) -> BSDF:
    """Clear or tinted solid; the tint is paid once at each surface crossed."""
    return {
        "type": "dielectric",
        "int_ior": ior,
        "ext_ior": 1.0,
        "specular_transmittance": color(tint),
    }


def soft_noise(shape: tuple[int, int], cells: tuple[int, int], seed: int) -> Picture:
    """Smooth noise that tiles, about -1 to 1, with `cells` bumps down and across."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(-1, 1, cells).astype(np.float32)
    padded = np.pad(coarse, 2, mode="wrap")
    scale = (shape[0] / cells[0], shape[1] / cells[1])
    rows = (np.arange(shape[0]) + 0.5) / scale[0] + 1.5
    columns = (np.arange(shape[1]) + 0.5) / scale[1] + 1.5
    x, y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    return cv2.remap(padded, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def speckled_glaze(base: ArrayLike, seed: int) -> Picture:
    """Reactive stoneware glaze: drifting tone and fine iron specks."""
    rng = np.random.default_rng(seed)
    height, width = 1024, 2048
    drift = (
        1 + 0.10 * soft_noise((height, width), (6, 12), seed) + 0.05 * soft_noise((height, width), (60, 120), seed + 1)
    )
    specks = np.zeros((height, width), np.float32)
    for _ in range(2600):
        center = (int(rng.integers(width)), int(rng.integers(height)))
        radius = float(rng.gamma(1.6, 0.8)) + 0.4
        cv2.circle(specks, center, max(1, round(radius)), float(rng.uniform(0.25, 0.85)), -1, cv2.LINE_AA)
    specks = cv2.GaussianBlur(specks, (0, 0), 0.9)[..., None]
    dark = np.array([0.030, 0.022, 0.018])
    out = np.asarray(base) * drift[..., None] * (1 - specks) + dark * specks
    return out.astype(np.float32)


def pebbles(seed: int, *, size: int = 512, count: int = 1100) -> Picture:
    """Grain of tumbled leather as height 0 to 1: a tiling cell pattern."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, size, (count, 2))
    tiled = points[None] + size * np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])[:, None]
    seeds = np.ones((3 * size, 3 * size), np.uint8)
    at = np.round(tiled.reshape(-1, 2) + size).astype(int) % (3 * size)
    seeds[at[:, 0], at[:, 1]] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    edge = (labels != np.roll(labels, 1, 0)) | (labels != np.roll(labels, 1, 1))
    crease = cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 5)
    bump = 1 - np.exp(-crease / 3.0)
    bump = cv2.GaussianBlur(bump, (0, 0), 1.0)[size : 2 * size, size : 2 * size]
    return (bump + 0.15 * soft_noise((size, size), (40, 40), seed + 1)).astype(np.float32)


def weave(seed: int, *, size: int = 512, threads: int = 32) -> tuple[Picture, Picture]:
    """Plain-woven linen: (height 0 to 1, tone around 1), both tiling."""
    t = np.arange(size) / size * threads
    over = 0.5 - 0.5 * np.cos(2 * np.pi * t)
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    checker = ((x * threads // size) + (y * threads // size)) % 2
    height = np.where(checker, over[None, :] ** 0.5, over[:, None] ** 0.5)
    height = height * (
        1
        + 0.25
        * np.where(
            checker, soft_noise((size, size), (8, threads), seed), soft_noise((size, size), (threads, 8), seed + 1)
        )
    )
    tone = 0.82 + 0.24 * height + 0.05 * soft_noise((size, size), (64, 64), seed + 2)
    return cv2.GaussianBlur(height, (0, 0), 1.2).astype(np.float32), tone.astype(np.float32)


def brushed(seed: int, *, height: int = 1024, width: int = 1024) -> Picture:
    """Fine lines running across (along u), about 1 +/- 0.1, for a brushed metal."""
    rng = np.random.default_rng(seed)
    lines = rng.normal(0, 1, (height, 1)).astype(np.float32) * 0.5
    scratches = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), sigmaX=60, sigmaY=0.6)
    scratches /= scratches.std()
    return (1 + 0.05 * lines + 0.05 * scratches).astype(np.float32)


def wood(base: ArrayLike, seed: int) -> Picture:
    """Straight grain along v, linear color (512, 512, 3)."""
    grain = soft_noise((512, 512), (3, 64), seed) * 0.5 + soft_noise((512, 512), (6, 180), seed + 1) * 0.3
    return (np.asarray(base) * (1 + 0.22 * grain[..., None])).astype(np.float32)


def cork(base: ArrayLike, seed: int) -> Picture:
    """Mottled cork with dark pores."""
    tone = 1 + 0.14 * soft_noise((512, 512), (50, 50), seed)
    pores = np.clip(soft_noise((512, 512), (28, 70), seed + 1) - 0.55, 0, 1) * 2.0
    return (np.asarray(base) * (tone * (1 - 0.7 * pores))[..., None]).astype(np.float32)


def _font(size: int) -> ImageFont.ImageFont:
    """Pillow's own outline font, so that a label prints alike everywhere."""
    return ImageFont.load_default(size)


def _spaced(
    draw: ImageDraw.ImageDraw,
    center: tuple[float, float],
    text: str,
    size: int,
    fill: tuple[int, ...],
    spacing: float = 0.0,
) -> None:
    """Draw one centered line with letterspacing (share of size)."""
    font = _font(size)
    widths = [draw.textlength(c, font=font) + spacing * size for c in text]
    x = center[0] - (sum(widths) - spacing * size) / 2
    for character, width in zip(text, widths, strict=True):
        draw.text((x, center[1]), character, font=font, fill=fill, anchor="lm")
        x += width


def _to_linear(image: Image.Image) -> Picture:
    return decode_srgb(np.asarray(image)).astype(np.float32)


def candle_label() -> Picture:
    """Cream paper label with a fine frame, linear color."""
    image = Image.new("RGB", (1200, 900), (238, 230, 212))
    draw = ImageDraw.Draw(image)
    ink = (70, 40, 38)
    draw.rectangle((40, 40, 1160, 860), outline=ink, width=6)
    draw.rectangle((58, 58, 1142, 842), outline=ink, width=2)
    _spaced(draw, (600, 210), "DARKROOM", 110, ink, 0.18)
    draw.line((420, 320, 780, 320), fill=ink, width=3)
    _spaced(draw, (600, 450), "CEDAR & FIG", 84, (150, 58, 62), 0.10)
    _spaced(draw, (600, 590), "hand-poured soy candle", 54, ink, 0.04)
    _spaced(draw, (600, 740), "NO. 11   220 G", 50, ink, 0.14)
    return _to_linear(image)


def bottle_mark(coat: ArrayLike) -> Picture:
    """Screen-printed mark on the bottle's coat, linear color."""
    stencil = Image.new("L", (800, 800), 0)
    draw = ImageDraw.Draw(stencil)
    draw.ellipse((300, 120, 500, 320), outline=255, width=14)
    draw.arc((330, 80, 470, 360), 200, 340, fill=255, width=14)
    draw.line((400, 130, 400, 310), fill=255, width=10)
    font = _font(92)
    draw.text((400, 450), "f i e l d", font=font, fill=255, anchor="mm")
    draw.text((400, 560), "750 ml", font=_font(44), fill=255, anchor="mm")
    opacity = (np.asarray(stencil, dtype=np.float32) / 255)[..., None]
    ink = decode_srgb((240, 238, 230))
    return (np.asarray(coat) * (1 - opacity) + ink * opacity).astype(np.float32)


def tea_box(size: int = 900) -> Picture:
    """Print for the tea carton: six tiles, three wide and two high, linear color."""
    cream, teal, coral, mustard, navy = (
        (236, 228, 210), (22, 122, 122), (226, 88, 72), (238, 176, 52), (30, 44, 84),
    )  # fmt: skip
    atlas = Image.new("RGB", (3 * size, 2 * size), teal)

    def sun_pattern(seed: int) -> Image.Image:
        tile = Image.new("RGB", (size, size), teal)
        draw = ImageDraw.Draw(tile)
        step = size // 6
        for row in range(8):
            for column in range(8):
                x, y = column * step - (row % 2) * step // 2, row * step
                tints = (coral, mustard, cream, navy)
                for ring, scale in enumerate((0.50, 0.36, 0.20)):
                    r = step * scale
                    draw.ellipse((x - r, y - r, x + r, y + r), fill=tints[(row + column + ring + seed) % 4])
        return tile

    front = sun_pattern(0)
    draw = ImageDraw.Draw(front)
    m = size // 9
    draw.rounded_rectangle((m, 2 * m, size - m, 7 * m), radius=m // 3, fill=cream, outline=navy, width=8)
    c = size / 2
    _spaced(draw, (c, 2.9 * m), "CARAVAN", size // 11, navy, 0.12)
    _spaced(draw, (c, 4.0 * m), "orange peel", size // 12, coral, 0.02)
    _spaced(draw, (c, 4.9 * m), "black tea", size // 12, coral, 0.02)
    draw.line((2.2 * m, 5.55 * m, size - 2.2 * m, 5.55 * m), fill=navy, width=4)
    _spaced(draw, (c, 6.2 * m), "20 BAGS  40 G", size // 24, navy, 0.12)
    atlas.paste(front, (0, 0))
    side = Image.new("RGB", (size, size), coral)
    draw = ImageDraw.Draw(side)
    _spaced(draw, (c, 1.3 * m), "How to brew", size // 12, cream, 0.02)
    lines = ("One bag for each cup.", "Water just off the boil.", "Wait four minutes.", "Good with milk.")
    for i, line in enumerate(lines):
        _spaced(draw, (c, (2.5 + 0.75 * i) * m), line, size // 20, cream)
    rng = np.random.default_rng(10)
    draw.rectangle((2.4 * m, 6.4 * m, 6.6 * m, 8.2 * m), fill=(250, 250, 248))
    x = 2.6 * m
    while x < 6.3 * m:
        bar = int(rng.integers(2, 9))
        draw.rectangle((x, 6.55 * m, x + bar, 8.0 * m), fill=(20, 20, 24))
        x += bar + int(rng.integers(3, 10))
    atlas.paste(side, (size, 0))
    atlas.paste(front, (2 * size, 0))
    atlas.paste(side, (0, size))
    top = sun_pattern(1)
    draw = ImageDraw.Draw(top)
    draw.rounded_rectangle((m, 3.4 * m, size - m, 5.6 * m), radius=m // 3, fill=cream)
    _spaced(draw, (c, 4.5 * m), "CARAVAN", size // 10, navy, 0.12)
    atlas.paste(top, (size, size))
    return _to_linear(atlas)


def chart_print(size: int = 120) -> Picture:
    """The 24 patches on black card, 6 by 4, linear reflectance, gaps of a tenth."""
    gap = size // 10
    height, width = 4 * size + 5 * gap, 6 * size + 7 * gap
    out = np.full((height, width, 3), 0.025, np.float32)
    for i, patch in enumerate(chart_reflectance()):
        top, left = gap + (i // 6) * (size + gap), gap + (i % 6) * (size + gap)
        out[top : top + size, left : left + size] = patch
    return out
