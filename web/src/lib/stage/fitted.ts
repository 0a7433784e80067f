/**
 * The fitted view: each picture at hand stands ready at the very size it is shown at, before and after one over the
 * other. To swap them is to hide one: nothing is fetched, decoded or drawn at that moment. Beyond the fit the same layers
 * lie under the tiles, so that nothing is ever blank.
 */
import type { Size } from "./geometry";
import { wholeOf, type Whole } from "./compose";
import type { Pyramid } from "./tiles";

export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}
interface Pair {
  readonly key: string;
  readonly after: Pyramid;
  readonly before: Pyramid | null;
}
type Side = "after" | "before";
interface Layer {
  readonly canvas: HTMLCanvasElement;
  readonly key: string;
  readonly side: Side;
  /** Of what was painted on it; 0 by 0 before. */
  size: Size;
}

const MARGIN = 0.02;
/** Room for layers: beyond it neighbors are not prepared. */
const MOST_BYTES = 120e6;

/** Where a picture stands in a stage when it is fitted: whole, with a margin of 2 % of its own size. */
export function fittedRect(picture: Size, stage: Size): Rect {
  const scale = Math.min(stage.width / picture.width, stage.height / picture.height) / (1 + 2 * MARGIN);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { x: (stage.width - width) / 2, y: (stage.height - height) / 2, width, height };
}

export class Fitted {
  readonly element = document.createElement("div");
  private readonly layers = new Map<string, Layer>();
  private pair: Pair | null = null;
  private near: readonly Pair[] = [];
  private side: Side = "after";
  private busy = false;
  private closed = false;

  constructor(
    private readonly stage: () => Size,
    private readonly onReady: () => void,
  ) {
    this.element.className = "fitted";
    this.element.style.cssText = "position:absolute;inset:0;overflow:hidden;pointer-events:none";
    open += 1;
  }

  destroy(): void {
    this.closed = true;
    for (const each of this.layers.values()) drop(each);
    this.layers.clear();
    this.element.remove();
    open -= 1;
    setTimeout(letGo, LINGERS_MS);
  }

  /** Show one side of a picture, at once where it is ready; its neighbors are prepared behind it. */
  show(pair: Pair, side: Side, near: readonly Pair[] = this.near): void {
    const other = this.pair?.key !== pair.key;
    this.pair = pair;
    this.side = side;
    this.near = near;
    if (other) for (const each of this.layers.values()) each.canvas.style.display = each.key === pair.key ? "" : "none";
    this.flip();
    void this.prepare();
  }

  /** The stage has another size: what is shown is stretched until it is painted anew. */
  resized(): void {
    for (const each of this.layers.values()) this.settle(each);
    void this.prepare();
  }

  /** Carry the layers from where they are fitted to where the view has them now; null: where they are fitted. */
  moveTo(rect: Rect | null): void {
    const fitted = this.pair && fittedRect(this.pair.after, this.stage());
    this.element.style.overflow = rect ? "visible" : "hidden";
    if (!rect || !fitted) return void (this.element.style.transform = "");
    const scale = rect.width / fitted.width;
    this.element.style.transformOrigin = "0 0";
    this.element.style.transform = `translate(${rect.x - fitted.x * scale}px, ${rect.y - fitted.y * scale}px) scale(${scale})`;
  }

  /** True where the side that is asked for is shown at the size of the screen. */
  get isReady(): boolean {
    return this.pair !== null && this.isPainted(this.pair, this.side);
  }

  private isPainted(pair: Pair, side: Side): boolean {
    const own = this.layers.get(`${side} ${pair.key}`);
    const size = this.sizeOf(pair);
    return own !== undefined && own.size.width === size.width && own.size.height === size.height;
  }

  private flip(): void {
    if (!this.pair) return;
    for (const side of ["after", "before"] as const) {
      const own = this.layers.get(`${side} ${this.pair.key}`);
      // The painted side lies beneath and stays: only the one above comes and goes.
      if (own) own.canvas.style.opacity = side === "after" || this.side === "before" ? "1" : "0";
    }
  }

  private sizeOf(pair: Pair): Size {
    const [rect, ratio] = [fittedRect(pair.after, this.stage()), window.devicePixelRatio || 1];
    // Nothing is enlarged: a small picture is carried to its place by the screen.
    const width = Math.max(1, Math.min(pair.after.width, Math.round(rect.width * ratio)));
    return { width, height: Math.max(1, Math.round((width * pair.after.height) / pair.after.width)) };
  }

  private settle(layer: Layer): void {
    const pair = this.find(layer.key);
    if (!pair) return;
    const { x, y, width, height } = fittedRect(pair.after, this.stage());
    layer.canvas.style.cssText += `;left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
  }

  private find(key: string): Pair | undefined {
    return this.pair?.key === key ? this.pair : this.near.find((each) => each.key === key);
  }

  /** Paint what is missing, one after the other: what is shown first, then what is near, while there is room. */
  private async prepare(): Promise<void> {
    if (this.busy || this.closed) return;
    this.busy = true;
    try {
      for (let next = this.missing(); next && !this.closed; next = this.missing()) await this.paint(next.pair, next.side);
    } finally {
      this.busy = false;
    }
  }

  private readonly failed = new Set<string>();

  private missing(): { pair: Pair; side: Side } | undefined {
    if (!this.pair || !this.stage().width) return undefined;
    const wanted = [this.pair, ...this.near.filter((each) => each.key !== this.pair?.key)];
    let bytes = 0;
    for (const pair of wanted) {
      const sides: Side[] = pair.before ? (pair === this.pair && this.side === "before" ? ["before", "after"] : ["after", "before"]) : ["after"];
      const size = this.sizeOf(pair);
      bytes += sides.length * size.width * size.height * 4;
      if (pair !== this.pair && bytes > MOST_BYTES) break;
      const side = sides.find((each) => !this.isPainted(pair, each) && !this.failed.has(`${each} ${pair.key}`));
      if (side) return { pair, side };
    }
    const keys = new Set(wanted.map((each) => each.key));
    for (const [id, layer] of this.layers) {
      if (keys.has(layer.key)) continue;
      drop(layer);
      this.layers.delete(id);
    }
    return undefined;
  }

  private async paint(pair: Pair, side: Side): Promise<void> {
    const size = this.sizeOf(pair);
    const pyramid = side === "before" ? pair.before : pair.after;
    const id = `${side} ${pair.key}`;
    if (!pyramid) return;
    let bitmap: ImageBitmap;
    try {
      bitmap = await inWorker(wholeOf(pyramid, size));
    } catch {
      this.failed.add(id); // the tiles are asked for again by whoever zooms, and tell why
      return;
    }
    if (this.closed) return bitmap.close();
    const layer = this.layers.get(id) ?? this.added(pair, side);
    layer.canvas.width = bitmap.width;
    layer.canvas.height = bitmap.height;
    layer.canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
    layer.size = size;
    if (this.pair?.key === pair.key) {
      this.flip();
      if (side === this.side) this.onReady();
    }
  }

  private added(pair: Pair, side: Side): Layer {
    const canvas = document.createElement("canvas");
    canvas.dataset.side = side;
    canvas.style.cssText = `position:absolute;opacity:${side === "after" ? 1 : 0};will-change:opacity;display:${this.pair?.key === pair.key ? "" : "none"}`;
    const layer: Layer = { canvas, key: pair.key, side, size: { width: 0, height: 0 } };
    this.layers.set(`${side} ${pair.key}`, layer);
    this.settle(layer);
    if (side === "after") this.element.prepend(canvas);
    else this.element.append(canvas);
    return layer;
  }
}

/** Give a layer's pixels back at once, not when the page happens to clean up. */
function drop({ canvas }: Layer): void {
  canvas.width = canvas.height = 0;
  canvas.remove();
}

/** Fitted views that stand now; without one the worker is let go: what it decoded would weigh on the next room. */
let open = 0;
const LINGERS_MS = 2000;

function letGo(): void {
  if (open > 0 || waiting.size > 0) return;
  worker?.terminate();
  worker = null;
}

let worker: Worker | null = null;
let turns = 0;
const waiting = new Map<number, { done: (bitmap: ImageBitmap) => void; failed: (why: Error) => void }>();

function inWorker(whole: Whole): Promise<ImageBitmap> {
  worker ??= hired();
  const own = worker;
  return new Promise((done, failed) => {
    turns += 1;
    waiting.set(turns, { done, failed });
    own.postMessage({ turn: turns, whole });
  });
}

function hired(): Worker {
  const made = new Worker(new URL("./compose.worker.ts", import.meta.url), { type: "module" });
  made.onmessage = ({ data }: MessageEvent<{ turn: number; bitmap?: ImageBitmap; trouble?: string }>) => {
    const asked = waiting.get(data.turn);
    waiting.delete(data.turn);
    if (data.bitmap) asked?.done(data.bitmap);
    else asked?.failed(new Error(data.trouble));
  };
  return made;
}
