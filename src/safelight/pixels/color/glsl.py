"""A color chain as a GLSL ES 3.0 function with uniforms and textures: the same picture in the browser.

The text of the shader hangs on what a chain is made of, never on its numbers: those are uniforms and
textures. A slider that moves gives the same `shader_key`, other uniforms and perhaps another small texture, and
nothing is compiled again.

::

    {"version": 1, "language": "glsl_es_3.0", "function": "safelight_color",
     "shader": "precision highp float; ... vec3 safelight_color(vec3 rgb) {...}", "shader_key": "9f...",
     "uniforms": [{"name": "s1_rows", "type": "mat3", "value": [9 numbers, by column]}, ...],
     "textures": [{"name": "s2_table", "kind": "2d", "size": [4096, 1, 1], "format": "rgb32f", "filter": "nearest",
                   "key": "c1...", "data": base64 of float32, little end first, red fastest in x}, ...],
     "uniform_vectors": 12}

Types are float, int, bool, vec3, mat3, and float[n], int[n], which are set whole. Textures are clamped to
their edges and need no extension; a float render target needs EXT_color_buffer_float. The page writes
``#version 300 es`` itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name
from numpy.typing import ArrayLike

from safelight.pixels.color import glsl_parts as parts
from safelight.pixels.color.ceiling import Ceiling
from safelight.pixels.color.flatten import Part, Sort, bare_config, leaves_of, runs_of, sort_of
from safelight.pixels.color.spaces import WORKING, matrix_between
from safelight.pixels.color.tables import evaluate
from safelight.pixels.color.transforms import chain, coding, decoding, matrix

VERSION = 1
FUNCTION = "safelight_color"

# Formulas that OpenColorIO writes well; other curves are sampled, for their knots would fill a phone's uniforms.
_FORMULAS = (ocio.ExponentTransform, ocio.ExponentWithLinearTransform, ocio.LogTransform, ocio.LogAffineTransform)
_LARGEST = 3.4e38  # OpenColorIO has doubles in its uniforms, which become infinite in a float
_FLOATS = ocio.UniformDataType


class Piece(NamedTuple):
    """Declarations, the statement that changes ``rgb``, uniforms and textures of one run of ops."""

    declared: str
    statement: str
    uniforms: list[dict[str, Any]]
    textures: list[dict[str, Any]]


def shader_of(
    transforms: Sequence[ocio.Transform],
    from_space: str,
    to_space: str,
    *,
    from_light: bool = False,
    to_light: bool = False,
    ceiling: Ceiling | None = None,
) -> dict[str, Any]:
    """Return what a browser needs to paint a chain on a texture.

    Parameters
    ----------
    transforms : sequence of OpenColorIO transforms
        In linear Rec.2020, as `fused.apply` takes them.
    from_space, to_space : str
        Names of `spaces.SPACES`: of the texture, and of the canvas.
    from_light, to_light : bool
        The values on that side are linear light of the space's primaries instead of its code values.
    ceiling : Ceiling or None
        What the file clipped is raised first, as `fused.apply` does.

    Returns
    -------
    dict
        JSON data as the module describes.

    Notes
    -----
    Within one code value of 8 bits of `fused.apply` on the same texture; nothing is clipped or rounded here.

    Examples
    --------
    >>> from safelight.pixels.color.transforms import exposure
    >>> one, two = (shader_of([exposure(stops)], "srgb", "srgb") for stops in (0.1, 0.7))
    >>> one["shader_key"] == two["shader_key"], one["uniforms"] == two["uniforms"]
    (True, False)
    """
    opening = [*([] if from_light else [decoding(from_space)]), matrix(matrix_between(from_space, WORKING))]
    closing = [matrix(matrix_between(WORKING, to_space)), *([] if to_light else [coding(to_space)])]
    if ceiling is None:
        made = _pieces("s", *opening, *transforms, *closing)
    else:
        made = [*_pieces("o", *opening), _raise(ceiling), *_pieces("s", *transforms, *closing)]
    text = "\n".join(
        [
            *(f"precision highp {each};" for each in ("float", "int", "sampler2D", "sampler3D")),
            *(each.declared for each in made),
            f"vec3 {FUNCTION}(vec3 rgb) {{",
            *(f"  {each.statement}" for each in made),
            "  return rgb;\n}\n",
        ]
    )
    uniforms = [uniform for each in made for uniform in each.uniforms]
    return {
        "version": VERSION,
        "language": "glsl_es_3.0",
        "function": FUNCTION,
        "shader": text,
        "shader_key": hashlib.sha256(text.encode()).hexdigest()[:16],
        "uniforms": uniforms,
        "textures": [texture for each in made for texture in each.textures],
        "uniform_vectors": sum(_vectors(each["type"]) for each in uniforms),
    }


def _pieces(letter: str, *transforms: ocio.Transform) -> list[Piece]:
    return [_piece(run, f"{letter}{number}_") for number, run in enumerate(_runs(chain(*transforms)))]


def _raise(ceiling: Ceiling) -> Piece:
    """What the file clipped, raised."""
    name = "ceiling_"
    uniforms = [
        _uniform(f"{name}into", "mat3", matrix_between(WORKING, ceiling.space).T),
        _uniform(f"{name}back", "mat3", matrix_between(ceiling.space, WORKING).T),
        _uniform(f"{name}neutral", "vec3", ceiling.neutral),
        _uniform(f"{name}most", "vec3", ceiling.most),
    ]
    return Piece(parts.filled(parts.RAISE, name), f"rgb = {name}raise(rgb);", uniforms, [])


def _runs(transform: ocio.Transform) -> list[Part]:
    """The chain as runs that become one piece each; two hue curves would share their uniforms and so stand apart."""
    runs: list[Part] = []
    for run in runs_of(leaves_of(transform), _sort):
        apart = run.sort == "table" or (run.sort == "mixed" and len(run.ops) > 1)
        runs += [Part(run.sort, (op,)) for op in run.ops] if apart else [run]
    return runs


def _sort(op: ocio.Transform) -> Sort:
    if (
        isinstance(op, ocio.Lut1DTransform)
        and sort_of(op) == "curve"
        and op.getDirection() == ocio.TRANSFORM_DIR_FORWARD
    ):
        return "table"
    if isinstance(op, _FORMULAS):
        return "mixed"
    return sort_of(op)


def _piece(run: Part, prefix: str) -> Piece:
    if run.rows is not None and run.offset is not None:
        uniforms = [_uniform(f"{prefix}rows", "mat3", run.rows.T), _uniform(f"{prefix}offset", "vec3", run.offset)]
        declared = f"uniform mat3 {prefix}rows;\nuniform vec3 {prefix}offset;"
        return Piece(declared, f"rgb = {prefix}rows * rgb + {prefix}offset;", uniforms, [])
    if run.sort == "table":
        return _table(run.ops[0], prefix)
    if run.sort == "curve":
        return _sampled(run, prefix)
    return _written(run.ops[0], prefix)


def _table(lut: ocio.Lut1DTransform, prefix: str) -> Piece:
    """A 1-D table read by texelFetch and mixed here: float textures are not filtered everywhere."""
    values = np.array(lut.getData(), np.float32).reshape(-1, 3)
    name = f"{prefix}table"
    half = bool(lut.getInputHalfDomain())
    declared = parts.HALF_TABLE if half else parts.EVEN_TABLE
    texture, size = _strip(name, values)
    text = parts.filled(declared, name, last=size - 1)
    return Piece(text, f"rgb = {name}_at(rgb);", [], [texture])


def _sampled(run: Part, prefix: str) -> Piece:
    """Curves of single channels over code values -0.25 to 1.5, beyond them straight on."""
    name = f"{prefix}curve"
    x = np.linspace(*parts.CURVE_RANGE, parts.CURVE_POINTS, dtype=np.float32)
    values = evaluate(run.ops, np.ascontiguousarray(np.repeat(x[None, :, None], 3, axis=2)))[0]
    texture, size = _strip(name, values)
    return Piece(parts.filled(parts.CURVE, name, last=size - 1), f"rgb = {name}_at(rgb);", [], [texture])


def _strip(name: str, values: ArrayLike) -> tuple[dict[str, Any], int]:
    """Entries in rows of 4096, the last one repeated to the end."""
    rows = np.asarray(values, np.float32)
    width = min(len(rows), parts.WIDTH)
    height = -(-len(rows) // width)
    padded = np.concatenate([rows, np.repeat(rows[-1:], width * height - len(rows), axis=0)])
    return _texture(name, "2d", (width, height, 1), padded), len(rows)


def _written(op: ocio.Transform, prefix: str) -> Piece:
    """What OpenColorIO writes itself, its values as uniforms where it knows how."""
    if hasattr(op, "makeDynamic") and not isinstance(op, _FORMULAS):
        op.makeDynamic()
    desc = ocio.GpuShaderDesc.CreateShaderDesc(language=ocio.GPU_LANGUAGE_GLSL_ES_3_0)
    desc.setAllowTexture1D(False)
    desc.setFunctionName(f"{prefix}ocio")
    desc.setResourcePrefix(prefix)
    processor = bare_config().getProcessor(op)
    flags = ocio.OptimizationFlags(int(ocio.OPTIMIZATION_LOSSLESS))
    processor.getOptimizedGPUProcessor(flags).extractGpuShaderInfo(desc)
    textures = [
        _texture(each.samplerName, "3d", (each.edgeLen,) * 3, each.getValues()) for each in desc.get3DTextures()
    ]
    textures += [
        _texture(each.samplerName, "2d", (each.width, each.height, 1), _as_rgb(each)) for each in desc.getTextures()
    ]
    uniforms = [_of_ocio(name, data) for name, data in desc.getUniforms()]
    statement = f"rgb = {prefix}ocio(vec4(rgb, 1.0)).rgb;"
    text = desc.getShaderText()
    return Piece(text, statement, uniforms, textures) if f"{prefix}ocio" in text else Piece("", "", [], [])


def _as_rgb(texture: Any) -> ArrayLike:  # noqa: ANN401 - ocio.GpuShaderDesc.Texture
    values = np.array(texture.getValues(), np.float32)
    return np.repeat(values, 3) if values.size == texture.width * texture.height else values


def _of_ocio(name: str, data: Any) -> dict[str, Any]:  # noqa: ANN401 - ocio.GpuShaderDesc.UniformData
    if data.type == _FLOATS.UNIFORM_DOUBLE:
        return _uniform(name, "float", [data.getDouble()])
    if data.type == _FLOATS.UNIFORM_BOOL:
        return _uniform(name, "bool", [data.getBool()])
    if data.type == _FLOATS.UNIFORM_FLOAT3:
        return _uniform(name, "vec3", data.getFloat3())
    if data.type == _FLOATS.UNIFORM_VECTOR_INT:
        return _uniform(name, "int[]", data.getVectorInt())
    return _uniform(name, "float[]", data.getVectorFloat())


def _uniform(name: str, kind: str, value: ArrayLike) -> dict[str, Any]:
    values = np.asarray(value).ravel()
    if kind.endswith("[]"):
        kind = f"{kind[:-2]}[{len(values)}]"
    if kind.startswith(("int", "bool")):
        return {"name": name, "type": kind, "value": [int(each) for each in values]}
    return {"name": name, "type": kind, "value": np.clip(values, -_LARGEST, _LARGEST).astype(float).tolist()}


def _vectors(kind: str) -> int:
    """How many of the page's uniform vectors a uniform takes at most."""
    if kind.endswith("]"):
        return int(kind.partition("[")[2][:-1])
    return 3 if kind == "mat3" else 1


def _texture(name: str, kind: str, size: tuple[int, int, int], values: ArrayLike) -> dict[str, Any]:
    data = np.ascontiguousarray(np.asarray(values, "<f4")).tobytes()
    return {
        "name": name,
        "kind": kind,
        "size": list(size),
        "format": "rgb32f",
        "filter": "nearest",
        "key": hashlib.sha256(data).hexdigest()[:16],
        "data": base64.b64encode(data).decode("ascii"),
    }
