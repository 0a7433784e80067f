/** Which parts of a region were on the screen: cells of a grid over it, ticked as the view passes. Pure. */
import type { Box, Size } from "./geometry";

export const CELLS = 6;
export interface Grid {
  readonly columns: number;
  readonly rows: number;
}
const SIX: Grid = { columns: CELLS, rows: CELLS };
/** Cells of a whole picture are no larger than this, so that none counts as seen of which a window shows the middle alone. */
const CELL_PX = 400;

/** The grid over a whole picture that is looked at in pixels. */
export const gridOf = (size: Size): Grid => ({ columns: Math.max(CELLS, Math.ceil(size.width / CELL_PX)), rows: Math.max(CELLS, Math.ceil(size.height / CELL_PX)) });

/** The place of a cell, 0..1. */
export function cellOf(index: number, region: Box, { columns, rows }: Grid = SIX): Box {
  const [width, height] = [(region[2] - region[0]) / columns, (region[3] - region[1]) / rows];
  const [x, y] = [region[0] + (index % columns) * width, region[1] + Math.floor(index / columns) * height];
  return [x, y, x + width, y + height];
}

/** Tick every cell of `region` whose middle lies in `view`; returns the same set. */
export function tick(seen: Set<number>, region: Box, view: Box, grid: Grid = SIX): Set<number> {
  for (let index = 0; index < grid.columns * grid.rows; index += 1) {
    const cell = cellOf(index, region, grid);
    const [x, y] = [(cell[0] + cell[2]) / 2, (cell[1] + cell[3]) / 2];
    if (x >= view[0] && x <= view[2] && y >= view[1] && y <= view[3]) seen.add(index);
  }
  return seen;
}

/** Return the share of a region that was shown, 0..1. */
export const shareOf = (seen: ReadonlySet<number>, { columns, rows }: Grid = SIX): number => seen.size / (columns * rows);

/** The first cell that was not shown yet, or -1. */
export function firstUnseen(seen: ReadonlySet<number>, { columns, rows }: Grid = SIX): number {
  for (let index = 0; index < columns * rows; index += 1) if (!seen.has(index)) return index;
  return -1;
}
