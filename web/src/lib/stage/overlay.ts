/** Overlays that are computed from a tile's own pixels: exact at every level, aligned by construction. Pure on arrays. */

export type OverlayKind = "clip" | "white";

/** Where a channel counts as clipped, in 8-bit code values, and which color tells it. */
export const HIGH = 255;
export const LOW = 0;

/**
 * Return RGBA of the same size: clipping in the color of the channels that are lost, or what is bright yet not pure white.
 *
 * `clip`: at the top the lost channels shine (red, green, blue, or white-magenta for all three), at the bottom blue-black
 * stripes. `white`: magenta wherever a near-white pixel (all channels at least 240) is not 255, 255, 255.
 */
export function overlayOf(kind: OverlayKind, rgba: Uint8ClampedArray, width: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(rgba.length);
  for (let i = 0; i < rgba.length; i += 4) {
    const r = rgba[i] ?? 0;
    const g = rgba[i + 1] ?? 0;
    const b = rgba[i + 2] ?? 0;
    if (kind === "white") {
      if (r >= 240 && g >= 240 && b >= 240 && (r < 255 || g < 255 || b < 255)) {
        out[i] = 230;
        out[i + 1] = 0;
        out[i + 2] = 200;
        out[i + 3] = 255;
      }
      continue;
    }
    const high = (r >= HIGH ? 1 : 0) + (g >= HIGH ? 1 : 0) + (b >= HIGH ? 1 : 0);
    const low = (r <= LOW ? 1 : 0) + (g <= LOW ? 1 : 0) + (b <= LOW ? 1 : 0);
    if (!high && !low) continue;
    const pixel = i / 4;
    const stripe = (pixel + Math.floor(pixel / width)) % 8 < 4;
    if (high && !stripe && high === 3) continue; // stripes, so that what is lost in all three can be told from color
    out[i] = high ? (r >= HIGH ? 255 : 0) : 0;
    out[i + 1] = high ? (high === 3 ? 0 : g >= HIGH ? 255 : 0) : 80;
    out[i + 2] = high ? (high === 3 ? 0 : b >= HIGH ? 255 : 0) : 255;
    out[i + 3] = 255;
  }
  return out;
}
