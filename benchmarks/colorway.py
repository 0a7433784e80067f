"""How well a product's color is measured, named and told from its other colorways.

    python benchmarks/colorway.py ../shared/data > benchmarks/results/colorway.md

Shop labels are families ("blue" is sky, blue and navy), so names are held against families. The two halves are by
article; constants were chosen on made pictures and on the first half.
"""

from __future__ import annotations

import csv
import itertools
import sys
import time
import zlib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from safelight.pixels.color.spaces import convert
from safelight.pixels.measure.colorway import group_colorways, measure_colorway
from safelight.reports.calibration import wilson

# The family of a shop's label, and our names that belong to it.
FAMILIES = {
    "black": {"black", "charcoal"},
    "gray": {"gray", "charcoal", "silver"},
    "white": {"white", "silver", "cream"},
    "brown": {"brown", "camel", "beige", "khaki", "olive"},
    "red": {"red", "burgundy", "pink"},
    "orange": {"orange"},
    "yellow": {"yellow", "cream"},
    "green": {"green", "mint", "teal", "olive", "turquoise"},
    "blue": {"blue", "navy", "sky", "turquoise"},
    "purple": {"purple", "lilac"},
}


def load(path: Path):
    with Pillow.open(path) as opened:
        opened.thumbnail((400, 400))
        pixels = np.asarray(opened.convert("RGB"), np.float32) / 255
    return convert(pixels, "srgb", "linear_rec2020")


def rows(data: Path):
    with (data / "ecommerce/catalogue/labels.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["colour"]:
                yield data / "ecommerce/catalogue" / row["file"], row["sku"], row["colour"], row["view"]
    with (data / "shoot-a/truth.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            whole = row["readable"] == "yes" and row["defect"] in ("none", "")
            if row["sku"] and row["colour"] and whole and row["file"].endswith(".jpg"):
                yield data / "shoot-a" / row["file"], row["sku"], row["colour"], row["view"]


def half(sku: str) -> int:
    return zlib.crc32(sku.removeprefix("24-").encode()) % 2


def adjusted_rand(truth, found) -> float:
    """Hubert and Arabie's adjusted Rand index."""

    def pairs(counts):
        return sum(n * (n - 1) / 2 for n in counts)

    both = pairs(Counter(zip(truth, found, strict=True)).values())
    one, other = pairs(Counter(truth).values()), pairs(Counter(found).values())
    all_ = len(truth) * (len(truth) - 1) / 2
    chance = one * other / all_ if all_ else 0
    most = (one + other) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def share(hits: int, tries: int) -> str:
    low, high = wilson(hits, tries)
    return f"{hits} of {tries} ({hits / max(tries, 1):.2f}, 95 % {low:.2f} to {high:.2f})"


def main() -> None:
    data = Path(sys.argv[1])
    began = time.perf_counter()
    seen = [(path, sku, label, view, measure_colorway(load(path))) for path, sku, label, view in rows(data)]
    seconds = time.perf_counter() - began
    print("# Colorways\n\n`python benchmarks/colorway.py ../shared/data > benchmarks/results/colorway.md`\n")
    print(f"{len(seen)} pictures of {len({s for _, s, _, _, _ in seen})} articles, ", end="")
    print(f"{seconds / len(seen) * 1000:.0f} ms each with reading and shrinking. Labels are the shop's.\n")
    print("| Measured | First half (seen while building) | Second half |\n|---|---|---|")
    for title, judge in (
        ("Name in the label's family", naming),
        ("Pairs of one colorway joined", joined),
        ("Pairs of two colorways kept apart", apart),
    ):
        print(f"| {title} | {' | '.join(share(*judge([s for s in seen if half(s[1]) == at])) for at in (0, 1))} |")
    values = [f"{rand([s for s in seen if half(s[1]) == at]):.2f}" for at in (0, 1)]
    print(f"| Adjusted Rand index over articles with 2 views and more | {' | '.join(values)} |")
    confusion(seen)
    misses(seen)
    print(
        "\nThe striped hoodie mh12 is nearly gray in both of its colorways: its pairs lie at the limit, and 3 of "
        "them go one way at 160 px and the other at 240 px."
    )
    degraded(data)


def naming(seen):
    hits = [found.name in FAMILIES.get(label, {label}) for _, _, label, _, found in seen]
    return sum(hits), len(hits)


def by_article(seen):
    articles = defaultdict(dict)
    for path, sku, label, _, found in seen:
        articles[sku.removeprefix("24-")][path.name] = (label, found)
    return {sku: views for sku, views in articles.items() if len(views) > 1}


def pairs_of(seen):
    for views in by_article(seen).values():
        groups = group_colorways({name: found for name, (_, found) in views.items()})
        group = {view: name for name, held in groups.items() for view in held}
        for one, other in itertools.combinations(views, 2):
            yield views[one][0] == views[other][0], group[one] == group[other], one, other


def joined(seen):
    found = [together for same, together, _, _ in pairs_of(seen) if same]
    return sum(found), len(found)


def apart(seen):
    found = [not together for same, together, _, _ in pairs_of(seen) if not same]
    return sum(found), len(found)


def rand(seen):
    truth, found = [], []
    for sku, views in by_article(seen).items():
        groups = group_colorways({name: each for name, (_, each) in views.items()})
        for name, held in groups.items():
            for view in held:
                truth.append((sku, views[view][0]))
                found.append((sku, name))
    return adjusted_rand(truth, found)


def confusion(seen):
    table = Counter((label, found.name) for _, _, label, _, found in seen)
    names = sorted({name for _, name in table})
    print("\nShop's label (rows) against our name:\n\n| | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for label in sorted({label for label, _ in table}):
        print(f"| **{label}** | " + " | ".join(str(table[label, name] or "") for name in names) + " |")


def misses(seen):
    wrong = [(p.name, label, found.name) for p, _, label, _, found in seen if found.name not in FAMILIES[label]]
    print("\nOut of the family: " + "; ".join(f"{name} is sold as {label}, named {own}" for name, label, own in wrong))
    pairs = [(a, b, same) for same, together, a, b in pairs_of(seen) if same != together]
    print("\nWrong pairs: " + "; ".join(f"{a} and {b} {'kept apart' if same else 'joined'}" for a, b, same in pairs))


def degraded(data: Path):
    print(
        "\nThe same pictures with a known cast or shift, uncorrected: does the name stay?\n\n| Shift | Stays |\n"
        "|---|---|"
    )
    held = defaultdict(list)
    for path in sorted((data / "wb-exposure/product").glob("*__*.jpg")):
        plain = path.with_name(path.name.split("__")[0] + ".jpg")
        same = measure_colorway(load(path)).name == measure_colorway(load(plain)).name
        held[path.stem.split("__")[1]].append(same)
    for shift, stays in sorted(held.items()):
        print(f"| {shift} | {sum(stays)} of {len(stays)} |")


if __name__ == "__main__":
    main()
