/** What a person did at culling, step by step, kept in the browser: undo has no limit and survives a reload. */
import { whenIdle } from "../../lib/ui/idle";
import { keep, kept } from "../../lib/ui/kept";

export interface Change {
  readonly id: string;
  readonly path: string;
  readonly from: string;
  readonly to: string;
}
export interface Step {
  readonly at: number;
  readonly changes: readonly Change[];
}
interface Line {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

class History {
  // Raw: each change puts a line of its own, and no step is ever changed.
  private lines = $state.raw<Readonly<Record<string, Line>>>({});
  private unkept = new Set<string>();

  constructor() {
    window.addEventListener("pagehide", () => this.keepNow());
  }

  private line(batch: string): Line {
    return this.lines[batch] ?? kept<Line>(`safelight.cull.${batch}`, { done: [], undone: [] });
  }
  private put(batch: string, line: Line): void {
    this.lines = { ...this.lines, [batch]: line };
    // A day's steps are a long text: it is written when nothing waits for it, and before the page goes.
    if (!this.unkept.size) whenIdle(() => this.keepNow());
    this.unkept.add(batch);
  }
  private keepNow(): void {
    for (const batch of this.unkept) keep(`safelight.cull.${batch}`, this.lines[batch]);
    this.unkept.clear();
  }

  did(batch: string, step: Step): void {
    this.put(batch, { done: [...this.line(batch).done, step], undone: [] });
  }

  undo(batch: string): Step | undefined {
    const { done, undone } = this.line(batch);
    const last = done.at(-1);
    if (last) this.put(batch, { done: done.slice(0, -1), undone: [...undone, last] });
    return last;
  }

  redo(batch: string): Step | undefined {
    const { done, undone } = this.line(batch);
    const last = undone.at(-1);
    if (last) this.put(batch, { done: [...done, last], undone: undone.slice(0, -1) });
    return last;
  }

  count(batch: string): number {
    return this.line(batch).done.length;
  }
}

export const history = new History();
