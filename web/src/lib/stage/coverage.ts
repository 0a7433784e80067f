/** Which parts of a region were on the screen at 200 %: cells of a grid over it, ticked as the view passes. Pure. */
import type { Box } from "./geometry";

export const CELLS = 6;

/** Tick every cell of `region` whose middle lies in `view`; returns the same set. */
export function tick(seen: Set<number>, region: Box, view: Box): Set<number> {
  const width = (region[2] - region[0]) / CELLS;
  const height = (region[3] - region[1]) / CELLS;
  for (let row = 0; row < CELLS; row += 1) {
    for (let column = 0; column < CELLS; column += 1) {
      const x = region[0] + (column + 0.5) * width;
      const y = region[1] + (row + 0.5) * height;
      if (x >= view[0] && x <= view[2] && y >= view[1] && y <= view[3]) seen.add(row * CELLS + column);
    }
  }
  return seen;
}

/** Return the share of a region that was shown, 0..1. */
export const shareOf = (seen: ReadonlySet<number>): number => seen.size / (CELLS * CELLS);
