/** CIE L*a*b* and the color difference of two screen pixels, for the read-out under the pointer. Pure. */

export type Lab = readonly [number, number, number];

const decode = (code: number): number => {
  const v = code / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
};

/** sRGB code values (IEC 61966-2-1) to L*a*b* under D65, the white of the screen. */
export function labOf(r8: number, g8: number, b8: number): Lab {
  const [r, g, b] = [decode(r8), decode(g8), decode(b8)];
  const xyz = [
    (0.4123908 * r + 0.3575843 * g + 0.1804808 * b) / 0.9504559,
    0.212639 * r + 0.7151687 * g + 0.0721923 * b,
    (0.0193308 * r + 0.1191948 * g + 0.9505322 * b) / 1.0890578,
  ].map((t) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116));
  const [x = 0, y = 0, z = 0] = xyz;
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const rad = (deg: number): number => (deg * Math.PI) / 180;

/** CIEDE2000 (Sharma, Wu, Dalal 2005), with kL = kC = kH = 1. */
export function deltaE2000([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const meanC = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(meanC ** 7 / (meanC ** 7 + 25 ** 7)));
  const [p1, p2] = [(1 + g) * a1, (1 + g) * a2];
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)];
  const hue = (p: number, b: number) => (p === 0 && b === 0 ? 0 : ((Math.atan2(b, p) * 180) / Math.PI + 360) % 360);
  const [h1, h2] = [hue(p1, b1), hue(p2, b2)];
  const gray = c1 * c2 === 0;
  let dh = gray ? 0 : h2 - h1;
  if (dh > 180) dh -= 360;
  if (dh < -180) dh += 360;
  const dL = l2 - l1;
  const dC = c2 - c1;
  const dH = 2 * Math.sqrt(c1 * c2) * Math.sin(rad(dh / 2));
  const L = (l1 + l2) / 2;
  const C = (c1 + c2) / 2;
  let H = h1 + h2;
  if (!gray) H = Math.abs(h1 - h2) <= 180 ? H / 2 : H < 360 ? (H + 360) / 2 : (H - 360) / 2;
  const t = 1 - 0.17 * Math.cos(rad(H - 30)) + 0.24 * Math.cos(rad(2 * H)) + 0.32 * Math.cos(rad(3 * H + 6)) - 0.2 * Math.cos(rad(4 * H - 63));
  const sL = 1 + (0.015 * (L - 50) ** 2) / Math.sqrt(20 + (L - 50) ** 2);
  const sC = 1 + 0.045 * C;
  const sH = 1 + 0.015 * C * t;
  const rC = 2 * Math.sqrt(C ** 7 / (C ** 7 + 25 ** 7));
  const rT = -Math.sin(rad(60 * Math.exp(-(((H - 275) / 25) ** 2)))) * rC;
  return Math.sqrt((dL / sL) ** 2 + (dC / sC) ** 2 + (dH / sH) ** 2 + rT * (dC / sC) * (dH / sH));
}
