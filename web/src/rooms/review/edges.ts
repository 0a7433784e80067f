/** Where the edge of a matte is softest or most ragged: the places to look at before anybody approves it. Pure on arrays. */
import type { Box } from "../../lib/stage/geometry";

/** Side of a place, as a share of the frame's longer side. */
const SIDE = 0.14;

/**
 * Return at most `most` places, the most doubtful first, in 0..1 of the matte.
 *
 * A pixel counts as doubtful by how far it is from all or nothing, and by how often the edge turns beside it; places
 * that overlap by more than a third are one.
 */
export function edgePlaces(alpha: Uint8Array, width: number, height: number, most = 4): Box[] {
  const doubt = new Float32Array(width * height);
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const own = (alpha[at] ?? 0) / 255;
      const soft = 4 * own * (1 - own);
      const jump = Math.abs((alpha[at + 1] ?? 0) - (alpha[at - 1] ?? 0)) + Math.abs((alpha[at + width] ?? 0) - (alpha[at - width] ?? 0));
      doubt[at] = soft + 0.25 * Math.min(1, jump / 255);
    }
  }
  const sums = integral(doubt, width, height);
  const side = Math.max(4, Math.round(SIDE * Math.max(width, height)));
  const places: { x: number; y: number; value: number }[] = [];
  const step = Math.max(1, Math.round(side / 4));
  for (let y = 0; y + side <= height; y += step) {
    for (let x = 0; x + side <= width; x += step) {
      const value = areaSum(sums, width, x, y, side, side);
      if (value > side * 0.1) places.push({ x, y, value });
    }
  }
  places.sort((a, b) => b.value - a.value);
  const chosen: typeof places = [];
  for (const each of places) {
    if (chosen.length >= most) break;
    if (chosen.every((one) => Math.max(Math.abs(one.x - each.x), Math.abs(one.y - each.y)) > side * 0.66)) chosen.push(each);
  }
  return chosen.map(({ x, y }) => [x / width, y / height, (x + side) / width, (y + side) / height]);
}

function integral(values: Float32Array, width: number, height: number): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0; x < width; x += 1) {
      row += values[y * width + x] ?? 0;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] ?? 0) + row;
    }
  }
  return sums;
}

function areaSum(sums: Float64Array, width: number, x: number, y: number, w: number, h: number): number {
  const at = (column: number, row: number): number => sums[row * (width + 1) + column] ?? 0;
  return at(x + w, y + h) - at(x, y + h) - at(x + w, y) + at(x, y);
}
