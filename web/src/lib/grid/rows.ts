/** Which rows of a grid are on the screen. Pure. */

export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Return the cells, `last` not included, that a view of `height` at `top` needs, with `spare` rows around it. */
export function cellsInView(count: number, columns: number, rowHeight: number, top: number, height: number, spare = 3): Span {
  const rows = Math.ceil(count / columns);
  const first = Math.max(0, Math.floor(top / rowHeight) - spare);
  const last = Math.min(rows, Math.ceil((top + height) / rowHeight) + spare);
  return { first: Math.min(count, first * columns), last: Math.min(count, last * columns) };
}

export const columnsFor = (width: number, wanted: number): number => Math.max(1, Math.floor(width / wanted));

/** Return how many lines a view of `height` needs at most, wherever it stands. */
export const slotsFor = (rowHeight: number, height: number, spare = 3): number => Math.ceil(height / rowHeight) + 1 + 2 * spare;

/** Return the row that a slot shows while `first` is the first row shown: the same slot keeps its row as long as it is shown. */
export const rowOfSlot = (slot: number, first: number, slots: number): number => first + ((((slot - first) % slots) + slots) % slots);
