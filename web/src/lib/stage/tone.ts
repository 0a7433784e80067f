/**
 * The tone of a picture in four numbers, so that a collection can be held together: warmth, contrast depth, highlight
 * softness, shadow density (R142). Measured on the subject: near-white ground is left out. Pure on arrays.
 */
import { labOf, type Lab } from "./lab";

export interface Tone {
  /** Mean b* of the subject: above 0 is warm. */
  readonly warmth: number;
  /** L* from the 5th to the 95th percentile. */
  readonly contrast: number;
  /** L* from the 95th to the 99.5th percentile: how gently the lights end. */
  readonly highlight: number;
  /** L* of the 5th percentile: low is dense. */
  readonly shadow: number;
  readonly mean: Lab;
}

const GROUND_L = 96; // lighter and neutral counts as the white that a packshot lies on

/** Measure RGBA pixels; null where there is no subject. */
export function toneOf(rgba: Uint8ClampedArray): Tone | null {
  const light: number[] = [];
  let [sumL, sumA, sumB] = [0, 0, 0];
  for (let i = 0; i < rgba.length; i += 4) {
    const [l, a, b] = labOf(rgba[i] ?? 0, rgba[i + 1] ?? 0, rgba[i + 2] ?? 0);
    if (l > GROUND_L && Math.hypot(a, b) < 4) continue;
    light.push(l);
    sumL += l;
    sumA += a;
    sumB += b;
  }
  const count = light.length;
  if (count < 50) return null;
  light.sort((x, y) => x - y);
  const at = (share: number): number => light[Math.min(count - 1, Math.floor(share * count))] ?? 0;
  return {
    warmth: sumB / count,
    contrast: at(0.95) - at(0.05),
    highlight: at(0.995) - at(0.95),
    shadow: at(0.05),
    mean: [sumL / count, sumA / count, sumB / count],
  };
}

export const TRAITS = [
  { key: "warmth", word: "Warmth", unit: "b*", apart: 6 },
  { key: "contrast", word: "Contrast depth", unit: "L*", apart: 15 },
  { key: "highlight", word: "Highlight softness", unit: "L*", apart: 8 },
  { key: "shadow", word: "Shadow density", unit: "L*", apart: 12 },
] as const;
export type Trait = (typeof TRAITS)[number]["key"];

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};
