/** How the light of a picture is spread: 64 bins of each channel and of luma, as display-encoded 8-bit codes. Pure on arrays. */

export const BINS = 64;

export interface Spread {
  readonly red: readonly number[];
  readonly green: readonly number[];
  readonly blue: readonly number[];
  readonly luma: readonly number[];
  /** Shares of pixels with a channel at 0, and at 255. */
  readonly low: number;
  readonly high: number;
}

export function spreadOf(rgba: Uint8ClampedArray): Spread {
  const [red, green, blue, luma] = [0, 1, 2, 3].map(() => new Array<number>(BINS).fill(0)) as [number[], number[], number[], number[]];
  let [low, high] = [0, 0];
  const add = (bins: number[], code: number): void => void (bins[code >> 2] = (bins[code >> 2] ?? 0) + 1);
  for (let i = 0; i < rgba.length; i += 4) {
    const [r, g, b] = [rgba[i] ?? 0, rgba[i + 1] ?? 0, rgba[i + 2] ?? 0];
    add(red, r);
    add(green, g);
    add(blue, b);
    add(luma, Math.round(0.2126 * r + 0.7152 * g + 0.0722 * b));
    if (!r || !g || !b) low += 1;
    if (r === 255 || g === 255 || b === 255) high += 1;
  }
  const count = Math.max(1, rgba.length / 4);
  return { red, green, blue, luma, low: low / count, high: high / count };
}

/** Return the pixels of a picture, shrunk to `side`: what is measured here is spread, not detail. */
export function pixelsOf(source: CanvasImageSource, width: number, height: number, side = 256): Uint8ClampedArray {
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height).data;
}

/** Return the pixels of the picture at an address, shrunk. */
export async function pixelsAt(src: string): Promise<Uint8ClampedArray> {
  const image = new Image();
  image.src = src;
  await image.decode();
  return pixelsOf(image, image.naturalWidth, image.naturalHeight);
}

/** SVG path data of a spread in a box of `width` by `height`; roots, so that little is seen beside much. */
export function outline(bins: readonly number[], width: number, height: number, most: number): string {
  const at = (count: number): number => height - Math.sqrt(count / Math.max(1, most)) * height;
  return `M0 ${height}${bins.map((count, index) => `L${((index + 0.5) * width) / BINS} ${at(count).toFixed(1)}`).join("")}L${width} ${height}Z`;
}
