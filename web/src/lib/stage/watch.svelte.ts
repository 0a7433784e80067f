/** What was on the screen, how large and how much of it: a glance counts, a fly-by does not. */
import { shareOf, tick, type Grid } from "./coverage";
import type { View } from "./deck";
import type { Box } from "./geometry";

export interface Place {
  readonly id: string;
  readonly box: Box;
  /** How large it must be shown: 200 shows each pixel as two by two; 1 is any size. */
  readonly percent: number;
  readonly grid?: Grid;
}

/** How large a place must be shown before an approval, and how much of it; the server says, and refuses by the same. */
export let lookPercent = 200;
let lookShare = 0.9;
export function setLooks(percent: number, share: number): void {
  [lookPercent, lookShare] = [percent, share];
}
const GLANCE_MS = 250;

export class Watch {
  #seen = $state.raw<ReadonlyMap<string, ReadonlySet<number>>>(new Map());
  #timer = 0;

  /** Note a view of a picture; `stands` says whether it is still there and painted side up, `sharp` whether it is all there. */
  look(view: View, key: string, places: readonly Place[], stands: () => boolean, sharp: () => boolean): void {
    window.clearTimeout(this.#timer);
    const large = places.filter((each) => view.scale * 100 >= each.percent - 1);
    if (!large.length) return;
    this.#timer = window.setTimeout(() => {
      if (!stands()) return;
      if (!sharp()) return this.look(view, key, places, stands, sharp);
      const next = new Map(this.#seen);
      for (const each of large) next.set(`${key} ${each.id}`, tick(new Set(this.cells(key, each)), each.box, view.box, each.grid));
      this.#seen = next;
    }, GLANCE_MS);
  }

  cells = (key: string, place: Place): ReadonlySet<number> => this.#seen.get(`${key} ${place.id}`) ?? new Set();
  share = (key: string, place: Place): number => shareOf(this.cells(key, place), place.grid);
  isShown = (key: string, place: Place): boolean => this.share(key, place) >= lookShare;

  /** What of a picture was shown, as the server takes it. */
  told(key: string, places: readonly Place[]): { id: string; box: Box; percent: number; share: number }[] {
    return places.filter((each) => this.share(key, each) > 0).map((each) => ({ id: each.id, box: each.box, percent: each.percent, share: this.share(key, each) }));
  }
}
