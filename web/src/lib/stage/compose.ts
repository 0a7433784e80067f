/** A picture whole at one size, put together from its tiles: what the fitted view shows. Pure but for the fetch. */
import type { Size } from "./geometry";

/** What is asked for: every tile of one level, by rows, and the size that comes of them. */
export interface Whole extends Size {
  readonly urls: readonly string[];
  readonly columns: number;
  readonly tile: number;
  /** Size of the level that the tiles make up. */
  readonly level: Size;
}

interface Levels extends Size {
  readonly tile: number;
  readonly first: number;
  readonly last: number;
  readonly url: (level: number, x: number, y: number) => string;
}

/** Return what to fetch for a picture of `size` pixels: the smallest level that is not enlarged for it. */
export function wholeOf(pyramid: Levels, size: Size): Whole {
  let level = pyramid.last;
  while (level > pyramid.first && pyramid.width / 2 ** (pyramid.last - level + 1) >= size.width) level -= 1;
  const by = 2 ** (pyramid.last - level);
  const own = { width: Math.ceil(pyramid.width / by), height: Math.ceil(pyramid.height / by) };
  const [columns, rows] = [Math.ceil(own.width / pyramid.tile), Math.ceil(own.height / pyramid.tile)];
  const urls = Array.from({ length: columns * rows }, (_, i) => pyramid.url(level, i % columns, Math.floor(i / columns)));
  return { ...size, urls, columns, tile: pyramid.tile, level: own };
}

/** Fetch the tiles and return the picture at its size. Runs in a worker: no key waits for a picture to be decoded. */
export async function compose({ urls, columns, tile, level, width, height }: Whole): Promise<ImageBitmap> {
  const canvas = new OffscreenCanvas(level.width, level.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  await Promise.all(
    urls.map(async (url, index) => {
      const answer = await fetch(url, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`tile ${answer.status}`);
      const bitmap = await createImageBitmap(await answer.blob());
      context.drawImage(bitmap, (index % columns) * tile, Math.floor(index / columns) * tile);
      bitmap.close();
    }),
  );
  if (level.width === width && level.height === height) return canvas.transferToImageBitmap();
  return createImageBitmap(canvas, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
}
