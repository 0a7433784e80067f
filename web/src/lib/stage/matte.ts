/** A matte as the screen needs it: small, and asked at places. */

export interface Matte {
  readonly width: number;
  readonly height: number;
  readonly alpha: Uint8Array;
}

/** Read a matte, at most `side` pixels; 0..1 of it is 0..1 of the upright original. */
export async function readMatte(url: string, side = 512): Promise<Matte> {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the matte could not be read (${answer.status})`);
  const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale))];
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const rgba = context.getImageData(0, 0, width, height).data;
  const alpha = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i += 1) alpha[i] = rgba[i * 4] ?? 0;
  return { width, height, alpha };
}

/** Return the coverage at a place of the original, 0..1; 0 beyond it. */
export function coverageAt(matte: Matte, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= 1 || y >= 1) return 0;
  return (matte.alpha[Math.floor(y * matte.height) * matte.width + Math.floor(x * matte.width)] ?? 0) / 255;
}
