/** Live color: the server's own color chain as a shader (OpenColorIO through `render.shader`), on a light texture. */

export interface ShaderUniform {
  readonly name: string;
  readonly type: string;
  readonly value: number | boolean | readonly number[];
}
export interface ShaderTexture {
  readonly name: string;
  readonly kind: "2d" | "3d";
  readonly size: readonly [number, number, number];
  readonly format: string;
  readonly filter: "nearest" | "linear";
  readonly key: string;
  readonly data: string;
}
export interface ColorChain {
  readonly shader: string;
  readonly shader_key: string;
  readonly function: string;
  readonly uniforms: readonly ShaderUniform[];
  readonly textures: readonly ShaderTexture[];
}

/** Linear light, straight: RGBA as 16-bit floats, and the ground it lies on in the output's code values. */
export interface Light {
  readonly width: number;
  readonly height: number;
  readonly halves: Uint16Array;
  readonly ground: readonly number[] | null;
}

const VERTEX = `#version 300 es
in vec2 at; out vec2 place;
void main() { place = vec2(at.x * 0.5 + 0.5, 0.5 - at.y * 0.5); gl_Position = vec4(at, 0.0, 1.0); }`;

// The ground is laid under the subject in linear light, as the renderer does, so that white is exactly white.
const MAIN = (name: string) => `
uniform sampler2D picture; uniform vec3 ground; uniform bool grounded;
in vec2 place; out vec4 color;
vec3 light(vec3 c) { return mix(c / 12.92, pow((max(c, 0.0) + 0.055) / 1.055, vec3(2.4)), step(0.04045, c)); }
vec3 code(vec3 l) { return mix(l * 12.92, 1.055 * pow(max(l, 0.0), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, l)); }
void main() {
  vec4 at = texture(picture, place);
  vec3 painted = clamp(${name}(at.rgb), 0.0, 1.0);
  if (grounded) painted = code(mix(light(ground), light(painted), at.a));
  color = vec4(painted, 1.0);
}`;

export class Painter {
  private readonly gl: WebGL2RenderingContext;
  private program: WebGLProgram | null = null;
  private programKey = "";
  private chain: ColorChain | null = null;
  private light: Light | null = null;
  private readonly tables = new Map<string, WebGLTexture>();
  private readonly picture: WebGLTexture;

  /** Throws where the browser has no WebGL2. */
  constructor(private readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true, premultipliedAlpha: false });
    if (!gl) throw new Error("this browser has no WebGL2: color is painted by the server when you let go");
    this.gl = gl;
    const corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    this.picture = gl.createTexture();
  }

  show(light: Light): void {
    const { gl } = this;
    this.light = light;
    this.canvas.width = light.width;
    this.canvas.height = light.height;
    gl.viewport(0, 0, light.width, light.height);
    gl.bindTexture(gl.TEXTURE_2D, this.picture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, light.width, light.height, 0, gl.RGBA, gl.HALF_FLOAT, light.halves);
    clampTo(gl, gl.TEXTURE_2D, gl.NEAREST);
    this.draw();
  }

  paint(chain: ColorChain): void {
    this.chain = chain;
    this.draw();
  }

  destroy(): void {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private draw(): void {
    const { gl, chain, light } = this;
    if (!chain || !light) return;
    if (chain.shader_key !== this.programKey) {
      if (this.program) gl.deleteProgram(this.program);
      this.program = link(gl, VERTEX, `#version 300 es\n${chain.shader}${MAIN(chain.function)}`);
      this.programKey = chain.shader_key;
    }
    const program = this.program;
    if (!program) return;
    gl.useProgram(program);
    const at = (name: string) => gl.getUniformLocation(program, name);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.picture);
    gl.uniform1i(at("picture"), 0);
    gl.uniform1i(at("grounded"), light.ground ? 1 : 0);
    gl.uniform3fv(at("ground"), light.ground ?? [1, 1, 1]);
    for (const each of chain.uniforms) setUniform(gl, at(each.name), each);
    chain.textures.forEach((each, index) => {
      gl.activeTexture(gl.TEXTURE1 + index);
      const target = each.kind === "3d" ? gl.TEXTURE_3D : gl.TEXTURE_2D;
      gl.bindTexture(target, this.table(each, target));
      gl.uniform1i(at(each.name), 1 + index);
    });
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  private table(given: ShaderTexture, target: number): WebGLTexture {
    const known = this.tables.get(given.key);
    if (known) return known;
    const { gl } = this;
    const texture = gl.createTexture();
    const bytes = Uint8Array.from(atob(given.data), (each) => each.charCodeAt(0));
    const floats = new Float32Array(bytes.buffer);
    const channels = floats.length / (given.size[0] * given.size[1] * given.size[2]);
    const [inner, format] = channels === 1 ? [gl.R32F, gl.RED] : channels === 4 ? [gl.RGBA32F, gl.RGBA] : [gl.RGB32F, gl.RGB];
    gl.bindTexture(target, texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    if (target === gl.TEXTURE_3D) gl.texImage3D(target, 0, inner, ...given.size, 0, format, gl.FLOAT, floats);
    else gl.texImage2D(target, 0, inner, given.size[0], given.size[1], 0, format, gl.FLOAT, floats);
    clampTo(gl, target, gl.NEAREST);
    if (this.tables.size > 24) {
      for (const old of this.tables.values()) gl.deleteTexture(old);
      this.tables.clear();
    }
    this.tables.set(given.key, texture);
    return texture;
  }
}

function clampTo(gl: WebGL2RenderingContext, target: number, filter: number): void {
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) gl.texParameteri(target, side, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, filter);
}

function setUniform(gl: WebGL2RenderingContext, at: WebGLUniformLocation | null, { type, value }: ShaderUniform): void {
  const list = Array.isArray(value) ? (value as number[]) : [Number(value)];
  if (type === "mat3") gl.uniformMatrix3fv(at, false, list);
  else if (type === "vec3") gl.uniform3fv(at, list);
  else if (type.startsWith("float")) gl.uniform1fv(at, list);
  else gl.uniform1iv(at, list);
}

function link(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new Error("the graphics card is gone; reload the page");
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(`the color shader does not compile: ${gl.getShaderInfoLog(shader) ?? ""}`);
    gl.attachShader(program, shader);
  }
  gl.bindAttribLocation(program, 0, "at");
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(`the color shader does not link: ${gl.getProgramInfoLog(program) ?? ""}`);
  return program;
}
