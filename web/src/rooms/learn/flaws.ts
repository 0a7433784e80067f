/** The flaws that machines leave, as one learns to spot them. Pictures: scripts/flaws.py makes them from the sample shoot. */
const PICTURES = import.meta.glob("./flaws/*.webp", { eager: true, query: "?url", import: "default" }) as Readonly<Record<string, string>>;

export interface Flaw {
  readonly id: string;
  readonly word: string;
  /** What made it. */
  readonly from: string;
  readonly spot: string;
  /** Keys and overlays that show it: ids of actions. */
  readonly keys: readonly string[];
  /** Checks that look for it. */
  readonly checks: readonly string[];
  readonly mend: string;
}

const of = (id: string, word: string, from: string, spot: string, keys: readonly string[], checks: readonly string[], mend: string): Flaw => ({ id, word, from, spot, keys, checks, mend });

export const FLAWS: readonly Flaw[] = [
  of("crumbs", "Crumbs of shadow", "a cut-out that took a contact shadow for the product", "Look along the foot and inside rings: gray specks on white, soft where the product is hard.", ["review.box-next", "review.white"], ["residue"], "Amend: erase them, or scribble over one. A cut-out below 0.9 sure shows its doubtful edges as boxes."),
  of("filled-hole", "A hole that was filled", "a cut-out that kept what a handle frames", "Follow every handle, strap and loop: what shows through must be the new background.", ["review.mask", "review.toggle"], ["uneven_mask", "residue"], "Amend: switch holes on, or take the inside away with one click."),
  of("rim", "A rim of the old backdrop", "an outline a few pixels outside the product", "At 200 % a light or gray line runs along the edge; it is plainest on dark products.", ["review.two-hundred", "review.white"], ["halo"], "Amend: move the edge inward by a pixel, or return with “gray or light rim”."),
  of("shaved", "Hair and fur shaved off", "a smooth outline where there is none", "A fuzzy thing with a clean contour. Compare with the original: single hairs must run out.", ["review.toggle", "review.wipe"], ["frayed_edge"], "Amend: scribble over the fringe; else return it to a specialist with a mark on the place."),
  of("missing", "A thin part that went missing", "an outline that was smoothed before it was cut", "Count what sticks out: handles, straps, spouts, prongs. Toggle before and after; everything must stay.", ["review.toggle", "review.mask"], [], "Amend: follow the lost part with the path, or click it back."),
  of("invented", "Letters that were made up", "an inpaint or a generative fill", "Read every word, aloud. Melted, mirrored or missing strokes are invented.", ["review.difference", "review.toggle"], [], "Reject it. No check can read a brand: this one is yours."),
  of("repeated", "A texture that repeats", "a patch copied over a blemish", "The same grain, speck or stitch twice in a row. Squint, or show the difference.", ["review.difference", "review.two-hundred"], [], "Return with a mark on both places; heal from farther away."),
  of("plastic", "Texture turned to plastic", "noise reduction or skin smoothing", "Leather without grain, skin without pores, cloth without thread. Edges stay sharp, areas go flat.", ["review.toggle", "review.hundred"], ["sharpness"], "Amend: less of it. Skin is looked at at 200 % before anybody can approve."),
  of("oversharp", "Sharpened too much", "sharpening on top of sharpening", "A white and a black line along every edge, and noise that sparkles.", ["review.hundred", "review.clip"], ["halo", "clipping"], "Amend: take the amount of sharpening down, and look at 100 %."),
  of("cast", "The lamp’s color, taken for the product’s", "a white balance that was sure and wrong", "Gray is not gray: read a* and b* under the pointer on paper or backdrop; both should be near 0.", ["review.hero", "review.side"], ["mixed_light", "color_difference"], "Amend: balance it, then copy it to the set. Beside the hero it shows at once."),
];

export const picture = (flaw: Flaw, side: "flawed" | "right"): string => PICTURES[`./flaws/${flaw.id}-${side}.webp`] ?? "";
