/** How far a picture's subject stands from the hero's, as ΔE00 of their mean colors, measured on what is shown of both. */
import { pixelsAt } from "../ui/bins";
import { deltaE2000 } from "./lab";
import { toneOf, type Tone } from "./tone";

/** From here on two pictures of a set are seen to differ side by side. */
export const HERO_LIMIT = 3;

const known = new Map<string, Promise<Tone | null>>();
function toneAt(src: string): Promise<Tone | null> {
  const found = known.get(src);
  if (found) return found;
  const coming = pixelsAt(src).then(toneOf);
  known.set(src, coming);
  coming.catch(() => known.delete(src));
  for (const oldest of known.keys()) {
    if (known.size <= 500) break;
    known.delete(oldest);
  }
  return coming;
}

/** Return ΔE00 between two pictures; null where one shows no subject, or can't be read. */
export async function toHero(hero: string, picture: string): Promise<number | null> {
  try {
    const [one, other] = await Promise.all([toneAt(hero), toneAt(picture)]);
    return one && other ? deltaE2000(one.mean, other.mean) : null;
  } catch {
    return null;
  }
}
