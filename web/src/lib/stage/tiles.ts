/** Tiles of a picture for the stage: what the server serves, and overlays computed from them. */
import OpenSeadragon from "openseadragon";
import { overlayOf, type OverlayKind } from "./overlay";
import type { Size } from "./geometry";

/** A deep-zoom pyramid: level `last` is full size, each one below half of it, down to `first`. */
export interface Pyramid extends Size {
  readonly tile: number;
  readonly first: number;
  readonly last: number;
  readonly url: (level: number, x: number, y: number) => string;
}

/** Return the tile source of a pyramid. */
export function sourceOf(pyramid: Pyramid): OpenSeadragon.TileSource {
  return new OpenSeadragon.TileSource({
    width: pyramid.width,
    height: pyramid.height,
    tileSize: pyramid.tile,
    tileOverlap: 0,
    minLevel: pyramid.first,
    maxLevel: pyramid.last,
    getTileUrl: pyramid.url,
  } as unknown as OpenSeadragon.TileSourceOptions);
}

/** Return a tile source that shows where the pixels of `pyramid` are clipped, or not pure white. */
export function overlaySource(pyramid: Pyramid, kind: OverlayKind, isSubject?: Inside): OpenSeadragon.TileSource {
  const source = sourceOf(pyramid);
  source.getTileHashKey = (level: number, x: number, y: number) => `${kind}${isSubject ? "-subject" : ""}:${pyramid.url(level, x, y)}`;
  source.hasTransparency = () => true;
  source.downloadTileStart = (job: OpenSeadragon.ImageJob) => {
    void pixelsOf(job.src)
      .then(({ context, data }) => {
        const shown = overlayOf(kind, data.data, data.width);
        if (isSubject) leaveOut(shown, data.width, placeOfTile(pyramid, job), isSubject);
        data.data.set(shown);
        context.putImageData(data, 0, 0);
        job.finish(context, undefined as never, "context2d");
      })
      .catch((error: unknown) => (job as unknown as { fail: (why: string) => void }).fail(String(error)));
  };
  source.downloadTileAbort = () => {};
  return source;
}

/** Says whether a place (0..1 of the picture) is the subject. */
export type Inside = (x: number, y: number) => boolean;

/** Where a tile's pixels lie: origin and step in 0..1 of the picture. */
function placeOfTile(pyramid: Pyramid, job: OpenSeadragon.ImageJob): { x: number; y: number; step: readonly [number, number] } {
  const { level, x, y } = (job as unknown as { tile: { level: number; x: number; y: number } }).tile;
  const by = 2 ** (pyramid.last - level);
  return { x: (x * pyramid.tile * by) / pyramid.width, y: (y * pyramid.tile * by) / pyramid.height, step: [by / pyramid.width, by / pyramid.height] };
}

function leaveOut(rgba: Uint8ClampedArray, width: number, at: ReturnType<typeof placeOfTile>, isSubject: Inside): void {
  for (let i = 3; i < rgba.length; i += 4) {
    if (!rgba[i]) continue;
    const pixel = (i - 3) / 4;
    if (!isSubject(at.x + (pixel % width) * at.step[0], at.y + Math.floor(pixel / width) * at.step[1])) rgba[i] = 0;
  }
}

interface Pixels {
  readonly context: CanvasRenderingContext2D;
  readonly data: ImageData;
}

async function pixelsOf(url: string): Promise<Pixels> {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`tile ${answer.status}`);
  const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { context, data: context.getImageData(0, 0, canvas.width, canvas.height) };
}

/** Reads single pixels of full-size tiles, keeping the last few tiles decoded. */
export class PixelReader {
  private readonly held = new Map<string, Promise<Pixels>>();

  constructor(private readonly most = 12) {}

  /** Return R, G, B (8 bit) of a pixel of the full-size picture, or null beyond its edge. */
  async at(pyramid: Pyramid, x: number, y: number): Promise<readonly [number, number, number] | null> {
    if (x < 0 || y < 0 || x >= pyramid.width || y >= pyramid.height) return null;
    const [column, row] = [Math.floor(x / pyramid.tile), Math.floor(y / pyramid.tile)];
    const url = pyramid.url(pyramid.last, column, row);
    const { data } = await this.tile(url);
    const at = ((Math.floor(y) - row * pyramid.tile) * data.width + Math.floor(x) - column * pyramid.tile) * 4;
    return [data.data[at] ?? 0, data.data[at + 1] ?? 0, data.data[at + 2] ?? 0];
  }

  private tile(url: string): Promise<Pixels> {
    const known = this.held.get(url);
    if (known) {
      this.held.delete(url);
      this.held.set(url, known);
      return known;
    }
    const coming = pixelsOf(url);
    this.held.set(url, coming);
    coming.catch(() => this.held.delete(url));
    for (const oldest of this.held.keys()) {
      if (this.held.size <= this.most) break;
      this.held.delete(oldest);
    }
    return coming;
  }
}
