/** Marks that people leave on a picture, in 0..1 of the upright original. */
import type { Point } from "./geometry";

export interface Pin extends Point {
  readonly id: string;
  readonly letter: string;
  readonly word: string;
}

export interface Ink {
  readonly id: string;
  readonly points: readonly Point[];
  /** Of a brush: its radius as a share of the width, and whether it takes away. */
  readonly radius?: number;
  readonly takes?: boolean;
}

/** A round place, 0..1 of the original; its radius as a share of the width. */
export interface Ring extends Point {
  readonly radius: number;
  readonly word: string;
}

export type Surround = "canvas" | "white" | "gray" | "black";
export const SURROUNDS: readonly Surround[] = ["canvas", "white", "gray", "black"];

/** The letter of the n-th mark: A, B, ... Z, AA. */
export function letterOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : letterOf(Math.floor(index / 26) - 1) + letter;
}
