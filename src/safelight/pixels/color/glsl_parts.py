"""The few functions of GLSL that are ours: 1-D tables and sampled curves, without filtered float textures."""

from __future__ import annotations

from safelight.pixels.color.ceiling import FROM, ONWARD, TO

WIDTH = 4096  # texels a row; every WebGL2 has them
CURVE_RANGE = (-0.25, 1.5)
CURVE_POINTS = 2048

_FETCH = """
uniform sampler2D NAME;
vec3 NAME_texel(int at) { return texelFetch(NAME, ivec2(at % 4096, at / 4096), 0).rgb; }
"""

# Even steps over 0 to 1; beyond them the ends hold.
EVEN_TABLE = (
    _FETCH
    + """
vec3 NAME_at(vec3 rgb) {
  vec3 place = clamp(rgb, 0.0, 1.0) * LAST.0;
  ivec3 low = min(ivec3(place), ivec3(LAST - 1));
  vec3 share = place - vec3(low);
  return vec3(
    mix(NAME_texel(low.r).r, NAME_texel(low.r + 1).r, share.r),
    mix(NAME_texel(low.g).g, NAME_texel(low.g + 1).g, share.g),
    mix(NAME_texel(low.b).b, NAME_texel(low.b + 1).b, share.b));
}
"""
)

# Even steps over CURVE_RANGE; beyond them straight on with the slope of the last step.
CURVE = (
    _FETCH
    + f"""
vec3 NAME_at(vec3 rgb) {{
  vec3 place = (rgb - vec3({CURVE_RANGE[0]})) * (LAST.0 / {CURVE_RANGE[1] - CURVE_RANGE[0]});
  ivec3 low = ivec3(clamp(place, 0.0, LAST.0 - 1.0));
  vec3 share = place - vec3(low);
  vec3 one = vec3(NAME_texel(low.r).r, NAME_texel(low.g).g, NAME_texel(low.b).b);
  vec3 two = vec3(NAME_texel(low.r + 1).r, NAME_texel(low.g + 1).g, NAME_texel(low.b + 1).b);
  return one + (two - one) * share;
}}
"""
)

# One entry a half float, by its bits, negatives from 32768 on; between two halves straight.
HALF_TABLE = (
    _FETCH
    + """
float NAME_one(float x, int channel) {
  float size = min(abs(x), 65504.0);
  uint low = packHalf2x16(vec2(size, 0.0)) & 0x7fffu;
  if (low > 0u && unpackHalf2x16(low).x > size) low -= 1u;
  low = min(low, 0x7bfeu);
  float below = unpackHalf2x16(low).x, above = unpackHalf2x16(low + 1u).x;
  float share = above > below ? clamp((size - below) / (above - below), 0.0, 1.0) : 0.0;
  int at = int(low) + (x < 0.0 ? 32768 : 0);
  vec3 mixed = mix(NAME_texel(at), NAME_texel(at + 1), share);
  return channel == 0 ? mixed.r : channel == 1 ? mixed.g : mixed.b;
}
vec3 NAME_at(vec3 rgb) { return vec3(NAME_one(rgb.r, 0), NAME_one(rgb.g, 1), NAME_one(rgb.b, 2)); }
"""
)

# `ceiling.raised`, on linear Rec.2020: into the file's channels, and what they are raised by back again.
RAISE = f"""
uniform mat3 NAMEinto;
uniform mat3 NAMEback;
uniform vec3 NAMEneutral;
uniform vec3 NAMEmost;
vec3 NAMEraise(vec3 rgb) {{
  vec3 given = NAMEinto * rgb;
  vec3 seen = given / NAMEneutral;
  float less = min(seen.r, seen.g), more = max(seen.r, seen.g);
  float low = min(less, seen.b), middle = max(less, min(more, seen.b)), top = max(more, seen.b);
  vec3 share = smoothstep(vec3({FROM}), vec3({TO}), given);
  float place = clamp(2.0 * (middle - low) / max(top - low, 1e-6), 0.0, 1.0);
  vec3 sure = max(max(share.grr, share.bbg), vec3(greaterThanEqual(seen, vec3(middle))) * place);
  vec3 aim = middle + (sure * {1 + ONWARD} - {ONWARD}) * (top - middle);
  vec3 lift = share * max(min(aim, seen * NAMEmost) - seen, vec3(0.0));
  return rgb + NAMEback * (lift * NAMEneutral);
}}
"""


def filled(text: str, name: str, last: int = 0) -> str:
    """Return one of the texts with the name of its texture or uniforms, and the number of the last entry."""
    return text.replace("NAME", name).replace("LAST", str(last)).strip()
