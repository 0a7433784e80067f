/**
 * Places on a picture. Two grids: the *painted* picture (a version's pixels; evidence boxes are 0..1 of it) and the
 * upright *original* (notes, pins and drawings are 0..1 of it). One projective map joins them. Pure.
 */

/** Rows of a 3 x 3 matrix from painted pixels to upright original pixels, as `version.made` keeps it. */
export type Matrix = readonly (readonly number[])[];

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Left, top, right, bottom. */
export type Box = readonly [number, number, number, number];

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const IDENTITY: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

export function project(matrix: Matrix, point: Point): Point {
  const [a = [], b = [], c = []] = matrix;
  const at = (row: readonly number[]) => (row[0] ?? 0) * point.x + (row[1] ?? 0) * point.y + (row[2] ?? 0);
  const w = at(c) || 1;
  return { x: at(a) / w, y: at(b) / w };
}

/** Return the inverse of a 3 x 3 matrix, by cofactors; the identity for one that has none. */
export function inverse(matrix: Matrix): Matrix {
  const m = (row: number, column: number) => matrix[row]?.[column] ?? 0;
  const minor = (r: number, c: number) => {
    const rows = [0, 1, 2].filter((each) => each !== r) as [number, number];
    const columns = [0, 1, 2].filter((each) => each !== c) as [number, number];
    return m(rows[0], columns[0]) * m(rows[1], columns[1]) - m(rows[0], columns[1]) * m(rows[1], columns[0]);
  };
  const cofactor = (r: number, c: number) => ((r + c) % 2 ? -1 : 1) * minor(r, c);
  const determinant = m(0, 0) * cofactor(0, 0) + m(0, 1) * cofactor(0, 1) + m(0, 2) * cofactor(0, 2);
  if (!determinant) return IDENTITY;
  return [0, 1, 2].map((r) => [0, 1, 2].map((c) => cofactor(c, r) / determinant));
}

/** Carry a place of the painted picture (0..1) onto the original (0..1). */
export function toOriginal(place: Point, painted: Size, original: Size, matrix: Matrix): Point {
  const pixel = project(matrix, { x: place.x * painted.width, y: place.y * painted.height });
  return { x: pixel.x / original.width, y: pixel.y / original.height };
}

/** Carry a place of the original (0..1) onto the painted picture (0..1). */
export function toPainted(place: Point, painted: Size, original: Size, matrix: Matrix): Point {
  const pixel = project(inverse(matrix), { x: place.x * original.width, y: place.y * original.height });
  return { x: pixel.x / painted.width, y: pixel.y / painted.height };
}

const times = (one: Matrix, other: Matrix): Matrix =>
  [0, 1, 2].map((row) => [0, 1, 2].map((column) => [0, 1, 2].reduce((sum, each) => sum + (one[row]?.[each] ?? 0) * (other[each]?.[column] ?? 0), 0)));

/**
 * Return the CSS transform that lays a picture of the whole upright original, drawn `scale` times its pixels from the
 * corner of the stage, onto the painted picture that fills `shown`.
 */
export function onScreenMatrix(scale: number, matrix: Matrix, painted: Size, shown: { x: number; y: number; width: number; height: number }): string {
  const down: Matrix = [[1 / scale, 0, 0], [0, 1 / scale, 0], [0, 0, 1]];
  const place: Matrix = [[shown.width / painted.width, 0, shown.x], [0, shown.height / painted.height, shown.y], [0, 0, 1]];
  const whole = times(times(place, inverse(matrix)), down);
  const last = whole[2]?.[2] || 1;
  const m = (row: number, column: number): number => (whole[row]?.[column] ?? 0) / last;
  return `matrix3d(${[m(0, 0), m(1, 0), 0, m(2, 0), m(0, 1), m(1, 1), 0, m(2, 1), 0, 0, 1, 0, m(0, 2), m(1, 2), 0, 1].join(",")})`;
}
