/**
 * Pictures in elements that are used again for others: what was there before never stands under another's name, and
 * what has been scrolled past is never asked for.
 */

/** As many as a browser asks one server for at a time: what waits behind them can still be dropped. */
const AT_ONCE = 6;
const AGAIN_MS = 1000;

interface Photo {
  readonly node: HTMLImageElement;
  wanted: string;
  /** Of what the element shows or asks for; "" for nothing. */
  asked: string;
  tries: number;
}
/** The newest last: it is on the screen now, and goes first. */
const queue: Photo[] = [];
let loading = 0;

function next(): void {
  while (loading < AT_ONCE) {
    const photo = queue.pop();
    if (!photo) return;
    if (photo.asked === photo.wanted || photo.asked === BUSY) continue;
    ask(photo);
  }
}

const BUSY = "\0";

function ask(photo: Photo): void {
  const src = photo.wanted;
  photo.asked = BUSY;
  loading += 1;
  const ended = (isThere: boolean): void => {
    loading -= 1;
    photo.asked = isThere ? src : "";
    if (photo.wanted === src) {
      if (isThere) photo.node.style.visibility = "";
      else if (photo.tries++ < 3) window.setTimeout(() => want(photo), AGAIN_MS);
    } else if (photo.wanted) queue.push(photo);
    next();
  };
  photo.node.onload = () => ended(true);
  photo.node.onerror = () => ended(false);
  photo.node.src = src;
}

function want(photo: Photo): void {
  if (!photo.wanted || photo.asked === BUSY) return; // whoever is asked for now comes back to it
  queue.push(photo);
  if (queue.length > 400) queue.splice(0, 200);
  queueMicrotask(next);
}

/** Svelte action: show the picture at `src` once it is there; until then nothing. */
export function shownOnceLoaded(node: HTMLImageElement, src: string): { update: (to: string) => void; destroy: () => void } {
  const photo: Photo = { node, wanted: "", asked: "", tries: 0 };
  function put(to: string): void {
    if (to === photo.wanted) return;
    photo.wanted = to;
    photo.tries = 0;
    node.style.visibility = photo.asked === to ? "" : "hidden";
    if (photo.asked !== to) want(photo);
  }
  node.decoding = "async";
  put(src);
  return {
    update: put,
    destroy() {
      photo.wanted = "";
      if (photo.asked !== BUSY) node.removeAttribute("src");
    },
  };
}
