"""Skin: blemishes of graded strength planted on real faces, moles and freckles that stay, pores kept, by tone group.

    SAFELIGHT_MODELS=... python benchmarks/skin.py [--write] [--every N]

Faces are those of ../shared/data that measure 0.9 px a millimeter and more. What is planted takes light as blood or
melanin does (log2 of linear red, green, blue: 0.20 1 0.75; 0.68 1 1.30) under a soft disc, and the file is written
as JPEG at 93 with halved color: the truth of what is found, healed and left.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from safelight.core.check import Subject
from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import convert, to_float, to_integers
from safelight.pixels.repair.record import outside_hash, said_outside, unpack_repairs
from safelight.plugins import check_named, step_named
from safelight.render.renderer import render
from safelight.runs.bench import LentTools
from safelight.runs.single import MemoryBlobs

DATA = Path(__file__).parents[2] / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "skin.md"
BLOOD, MELANIN = np.float32([0.20, 1.0, 0.75]), np.float32([0.68, 1.0, 1.30])
STRENGTHS, RADII_MM = (0.15, 0.3, 0.6), (1.0, 1.5, 2.5)
EVENED = {"tone": 0.6, "light": 0.5, "shine": 0.6}


def faces() -> list[tuple[str, np.ndarray]]:
    paths = [*sorted(DATA.glob("portraits-hands/*.jpg")), *sorted(DATA.glob("portraits-hands/*.png"))]
    paths += [DATA / "shoot-a" / f"DSC_{each}.jpg" for each in (2113, 2187, 2188)]
    return [(each.name, np.ascontiguousarray(cv2.imread(str(each))[..., ::-1])) for each in paths]


def written(pixels: np.ndarray) -> np.ndarray:
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(pixels[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 93])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


class Done:
    """The step on one file, as `apply` does it."""

    def __init__(self, pixels: np.ndarray, **wanted) -> None:
        self.image = Image(np.ascontiguousarray(pixels), "srgb")
        self.tools = LentTools(MemoryBlobs(), lambda: self.image, {})
        side = max(pixels.shape[:2])
        scale = min(1.0, 1600 / side)
        small = pixels if scale == 1 else cv2.resize(pixels, None, fx=scale, fy=scale)
        work = convert(to_float(np.ascontiguousarray(small)), "srgb", "linear_rec2020")
        picture = Picture(Image(np.ascontiguousarray(work), "linear_rec2020"), self.image.size, category="on_model")
        step = step_named("skin")
        self.proposal = step.propose(picture, None, step.params.accept(wanted), self.tools)
        by = Actor("step", "skin", "1")
        done = EditStep("skin", step.version, self.proposal.params, by, self.proposal.artifacts)
        self.edit = Edit("ab" * 32).with_step(done)
        kept = self.proposal.artifacts.get("repairs")
        self.kept = b"" if kept is None else self.tools.get(kept)

    def painted(self) -> np.ndarray:
        how = {"scene_referred": False, "to_space": "srgb", "dtype": np.uint8}
        return render(self.image, self.edit, step_named, self.tools, **how).image.pixels

    def spots(self, *, healed: bool | None = None) -> list[dict]:
        return [e for e in self.proposal.facts.get("list", ()) if healed is None or e["healed"] == healed]


def free_places(pixels: np.ndarray, seed: int, many: int = 4) -> tuple[list[tuple[int, int]], float]:
    """Places on a face's skin away from creases and from what is there already, and px a millimeter."""
    from safelight.models.people.view import View
    from safelight.steps.skin.face import see_face, sure_faces

    done = Done(pixels)
    side = max(pixels.shape[:2])
    scale = min(1.0, 1600 / side)
    small = pixels if scale == 1 else cv2.resize(pixels, None, fx=scale, fy=scale)
    work = convert(to_float(np.ascontiguousarray(small)), "srgb", "linear_rec2020")
    picture = Picture(Image(np.ascontiguousarray(work), "linear_rec2020"), done.image.size)
    found, _ = sure_faces(View(picture, done.tools))
    face = see_face(picture, done.tools, found[0][1], found[0][2]) if found else None
    if face is None or face.px_per_mm < 0.9:
        return [], 0.0
    unit = face.regions.px_per_mm
    free = (face.skin & ~face.regions.creased).astype(np.uint8)
    for each in face.spots:
        cv2.circle(free, (int(each.x), int(each.y)), int(6 * unit), 0, -1)
    side = int(8 * unit) | 1
    rows, cols = np.nonzero(cv2.erode(free, np.ones((side, side), np.uint8)))
    rng, places = np.random.default_rng(seed), []
    for at in rng.permutation(len(rows))[:400]:
        x, y = face.placed(float(cols[at]) + 0.5, float(rows[at]) + 0.5)
        if all(np.hypot(x - a, y - b) > 12 * face.px_per_mm for a, b in places):
            places.append((round(x), round(y)))
        if len(places) == many:
            break
    return places, face.px_per_mm


def planted(pixels: np.ndarray, places, unit: float, takes: np.ndarray, stops: float, radius_mm: float) -> np.ndarray:
    light = convert(to_float(pixels), "srgb", "linear_srgb")
    radius = radius_mm * unit
    reach = int(3 * radius) + 4
    for x, y in places:
        box = np.s_[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
        rows, cols = np.mgrid[box].astype(np.float32)
        away = np.hypot(rows + 0.5 - y, cols + 0.5 - x)
        cover = np.clip((radius - away) / (0.5 * radius) + 0.5, 0, 1).astype(np.float32)
        cover = cv2.GaussianBlur(cover, (0, 0), max(0.6, 0.25 * radius))
        light[box] *= np.exp2(-stops * takes * cover[..., None])
    return written(to_integers(convert(light, "linear_srgb", "srgb"), np.uint8))


def near(spots, x: float, y: float, size, reach: float) -> list[dict]:
    return [e for e in spots if np.hypot(e["x"] * size[0] - x, e["y"] * size[1] - y) < reach]


def auc(good: list[float], bad: list[float]) -> float:
    if not good or not bad:
        return float("nan")
    return float(np.mean([(a > b) + 0.5 * (a == b) for a in good for b in bad]))


def table(recall, kept_own, residue, by_group, false_by_group, refused):
    yield from ("# Skin", "", (__doc__ or "").split("\n\n")[2].replace("\n", " ").strip(), "")
    many = sum(len(each) for each in false_by_group.values())
    names = ", ".join(f"{name} ({value:.2f})" for name, value in refused)
    yield f"{many} faces are worked on. To a person, with its confidence: {names}."
    yield from ("", "| stops of green taken | radius, mm | blemishes healed | moles and freckles left |")
    yield "| --- | --- | --- | --- |"
    for at in sorted(recall):
        healed = f"{np.mean(recall[at]):.2f} of {len(recall[at])}"
        yield f"| {at[0]:g} | {at[1]:g} | {healed} | {np.mean(kept_own[at]):.2f} |"
    yield from ("", "| color off the untouched skin, mean ΔE00 | before | healed |", "| --- | --- | --- |")
    for stops, pairs in sorted(residue.items()):
        yield f"| {stops:g} stops | {np.mean([a for a, _ in pairs]):.1f} | {np.mean([b for _, b in pairs]):.1f} |"
    yield from ("", "| tone group (ITA) | faces | recall at 0.6 stops | healed on untouched faces, each |")
    yield "| --- | --- | --- | --- |"
    for group, many in sorted(false_by_group.items()):
        found = f"{np.mean(by_group[group]):.2f} of {len(by_group[group])}"
        yield f"| {group.replace('_', ' ')} | {len(many)} | {found} | {np.mean(many):.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    recall, kept_own, residue = defaultdict(list), defaultdict(list), defaultdict(list)
    by_group, false_by_group, texture, blurred = defaultdict(list), defaultdict(list), [], []
    good, bad, refused, outside, seconds = [], [], [], [], []
    for number, (name, source) in enumerate(faces()[:: given.every]):
        pixels = written(source)
        places, unit = free_places(pixels, number)
        untouched = Done(pixels, spots="heal")
        if not places:
            refused.append((name, untouched.proposal.confidence.value))
            continue
        size = untouched.image.size
        group = untouched.proposal.facts["tone_groups"][0]
        false_by_group[group].append(len(untouched.spots(healed=True)))
        own_before = len([e for e in untouched.spots() if e["healed"]])
        for stops in STRENGTHS:
            radius = RADII_MM[(number + STRENGTHS.index(stops)) % 3]
            for radius_mm in RADII_MM if stops >= 0.3 else (radius,):
                after = planted(pixels, places, unit, BLOOD, stops, radius_mm)
                done = Done(after, spots="heal")
                reach = max(2.5, 1.3 * radius_mm * unit)
                hits = [bool(near(done.spots(healed=True), x, y, size, reach)) for x, y in places]
                recall[stops, radius_mm] += hits
                if stops == 0.6:
                    by_group[group] += hits
                right = all(hits) and len(done.spots(healed=True)) <= len(places) + own_before
                (good if right else bad).append(done.proposal.confidence.value)
                painted = done.painted()
                outside.append(
                    not done.kept or outside_hash(painted, unpack_repairs(done.kept)) == said_outside(done.kept)
                )
                for (x, y), hit in zip(places, hits, strict=True):
                    if hit:
                        r = max(2, round(radius_mm * unit))
                        box = np.s_[y - r : y + r + 1, x - r : x + r + 1]
                        means = [
                            to_float(e[box]).reshape(-1, 3).mean(0, dtype=np.float64) for e in (after, painted, pixels)
                        ]
                        labs = [lab_from(np.float32(e)[None], "srgb")[0] for e in means]
                        residue[stops].append([float(delta_e_2000(labs[i], labs[2])) for i in (0, 1)])
                brown = Done(planted(pixels, places, unit, MELANIN, stops, radius_mm), spots="heal")
                kept_own[stops, radius_mm] += [not near(brown.spots(healed=True), x, y, size, reach) for x, y in places]
        began = time.process_time()
        evened = Done(pixels, spots="heal", **EVENED)
        painted = evened.painted()
        seconds.append(time.process_time() - began)
        check = check_named("over_smoothing")
        texture.append(_skin_kept(check, painted, pixels))
        mask = np.zeros(pixels.shape[:2], np.uint8)
        for each in unpack_repairs(evened.kept):
            x0, y0, x1, y1 = each.box
            np.maximum(mask[y0:y1, x0:x1], each.cover, out=mask[y0:y1, x0:x1])
        waxy = np.where(mask[..., None] > 0, cv2.GaussianBlur(pixels, (0, 0), 1.5), pixels)
        blurred.append(_skin_kept(check, waxy, pixels))
    lines = [*table(recall, kept_own, residue, by_group, false_by_group, refused)]
    told, waxy = ([e for e in each if e is not None] for each in (texture, blurred))
    lines += [
        "",
        f"Pores: `over_smoothing` reads {np.mean(told):.0f} % of skin texture kept (worst {min(told):.0f}) on the box "
        f"of {len(told)} faces, healed and evened with {', '.join(f'{k} {v}' for k, v in EVENED.items())}; "
        f"{np.mean(waxy):.0f} % (worst {min(waxy):.0f}) where the same places are blurred by 1.5 px.",
        "",
        f"Outside the masks no code value changed in {sum(outside)} of {len(outside)} painted files. Confidence tells "
        f"files with every planted blemish healed and nothing else ({len(good)}) from all others ({len(bad)}) with an "
        f"AUC of {auc(good, bad):.2f}. {np.mean(seconds):.2f} processor seconds a file, models included.",
    ]
    text = "\n".join(lines)
    print(text)
    if given.write:
        RESULTS.write_text(text + "\n", "utf-8")


def _skin_kept(check, after: np.ndarray, before: np.ndarray) -> float | None:
    """On the box around what changed: elsewhere nothing can have been lost."""
    rows, cols = np.nonzero(cv2.absdiff(after, before).max(axis=2))
    box = np.s_[rows.min() : rows.max() + 1, cols.min() : cols.max() + 1]
    parts = [Image(np.ascontiguousarray(each[box]), "srgb") for each in (after, before)]
    found = check.measure(Subject(*parts))
    return next((e.value for e in found.measures if e.name == "skin_kept"), None)


if __name__ == "__main__":
    main()
