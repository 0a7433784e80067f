"""A headless Chromium that paints float textures with our shaders, as the page does."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from pathlib import Path

import numpy as np

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]

PAGE = r"""
<canvas id="c"></canvas><script>
const gl = document.getElementById('c').getContext('webgl2');
let program = null, compiled = 0, key = '';
const bytes = s => Uint8Array.from(atob(s), c => c.charCodeAt(0));
function stage(kind, text) {
  const made = gl.createShader(kind); gl.shaderSource(made, text); gl.compileShader(made);
  if (!gl.getShaderParameter(made, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(made));
  return made;
}
function build(chain) {
  const vertex = '#version 300 es\nin vec2 p; void main() { gl_Position = vec4(p, 0.0, 1.0); }';
  const fragment = '#version 300 es\n' + chain.shader +
    'uniform sampler2D picture; out vec4 painted;\nvoid main() { painted = vec4(' + chain.function +
    '(texelFetch(picture, ivec2(gl_FragCoord.xy), 0).rgb), 1.0); }';
  program = gl.createProgram();
  gl.attachShader(program, stage(gl.VERTEX_SHADER, vertex));
  gl.attachShader(program, stage(gl.FRAGMENT_SHADER, fragment));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  compiled += 1; key = chain.shader_key;
}
function texture(unit, target, size, data) {
  gl.activeTexture(gl.TEXTURE0 + unit); const made = gl.createTexture(); gl.bindTexture(target, made);
  for (const each of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, each, gl.NEAREST);
  for (const each of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R])
    gl.texParameteri(target, each, gl.CLAMP_TO_EDGE);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  if (target === gl.TEXTURE_3D) gl.texImage3D(target, 0, gl.RGB32F, ...size, 0, gl.RGB, gl.FLOAT, data);
  else gl.texImage2D(target, 0, gl.RGB32F, size[0], size[1], 0, gl.RGB, gl.FLOAT, data);
}
function set(uniform) {
  const at = gl.getUniformLocation(program, uniform.name), v = uniform.value, kind = uniform.type;
  if (kind === 'mat3') gl.uniformMatrix3fv(at, false, v);
  else if (kind === 'vec3') gl.uniform3fv(at, v);
  else if (kind.startsWith('float')) gl.uniform1fv(at, v);
  else gl.uniform1iv(at, v);
}
function paint(chain, width, height, picture) {
  if (!gl.getExtension('EXT_color_buffer_float')) throw new Error('no float target');
  if (chain.shader_key !== key) build(chain);
  gl.useProgram(program);
  const target = gl.createTexture(); gl.activeTexture(gl.TEXTURE0); gl.bindTexture(gl.TEXTURE_2D, target);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, width, height);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target, 0);
  texture(1, gl.TEXTURE_2D, [width, height, 1], new Float32Array(bytes(picture).buffer));
  gl.uniform1i(gl.getUniformLocation(program, 'picture'), 1);
  chain.textures.forEach((each, n) => {
    const values = new Float32Array(bytes(each.data).buffer);
    texture(2 + n, each.kind === '3d' ? gl.TEXTURE_3D : gl.TEXTURE_2D, each.size, values);
    gl.uniform1i(gl.getUniformLocation(program, each.name), 2 + n);
  });
  chain.uniforms.forEach(set);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
  const p = gl.getAttribLocation(program, 'p'); gl.enableVertexAttribArray(p);
  gl.vertexAttribPointer(p, 2, gl.FLOAT, false, 0, 0);
  gl.viewport(0, 0, width, height); gl.drawArrays(gl.TRIANGLES, 0, 3);
  const out = new Float32Array(width * height * 4); gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, out);
  const error = gl.getError(); if (error) throw new Error('WebGL error ' + error);
  const raw = new Uint8Array(out.buffer); let text = '';
  for (let n = 0; n < raw.length; n += 32768) text += String.fromCharCode(...raw.subarray(n, n + 32768));
  return {data: btoa(text), compiled};
}
</script>
"""


class Screen:
    """One page; counts how often it compiled."""

    def __init__(self, page):
        self.page, self.compiled = page, 0

    def paint(self, chain, picture):
        """Paint (H, W, 3) float32 values with a chain's JSON and return what the float target holds."""
        height, width, _ = picture.shape
        data = base64.b64encode(np.ascontiguousarray(picture, "<f4").tobytes()).decode()
        told = self.page.evaluate("([c, w, h, p]) => paint(c, w, h, p)", [chain, width, height, data])
        self.compiled = told["compiled"]
        return np.frombuffer(base64.b64decode(told["data"]), "<f4").reshape(height, width, 4)[..., :3]


@contextmanager
def screen():
    """Open the page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page()
        page.set_content(PAGE)
        yield Screen(page)
        browser.close()
