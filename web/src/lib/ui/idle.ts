/** Work that can wait until nothing is shown or answered. */

const LATEST_MS = 1500;

/** Do `work` when the page has time, within a second and a half all the same. */
export const whenIdle = (work: () => void): void => void requestIdleCallback(work, { timeout: LATEST_MS });
