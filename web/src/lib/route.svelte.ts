/** Where one is: the part after `#`, so that every place is a link, survives reload, and asks nothing of the server. */

export interface Place {
  readonly room: string;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [room = "", ...parts] = path.split("/").map(decode);
  return { room: room || "board", parts, query: new URLSearchParams(query) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What follows `#` on the page of a link is a secret, never a place. */
const here = $state<{ place: Place; words: readonly string[] }>({ place: placeOf(location.hash), words: [] });
function arrive(): void {
  here.place = placeOf(location.hash);
  here.words = [];
}
window.addEventListener("hashchange", arrive);

export const place = (): Place => here.place;

/** Where one is in words: the shoot and the product, never the id of a file. A room that knows better says so. */
export const placeWords = (): readonly string[] => (here.words.length ? here.words : here.place.parts.slice(0, 2));
export function sayPlace(...words: readonly string[]): void {
  here.words = words;
}

/** Return the link to a place. */
export function link(room: string, ...parts: readonly string[]): string {
  return `#/${[room, ...parts].map(encodeURIComponent).join("/")}`;
}

export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  arrive();
}
