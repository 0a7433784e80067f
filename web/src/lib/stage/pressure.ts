/** A pen presses harder and softer along a line: the line becomes pieces, each of one breadth. Pure. */
import type { Point } from "./geometry";

/** A place on a drawn line; of a pen, how hard it pressed, 0..1. */
export interface Touch extends Point {
  readonly pressure?: number;
}
export interface Piece<T extends Touch> {
  readonly points: readonly T[];
  /** Of the brush's own breadth, 0..1. */
  readonly share: number;
}

const STEPS = 16;
/** A touch as light as this is still seen. */
const LEAST = 1 / STEPS;

/** Return the pieces of a line, joined end to end; one piece of full breadth where nothing was pressed. */
export function piecesOf<T extends Touch>(line: readonly T[]): Piece<T>[] {
  const pieces: { points: T[]; share: number }[] = [];
  let eased = line[0]?.pressure ?? 1;
  for (const touch of line) {
    eased += ((touch.pressure ?? 1) - eased) / 2; // a hand trembles; a breadth does not
    const last = pieces.at(-1);
    // Another breadth only where it differs by more than a step, so that one hand is not a hundred pieces.
    if (last && Math.abs(eased - last.share) <= 1 / STEPS) last.points.push(touch);
    else {
      last?.points.push(touch);
      pieces.push({ points: [touch], share: Math.max(LEAST, Math.round(eased * STEPS) / STEPS) });
    }
  }
  return pieces;
}
