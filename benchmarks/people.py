"""Faces, eyes, framing and codes: what is found, what is made up, and what it costs.

    SAFELIGHT_MODELS=.venv/models python benchmarks/people.py ../shared/data [--pictures FOLDER]

Writes benchmarks/results/people.md. `--pictures` writes sheets of what was seen, to look at.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from pathlib import Path

import cv2
import numpy as np
from tests.steps.pictures import Lent

from eyelids import close_eyes
from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.models.people.detect import detect
from safelight.models.people.mesh import mesh_of
from safelight.models.people.view import View
from safelight.models.sessions import missing_for
from safelight.pixels.color.spaces import convert, to_float
from safelight.pixels.measure.eyes import cascade_file, count_hits, head_of, lid_opening, see_eye
from safelight.plugins import step_named

RESULTS = Path(__file__).parent / "results" / "people.md"
AMOUNTS = (0.0, 0.5, 0.75, 1.0)
SIDE = 1600


def load(path):
    found = cv2.imread(str(path))
    return None if found is None else np.ascontiguousarray(found[..., ::-1])


def frame(codes, category="unknown"):
    full = Image(np.ascontiguousarray(codes), "srgb")
    scale = min(1.0, SIDE / max(full.size))
    size = tuple(max(1, round(each * scale)) for each in full.size)
    small = codes if scale == 1.0 else cv2.resize(codes, size, interpolation=cv2.INTER_AREA)
    work = convert(to_float(np.ascontiguousarray(small)), "srgb", "linear_rec2020")
    return Picture(Image(work, "linear_rec2020"), full.size, category=category), Lent(full)


def look(name, codes, category="unknown", **wanted):
    picture, tools = frame(codes, category)
    begun = time.process_time()
    found = step_named(name).propose(picture, None, wanted, tools)
    return found, (time.process_time() - begun) * 1e3


def portraits(data):
    folder = data / "portraits-hands"
    with (folder / "labels.csv").open() as rows:
        return [(row, load(folder / row["file"])) for row in csv.DictReader(rows)]


def recall(data):
    """Faces of the labeled set by skin tone: found, only suspected, missed."""
    lines, wrong = [], []
    tones = {}
    for row, codes in portraits(data):
        facts = look("people", codes, "on_model")[0].facts
        tone = row["skin_tone"] or "not labeled (gestures)"
        counts = tones.setdefault(tone, [0, 0, 0, 0])
        counts[0] += 1
        counts[1] += facts["face_count"] > 0
        counts[2] += facts["face_count"] == 0 and bool(facts["unsure"])
        counts[3] += facts["eyes"] == "cant_tell"
        if facts["eyes"] not in ("open", "cant_tell", "none"):
            wrong.append(row["file"])
    for tone, (number, found, unsure, small) in sorted(tones.items()):
        lines.append(f"| {tone} | {number} | {found} | {unsure} | {number - found - unsure} | {small} |")
    return lines, wrong


def made_up(data):
    """Faces in frames that show none: by names that say so."""
    gear = [p for p in (data / "ecommerce" / "catalogue").glob("*.jpg") if p.name[1] in "bg" and p.name[2].isdigit()]
    fruit = list((data / "ecommerce" / "grocery").glob("*.jpg"))
    clothes = list((data / "ecommerce" / "snapshots").glob("*.jpg"))
    lines, times = [], []
    for what, paths in (("bags, watches, gear", gear), ("groceries", fruit), ("clothes without a body", clothes)):
        faces = unsure = 0
        for path in paths:
            found, spent = look("people", load(path))
            times.append(spent)
            faces += found.facts["face_count"]
            unsure += len(found.facts["unsure"])
        lines.append(f"| {what} | {len(paths)} | {faces} | {unsure} |")
    return lines, times


def far(data):
    """The smallest face found in a frame of 24 MP, by what is asked for."""
    codes = load(data / "portraits-hands" / "kodim18.png")
    lines = []
    for least in (150, 40):
        for face in (40, 60, 80, 120, 160, 240, 400):
            side = round(500 * face / 56)  # its face is 56 px of 500 high
            found = spent = 0
            places = ((0.2, 0.3), (0.7, 0.6), (0.45, 0.1))
            for at in places:
                scene = np.full((4000, 6000, 3), 205, np.uint8)
                scene -= np.random.default_rng(1).integers(0, 12, scene.shape, np.uint8)
                y, x = round(at[1] * (4000 - side)), round(at[0] * (6000 - side))
                how = cv2.INTER_AREA if side < 500 else cv2.INTER_CUBIC
                scene[y : y + side, x : x + side] = cv2.resize(codes, (side, side), interpolation=how)
                seen, took = look("people", scene, "on_model", least_face_px=least)
                found += seen.facts["face_count"] > 0
                spent += took / len(places)
            lines.append(f"| {least} | {face} | {found} of {len(places)} | {spent:.0f} |")
    return lines


def eyes_of(codes):
    """Every witness on both eyes of the first face, and the eyes themselves."""
    view = View(*frame(codes, "on_model"))
    found = detect("face_full_range", view, None, 0.45)
    if not found:
        return [], []
    mesh = mesh_of(view, found[0])
    if mesh.score < 0.8:
        return [], []
    head, seen = head_of(mesh.points), []
    for eye in mesh.eyes:
        width = eye.width * view.reduction
        opening, hits = lid_opening(eye.corners, eye.upper, eye.lower, head), count_hits(eye.patch)
        seen.append(
            {
                "width": width,
                "mesh": lid_opening(eye.corners, eye.mesh_upper, eye.mesh_lower, head),
                "lids": opening,
                "hits": hits,
                "merged": merged_hits(eye.patch),
                "both": see_eye(width, opening, hits, 16).openness,
                "state": see_eye(width, opening, hits, 16).state,
                "patch": eye.patch,
            }
        )
    places = [tuple(p * view.reduction for p in (each.corners, each.upper, each.lower)) for each in mesh.eyes]
    return seen, places


def merged_hits(patch):
    """The eye cascade as it is usually asked: is there an eye, by four hits and more that agree."""
    gray = np.rint(patch @ np.float32([0.2126, 0.7152, 0.0722]) * 255).astype(np.uint8)
    cascade = cv2.CascadeClassifier(str(cascade_file("haarcascade_eye.xml")))
    return float(len(cascade.detectMultiScale(gray, 1.1, 4, minSize=(24, 24))) > 0)


def blinks(data, pictures):
    """Witnesses on open eyes and on proxies of closed ones, in two halves."""
    halves = {
        "catalogue (thresholds set on it)": sorted((data / "ecommerce" / "catalogue").glob("*.jpg")),
        "portraits (not used for them)": [
            p for p in sorted((data / "portraits-hands").iterdir()) if p.suffix != ".csv"
        ],
    }
    lines, sheets = [], []
    for half, paths in halves.items():
        by_amount = {amount: [] for amount in AMOUNTS}
        for path in paths:
            codes = load(path)
            seen, places = eyes_of(codes)
            if not seen or min(each["width"] for each in seen) < 16:
                continue
            row = []
            for amount in AMOUNTS:
                again = seen if amount == 0 else eyes_of(close_eyes(codes, places, amount))[0]
                by_amount[amount] += again
                row += [each["patch"] for each in again]
            if len(row) == 2 * len(AMOUNTS):
                sheets.append(np.hstack(row))
        for key, name in (
            ("mesh", "eye aspect ratio of the mesh"),
            ("lids", "lids of the iris model"),
            ("merged", "eye cascade, yes or no"),
            ("hits", "eye cascade, its hits counted"),
            ("both", "lids and hits together"),
        ):
            values = {a: np.array([each[key] for each in by_amount[a]]) for a in AMOUNTS}
            ratios = " | ".join(f"{auc(values[0.0], values[a]):.3f}" for a in AMOUNTS[:0:-1])
            lines.append(f"| {half} | {name} | {len(values[0.0])} | {ratios} |")
        for amount in AMOUNTS:
            states = [each["state"] for each in by_amount[amount]]
            shares = ", ".join(f"{state} {states.count(state)}" for state in ("open", "narrowed", "closed"))
            lines.append(f"| {half} | *told, lids {amount:.0%} down* | {len(states)} | {shares} | | |")
    if pictures:
        sheet = np.vstack(sheets)
        cv2.imwrite(str(pictures / "eyes.png"), np.rint(sheet[..., ::-1] * 255).astype(np.uint8))
    return lines


def auc(high, low):
    if not len(high) or not len(low):
        return float("nan")
    return float((high[:, None] > low).mean() + 0.5 * (high[:, None] == low).mean())


def costs(data):
    """Processor time a frame of 24 MP; the least of five, for other work runs beside it."""
    codes = load(data / "portraits-hands" / "mh03-black_main.jpg")
    portrait = cv2.resize(codes, (4398, 5454), interpolation=cv2.INTER_CUBIC)
    product = cv2.resize(load(data / "ecommerce" / "catalogue" / "mb01-blue-0.jpg"), (4398, 5454))
    lines = []
    for name, what, picture, category in (
        ("people", "portrait", portrait, "on_model"),
        ("people", "portrait, no hands", portrait, "on_model"),
        ("people", "product", product, "packshot"),
        ("framing", "portrait", portrait, "on_model"),
        ("framing", "product", product, "packshot"),
        ("slate", "portrait", portrait, "on_model"),
        ("slate", "product", product, "packshot"),
    ):
        wanted = {"hands": False} if "no hands" in what else {}
        times = [look(name, picture, category, **wanted)[1] for _ in range(6)][1:]
        lines.append(f"| {name} | {what} | {min(times):.0f} | {np.median(times):.0f} |")
    return lines


def overlays(data, folder):
    """Draw what was found on every portrait."""
    tiles = []
    for row, codes in portraits(data):
        facts = look("people", codes, "on_model")[0].facts
        height, width = codes.shape[:2]
        drawn = np.ascontiguousarray(codes[..., ::-1])
        boxes = [(each["box"], (0, 200, 0)) for each in facts["faces"]]
        boxes += [(each["box"], (0, 140, 255)) for each in facts["unsure"]]
        boxes += [(each["box"], (255, 80, 0)) for each in facts["hands"]]
        for box, color in boxes:
            x0, y0, x1, y1 = (round(v * s) for v, s in zip(box, (width, height, width, height), strict=True))
            cv2.rectangle(drawn, (x0, y0), (x1, y1), color, max(2, width // 200))
        tile = np.full((330, 300, 3), 255, np.uint8)
        scale = 300 / max(height, width)
        small = cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        tile[: small.shape[0], : small.shape[1]] = small
        cv2.putText(tile, f"{row['file'][:18]} {facts['eyes']}", (2, 322), 0, 0.42, (0, 0, 0))
        tiles.append(tile)
    while len(tiles) % 6:
        tiles.append(np.full_like(tiles[0], 255))
    cv2.imwrite(str(folder / "people.png"), np.vstack([np.hstack(tiles[i : i + 6]) for i in range(0, len(tiles), 6)]))


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("data", type=Path)
    words.add_argument("--pictures", type=Path)
    asked = words.parse_args()
    cv2.setNumThreads(1)
    if missing_for(("face_mesh",)):
        raise SystemExit(missing_for(("face_mesh",)))
    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
        overlays(asked.data, asked.pictures)
    found, wrong = recall(asked.data)
    kept = os.environ.get("SAFELIGHT_MODELS", "")
    os.environ["SAFELIGHT_MODELS"] = "/nowhere"
    fallback, _ = recall(asked.data)
    os.environ["SAFELIGHT_MODELS"] = kept
    empty, _ = made_up(asked.data)
    RESULTS.write_text(
        TEMPLATE.format(
            faces="\n".join(found),
            fallback="\n".join(fallback),
            wrong=", ".join(wrong) or "none",
            empty="\n".join(empty),
            far="\n".join(far(asked.data)),
            blinks="\n".join(blinks(asked.data, asked.pictures)),
            costs="\n".join(costs(asked.data)),
            load=f"{os.getloadavg()[0]:.1f}",
        )
    )
    print(RESULTS.read_text())


TEMPLATE = """# Faces, eyes, framing and codes

`SAFELIGHT_MODELS=.venv/models python benchmarks/people.py ../shared/data`

## Faces found, of 18 pictures with one person each

| Skin tone | Pictures | Found | Suspected only | Missed | Eyes too small to tell |
| --- | --- | --- | --- | --- | --- |
{faces}

Open eyes taken for shut ones (limit: none): {wrong}.

The same without models, by the Haar cascade, which never calls eyes shut:

| Skin tone | Pictures | Found | Suspected only | Missed | Eyes not told |
| --- | --- | --- | --- | --- | --- |
{fallback}

## Faces made up

| Frames that show no face | Frames | Faces | Suspected only |
| --- | --- | --- | --- |
{empty}

## Far away: a face pasted at three places of a 24 MP frame

| `least_face_px` | Height of the face, px at 100 % | Found | Processor ms |
| --- | --- | --- | --- |
{far}

## Shut eyes: area under the curve against open ones, eyes of 16 px and more

The shut eyes are **proxies**: the lid of the same portrait drawn down by a half, by three quarters and all the way
(benchmarks/eyelids.py says what they lack). They are weak evidence: a bar to pass, no proof for people. Some of the
people stand in both halves, in other clothes.

| Half | Witness | Open eyes | Shut | Three quarters | Half |
| --- | --- | --- | --- | --- | --- |
{blinks}

## Cost, 24 MP, one processor thread (load of the machine meanwhile: {load})

| Step | Frame | Least ms | Median ms |
| --- | --- | --- | --- |
{costs}
"""


if __name__ == "__main__":
    main()
