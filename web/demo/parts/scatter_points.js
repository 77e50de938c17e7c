import {
  createBufferInfoFromArrays,
  createProgramInfo,
  drawBufferInfo,
  setAttribInfoBufferFromArray,
  setBuffersAndAttributes,
  setUniforms,
} from 'twgl.js';

const VERTEX = `
attribute vec2 from;
attribute vec2 to;
attribute vec4 color;
uniform vec3 view;
uniform vec2 size;
uniform float moved;
uniform float dot_size;
varying vec4 shade;
void main() {
  vec2 place = mix(from, to, moved) * view.z + view.xy;
  gl_Position = vec4(place / size * 2.0 - 1.0, 0.0, 1.0);
  gl_PointSize = dot_size * (0.75 + color.a);
  shade = color;
}`;
const FRAGMENT = `
precision mediump float;
varying vec4 shade;
void main() {
  vec2 off = gl_PointCoord - 0.5;
  float inside = 1.0 - smoothstep(0.2, 0.25, dot(off, off));
  float alpha = inside * (0.4 + 0.6 * shade.a);
  gl_FragColor = vec4(shade.rgb * alpha, alpha);
}`;

/** How wide a point is, in pixels, before its colour makes it larger. @param {number} k how much the map is enlarged */
const dotSize = (k) => Math.min(10, 2.8 + 0.9 * Math.sqrt(k));

/** The radius of the largest points. @param {number} k */
export const radiusAt = (k) => (1.75 * dotSize(k)) / 2;

/** The points of a scatter: by WebGL, or in 2D where the browser has none. */
export class ScatterPoints {
  #gl;
  #flat;
  #program;
  /** @type {import('twgl.js').BufferInfo | undefined} */
  #buffers;
  /** @type {Float32Array} */
  #places = new Float32Array(0);
  /** @type {Float32Array} */
  #colors = new Float32Array(0);
  #ratio = 1;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#gl = canvas.getContext('webgl', { antialias: false, premultipliedAlpha: true });
    if (!this.#gl) {
      this.#flat = canvas.getContext('2d');
      return;
    }
    this.#program = createProgramInfo(this.#gl, [VERTEX, FRAGMENT]);
    this.#drawOnce();
  }

  /** A first point, which nobody sees: drivers translate a program when it is first used, and the map is not to wait. */
  #drawOnce() {
    const middle = new Float32Array(2);
    this.show(middle, middle);
    this.draw({ x: 0, y: 0, k: 1 }, [1, 1], 1);
    this.#gl?.clear(this.#gl.COLOR_BUFFER_BIT);
    this.#buffers = undefined;
    this.#places = new Float32Array(0);
  }

  /** @param {number[]} size in CSS pixels */
  fit([width, height]) {
    const context = this.#gl ?? this.#flat;
    if (!context) return;
    this.#ratio = Math.min(2, devicePixelRatio || 1);
    context.canvas.width = Math.max(1, width * this.#ratio);
    context.canvas.height = Math.max(1, height * this.#ratio);
  }

  /**
   * @param {Float32Array} before (n, 2): where they come from
   * @param {Float32Array} places (n, 2): where they go
   */
  show(before, places) {
    this.#places = places;
    if (!this.#gl) return;
    if (this.#buffers && before !== places) {
      setAttribInfoBufferFromArray(this.#gl, this.#attribute('from'), before);
      setAttribInfoBufferFromArray(this.#gl, this.#attribute('to'), places);
    } else {
      this.#buffers = createBufferInfoFromArrays(this.#gl, {
        from: { numComponents: 2, data: before },
        to: { numComponents: 2, data: places },
        color: { numComponents: 4, data: new Float32Array(2 * places.length) },
      });
    }
  }

  /** @param {Float32Array} colors (n, 4) */
  color(colors) {
    this.#colors = colors;
    if (this.#gl && this.#buffers) setAttribInfoBufferFromArray(this.#gl, this.#attribute('color'), colors);
  }

  /** @param {string} name */
  #attribute(name) {
    return /** @type {import('twgl.js').AttribInfo} */ (this.#buffers?.attribs?.[name]);
  }

  /**
   * @param {{ x: number, y: number, k: number }} view shift and magnification
   * @param {number[]} size in CSS pixels
   * @param {number} moved the part of the way from the places before, 0 to 1
   */
  draw({ x, y, k }, [width, height], moved) {
    const half = Math.min(width, height) / 2;
    const [gl, buffers, program] = [this.#gl, this.#buffers, this.#program];
    if (!gl) return this.#drawIn2d((width / 2) * k + x, (height / 2) * k + y, half * k);
    if (!buffers || !program) return;
    gl.viewport(0, 0, gl.canvas.width, gl.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.useProgram(program.program);
    setBuffersAndAttributes(gl, program, buffers);
    setUniforms(program, {
      view: [(width / 2) * k + x, height - ((height / 2) * k + y), half * k],
      size: [width, height],
      moved,
      dot_size: dotSize(k) * this.#ratio,
    });
    drawBufferInfo(gl, buffers, gl.POINTS);
  }

  /**
   * @param {number} left
   * @param {number} top
   * @param {number} scale
   */
  #drawIn2d(left, top, scale) {
    const context = this.#flat;
    if (!context) return;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    for (let i = 0; i < this.#places.length / 2; i++) {
      const [r, g, b, a] = this.#colors.subarray(4 * i, 4 * i + 4);
      context.fillStyle = `rgb(${255 * r} ${255 * g} ${255 * b} / ${0.4 + 0.6 * a})`;
      context.fillRect(left + this.#places[2 * i] * scale - 1.5, top - this.#places[2 * i + 1] * scale - 1.5, 3, 3);
    }
  }
}
