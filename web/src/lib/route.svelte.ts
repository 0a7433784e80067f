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
const here = $state({ place: placeOf(location.hash) });
window.addEventListener("hashchange", () => (here.place = placeOf(location.hash)));

export const place = (): Place => here.place;

/** Return the link to a place. */
export function link(room: string, ...parts: readonly string[]): string {
  return `#/${[room, ...parts].map(encodeURIComponent).join("/")}`;
}

export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  here.place = placeOf(location.hash);
}
