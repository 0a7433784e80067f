"""Culling: frames a second and how far from bare decodes; focus, near-duplicates, exposure, eyes and classes on truth.

    SAFELIGHT_MODELS=.venv/models python benchmarks/culling.py ../shared/data [--only focus]

Prints the tables that `results/culling.md` keeps. Every number comes from the code that `safelight cull` runs.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from safelight.delivery.packs import pack_names
from safelight.reports.calibration import Look, calibrate, wilson
from safelight.runs import bench
from safelight.runs.faults import LEAST_LONG_SIDE_PX, find_faults
from safelight.runs.intake import take_in
from safelight.runs.pool import WORKER_ENVIRONMENT
from safelight.runs.sort import FACTS_STEPS, name_frames, similar_frames, sort_frames
from safelight.runs.task import IntakeTask, Sizes
from safelight.store import Store
from safelight.store.originals import Reference
from safelight.workflows.guide_file import load_guide
from safelight.workflows.shot_list import NO_SHOTS

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for what tests make

GUIDE = load_guide("house", channels=pack_names())
WITHOUT_FACES = tuple(each for each in FACTS_STEPS if each != "people")


class Look24:
    """Takes files in as a cull does, one after the other, in this process and its decoder."""

    def __init__(self, root: Path) -> None:
        self.root = root / "store"
        with Store.create(self.root):
            pass
        cv2.setNumThreads(1)

    def at(self, path: Path, steps: tuple[str, ...] = FACTS_STEPS) -> dict[str, Any]:
        known = path.stat()
        reference = Reference(str(path), known.st_size, known.st_mtime_ns, "")
        return take_in(IntakeTask(reference, steps, str(self.root), Sizes(1600, 1600, 320), cull_only=True))

    def decoder_seconds(self) -> float:
        child = bench.decoder()._child
        assert child is not None
        told = Path(f"/proc/{child.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def interval(hits: float, tries: int) -> str:
    low, high = wilson(hits, tries)
    return f"{hits / tries:.2f} ({low:.2f} to {high:.2f})" if tries else "none"


def area_under(good: Iterable[float], bad: Iterable[float]) -> float:
    """The probability that a bad one has the larger number."""
    lower, upper = np.asarray(list(good), float), np.asarray(list(bad), float)
    return float(np.mean((upper[:, None] > lower[None]) + 0.5 * (upper[:, None] == lower[None])))


# Pictures of 24 MP


def mirrored(codes: np.ndarray, width: int = 6000, height: int = 4000) -> np.ndarray:
    """A photograph continued by its mirror images to 24 MP: as sharp at 100 % as it was, without seams."""
    rows = np.pad(np.arange(codes.shape[0]), (0, height - codes.shape[0]), mode="symmetric")
    columns = np.pad(np.arange(codes.shape[1]), (0, width - codes.shape[1]), mode="symmetric")
    return np.ascontiguousarray(codes[rows][:, columns])


def enlarged(codes: np.ndarray, width: int = 6000, height: int = 4000, grain: float = 2.0) -> np.ndarray:
    """A photograph enlarged to 24 MP, with grain: what a decoder has to do for a real frame."""
    scale = max(width / codes.shape[1], height / codes.shape[0])
    large = cv2.resize(codes, None, fx=scale, fy=scale, interpolation=cv2.INTER_LANCZOS4)[:height, :width]
    noise = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1.8 * grain, large.shape[:2]), (0, 0), 0.6)
    return np.clip(large + noise[..., None], 0, 255).astype(np.uint8)


def read(path: Path) -> np.ndarray:
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


def write(path: Path, codes: np.ndarray, quality: int = 92, sampling: str = "422") -> Path:
    import simplejpeg

    path.write_bytes(simplejpeg.encode_jpeg(codes, quality, colorsubsampling=sampling))
    return path


def in_light(codes: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Change a picture in linear light."""
    unit = codes.astype(np.float32) / 255
    light = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4).astype(np.float32)
    light = np.clip(change(light), 0, 1)
    back = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(back * 255).astype(np.uint8)


def disk(radius: float) -> np.ndarray:
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return kernel / kernel.sum()


# Speed


def speed(data: Path, look: Look24, folder: Path, frames: int) -> None:
    made = pictures_of(data, folder, min(3, frames))
    print("\n## Speed: 24 MP, processor seconds of worker and decoder\n")
    print(
        "| Frames | Files | MB | Measures | Bare decode s | A frame s | Times the decode | Frames a second on 2 cores |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for words, (files, steps) in made.items():
        _speed_row(words, files, steps, look)


# By the clock


def clock(data: Path, look: Look24, folder: Path, frames: int) -> None:
    """A cull of `frames` files with two workers: the owner, the ledger and the pool take part."""
    import safelight.runs.run as run

    made = pictures_of(data, folder)
    print("\n## By the clock: 24 MP, two workers with a decoder each, owner and ledger beside them\n")
    print("| Frames | Files | Measures | Measured a second | Sorted too, a second | CPU s a frame, all processes |")
    print("| --- | --- | --- | --- | --- | --- |")
    for words, (files, steps) in made.items():
        run.FACTS_STEPS = steps
        card = folder / f"card-{files[0].stem}-{frames}"
        if not card.is_dir():
            card.mkdir()
            for n in range(frames):
                numbered(files[n % len(files)], card / f"IMG_{n:04}{files[0].suffix}", n)
        rate, whole, seconds = _by_the_clock(card, look.root.parent / f"store-{card.name}")
        measures = "all" if "people" in steps else "all but faces"
        print(f"| {words} | {frames} | {measures} | {rate:.1f} | {whole:.1f} | {seconds:.3f} |", flush=True)
    run.FACTS_STEPS = FACTS_STEPS


def _by_the_clock(card: Path, place: Path) -> tuple[float, float, float]:
    from safelight.runs.pool import Job, Pool
    from safelight.runs.progress import Silent
    from safelight.runs.run import Order, run_batch
    from safelight.runs.shoot import list_shoot
    from safelight.settings import Settings

    class Stages(Silent):
        at: list[float]

        def stage(self, name: str, total: int) -> None:
            self.at.append(time.perf_counter())

    shoot, stages = list_shoot(str(card)), Stages()
    stages.at = []
    with Store.create(place) as store, Pool(2) as pool:
        warm = Reference(str(next(card.iterdir())), 0, 0, "")
        task = IntakeTask(warm, FACTS_STEPS, str(store.root), Sizes(1600, 1600, 320), cull_only=True)
        # Four jobs for two workers: both have imported what they need before the clock runs.
        list(pool.run(Job(str(n), take_in, task) for n in range(4)))
        used = _seconds_below(os.getpid())
        run_batch(store, Order(shoot, GUIDE, NO_SHOTS, Settings()), stages, cull_only=True, pool=pool)
        end = time.perf_counter()
        count, begun = len(shoot.files), stages.at[0]
        sorting = stages.at[1]
        return count / (sorting - begun), count / (end - begun), (_seconds_below(os.getpid()) - used) / count


def _seconds_below(process: int) -> float:
    """Processor seconds of a process and all that it started."""
    told = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_seconds_below(int(each)) for each in children)


def numbered(source: Path, target: Path, number: int) -> None:
    """The same picture with other bytes: a comment in its JPEG, a few bytes behind a RAW."""
    data, words = source.read_bytes(), f"frame {number}".encode()
    if source.suffix == ".dng":
        target.write_bytes(data + words)
    else:
        target.write_bytes(data[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + data[2:])


def pictures_of(data: Path, folder: Path, frames: int = 3) -> dict[str, tuple[list[Path], tuple[str, ...]]]:
    """The four kinds of frames, `frames` of each, and what is measured of them; made once in `folder`."""
    from pictures import packshots

    catalogue = sorted((data / "ecommerce" / "catalogue").glob("*.jpg"))[:frames]
    portraits = sorted((data / "portraits-hands").glob("*_main.jpg"))[:frames]
    real = [_made(folder / f"real-{n}.jpg", each) for n, each in enumerate(catalogue)]
    faces = [_made(folder / f"face-{n}.jpg", each) for n, each in enumerate(portraits)]
    plain = sorted((packshots(frames) / "packshots").iterdir())
    return {
        "packshots, rendered": (plain, WITHOUT_FACES),
        "catalogue photographs, enlarged, grain": (real, WITHOUT_FACES),
        "portraits, enlarged, grain": (faces, FACTS_STEPS),
        "RAW with a full-size preview": (raws_with_previews(folder, real), WITHOUT_FACES),
    }


def _made(path: Path, source: Path) -> Path:
    return path if path.is_file() else write(path, enlarged(read(source)))


def _speed_row(words: str, files: list[Path], steps: tuple[str, ...], look: Look24) -> None:
    import simplejpeg

    look.at(files[0], steps)
    look.at(files[0], steps)
    bare, whole = [], []
    for each in files:
        data = previews_of(each) if each.suffix == ".dng" else each.read_bytes()
        height, width, *_ = simplejpeg.decode_jpeg_header(data)
        room = np.empty((height, width, 3), np.uint8)
        simplejpeg.decode_jpeg(data, "RGB", buffer=room)
        # Turn by turn, so that what else the machine does falls on both alike.
        for _ in range(3):
            before = time.process_time()
            simplejpeg.decode_jpeg(data, "RGB", buffer=room)
            bare.append(time.process_time() - before)
            before = time.process_time() + look.decoder_seconds()
            look.at(each, steps)
            whole.append(time.process_time() + look.decoder_seconds() - before)
    size = sum(each.stat().st_size for each in files) / len(files) / 1e6
    a, b = float(np.mean(bare)), float(np.mean(whole))
    measures = "all" if "people" in steps else "all but faces"
    print(f"| {words} | {len(files)} | {size:.1f} | {measures} | {a:.3f} | {b:.3f} | {b / a:.2f} | {2 / b:.1f} |")


def raws_with_previews(folder: Path, jpegs: list[Path]) -> list[Path]:
    """DNGs of 24 MP that carry a full-size JPEG of themselves, as cameras write them."""
    from tests.media.dng import with_preview

    made = []
    for n, each in enumerate(jpegs):
        path = folder / f"raw-{n}.dng"
        if not path.is_file():
            path.write_bytes(with_preview(each.read_bytes()))
        made.append(path)
    return made


def previews_of(path: Path) -> bytes:
    import rawpy

    with rawpy.imread(str(path)) as raw:
        return bytes(raw.extract_thumb().data)


# Focus


def focus(data: Path, look: Look24, folder: Path, frames: int) -> None:
    names = [
        each for each in sorted((data / "ecommerce" / "catalogue").glob("*.jpg")) if min(read(each).shape[:2]) > 800
    ]
    kernels: dict[str, Callable[[np.ndarray], np.ndarray]] = {}
    for px in (1, 2, 3, 4):
        kernels[f"Gaussian, sigma {px} px"] = lambda light, px=px: cv2.GaussianBlur(light, (0, 0), px)
        kernels[f"disk, radius {px} px"] = lambda light, px=px: cv2.filter2D(light, -1, disk(px))
    ours: dict[str, list[float]] = {"sharp": []}
    theirs: dict[str, list[float]] = {"sharp": []}
    missed: Counter[str] = Counter()
    for name in names[:: max(1, len(names) // frames)][:frames]:
        sharp = mirrored(read(name))
        for words, codes in (("sharp", sharp), *((w, in_light(sharp, k)) for w, k in kernels.items())):
            facts = look.at(write(folder / "focus.jpg", codes, 95, "444"), ("focus",))["facts"]["focus"]["facts"]
            missed[words] += facts["blur_px"] is None
            ours.setdefault(words, []).append(facts["blur_px"] if facts["blur_px"] is not None else 0.6)
            gray = cv2.cvtColor(codes, cv2.COLOR_RGB2GRAY)
            theirs.setdefault(words, []).append(-float(cv2.Laplacian(gray, cv2.CV_64F).var()))
    print("\n## Focus: blurred frames of 24 MP told from the same frames sharp, area under the curve\n")
    print(f"{len(ours['sharp'])} photographs, mirrored on to 24 MP, blurred in linear light, JPEG 95.\n")
    print(
        "| Blur | Ours | Variance of Laplacian | Ours reads px, median | Can't tell |\n| --- | --- | --- | --- | --- |"
    )
    print(f"| none | | | {np.median(ours['sharp']):.2f} | {missed['sharp']} |")
    for words in kernels:
        a, b = (area_under(each["sharp"], each[words]) for each in (ours, theirs))
        print(f"| {words} | {a:.3f} | {b:.3f} | {np.median(ours[words]):.2f} | {missed[words]} |")
    a, b = (area_under(each["sharp"], [v for k in kernels for v in each[k]]) for each in (ours, theirs))
    print(f"| **all** | **{a:.3f}** | {b:.3f} | | {sum(missed.values())} |")


# Near-duplicates


def dhash(gray: np.ndarray) -> np.ndarray:
    small = cv2.resize(gray, (9, 8), interpolation=cv2.INTER_AREA)
    return (small[:, 1:] > small[:, :-1]).ravel()


def phash(gray: np.ndarray) -> np.ndarray:
    wave = cv2.dct(cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32))[:8, :8].ravel()[1:]
    return wave > np.median(wave)


def duplicates(data: Path, look: Look24, _folder: Path, _frames: int) -> None:
    home = data / "duplicates" / "real-pairs"
    rows = list(csv.DictReader((home / "pairs.csv").open()))
    found = {each.name: look.at(each, ("metering", "focus", "similarity")) for each in sorted(home.glob("*.jpg"))}
    groups = similar_frames(found, name_frames(found, GUIDE, NO_SHOTS), GUIDE.culling)
    group_of = {asset: each.name for each in groups for asset in each.members}
    where = {name: group_of.get(each["asset"], name) for name, each in found.items()}
    same = [row for row in rows if "NOT" not in row["truth"]]
    other = [row for row in rows if "NOT" in row["truth"]]
    pairs_of_truth = {frozenset((row["a"], row["b"])) for row in same}
    names = sorted(found)
    merged = [
        (a, b)
        for n, a in enumerate(names)
        for b in names[n + 1 :]
        if where[a] == where[b] and frozenset((a, b)) not in pairs_of_truth
    ]
    hits = sum(where[row["a"]] == where[row["b"]] for row in same)
    false = sum(where[row["a"]] == where[row["b"]] for row in other)
    print(
        f"\n## Near-duplicates: {len(same)} second frames, {len(other)} look-alikes, {len(names)} files in one shoot\n"
    )
    print("| Method | Recall | Look-alikes merged | Any two others merged |\n| --- | --- | --- | --- |")
    print(f"| ours | {interval(hits, len(same))} | {interval(false, len(other))} | {len(merged)} |")
    gray = {name: cv2.imread(str(home / name), cv2.IMREAD_GRAYSCALE) for name in names}
    for words, method, bits in (("dhash", dhash, 64), ("phash", phash, 63)):
        codes = {name: method(each) for name, each in gray.items()}
        for limit in (5, 10, 15):
            near = {
                frozenset((a, b))
                for n, a in enumerate(names)
                for b in names[n + 1 :]
                if (codes[a] != codes[b]).sum() <= limit
            }
            hits = sum(frozenset((row["a"], row["b"])) in near for row in same)
            false = sum(frozenset((row["a"], row["b"])) in near for row in other)
            shares = f"{interval(hits, len(same))} | {interval(false, len(other))}"
            print(f"| {words}, {limit} of {bits} bits | {shares} | {len(near - pairs_of_truth)} |")


# Exposure


def exposure(data: Path, look: Look24, folder: Path, frames: int) -> None:
    names = sorted((data / "ecommerce" / "catalogue").glob("*.jpg"))
    shifts = (-3.0, -2.0, -1.0, 0.0, 1.0, 1.5, 2.0)
    told: dict[float, list[str]] = {each: [] for each in shifts}
    for name in names:
        codes = read(name)
        for stops in shifts:
            changed = codes if stops == 0 else in_light(codes, lambda light, stops=stops: light * 2.0**stops)
            found = look.at(write(folder / "exposed.jpg", changed), ("metering", "focus"))
            codes_of = {each.code for each in find_faults(found | {"width": 4000, "height": 3000}, GUIDE.culling)}
            told[stops].append("under" if "underexposed" in codes_of else "over" if "overexposed" in codes_of else "")
    print(f"\n## Exposure: {len(names)} catalogue photographs, shifted in linear light and clipped\n")
    print("| Stops | Called under | Called over | Not called |\n| --- | --- | --- | --- |")
    for stops, words in told.items():
        counts = Counter(words)
        print(f"| {stops:+.1f} | {counts['under']} | {counts['over']} | {counts['']} |")
    for words, kinds in (
        ("two stops and more", (-3.0, -2.0, 2.0)),
        ("under, two stops and more", (-3.0, -2.0)),
        ("all", shifts),
    ):
        hits = sum(w == ("under" if s < 0 else "over") for s in kinds if s != 0 for w in told[s])
        tries, false = sum(len(told[s]) for s in kinds if s != 0), sum(bool(w) for w in told[0.0])
        if words.startswith("under"):
            false = sum(w == "under" for w in told[0.0])
        share = 2 * hits / (hits + tries + false)
        print(f"\nF1, {words}: {share:.3f} ({hits} of {tries} found, {false} of {len(names)} called falsely).")


# Eyes


def eyes(data: Path, look: Look24, _folder: Path, _frames: int) -> None:
    told: Counter[str] = Counter()
    for path in sorted((data / "portraits-hands").iterdir()):
        if path.suffix in (".jpg", ".png"):
            facts = look.at(path)["facts"]["people"]["facts"]
            told[facts["eyes"]] += 1
            if facts["by"] != "models":
                print("\nThe people models are not installed: no eyes are told.")
                return
    print("\n## Eyes: portraits with all eyes open\n\n| Told | Pictures |\n| --- | --- |")
    for state, count in told.most_common():
        print(f"| {state} | {count} |")
    print("\nShut eyes are tested on proxies in `people.md`.")


# Classes


def classes(data: Path, look: Look24, _folder: Path, _frames: int) -> None:
    from safelight.errors import SafelightError

    home = data / "shoot-a"
    truth = {row["file"]: row for row in csv.DictReader((home / "truth.csv").open())}
    found, refused = {}, {}
    for name in sorted(truth):
        if (home / name).is_file():
            try:
                found[name] = look.at(home / name)
            except SafelightError as error:
                refused[name] = str(error)
    named = name_frames(found, GUIDE, NO_SHOTS)
    frames = {each.path: each for each in sort_frames(found, named, similar_frames(found, named, GUIDE.culling), GUIDE)}
    table: Counter[tuple[str, str]] = Counter()
    looks = []
    for name, row in truth.items():
        if name in refused:
            table[_wanted(row), "unreadable"] += 1
        elif name in frames:
            table[_wanted(row), frames[name].cull] += 1
            claim = frames[name].confidence
            if claim is not None:
                kept = _keeps(row, frames[name].cull, max(frames[name].full_size))
                looks.append(Look(claim, kept, frames[name].cull))
    columns = ("pick", "alternate", "reject", "cant_tell", "unreadable")
    print("\n## Classes: shoot-a, its truth (rows) against ours\n")
    print("| A good cull | " + " | ".join(columns) + " |\n| --- |" + " --- |" * len(columns))
    for wanted in sorted({each for each, _ in table}):
        print(f"| {wanted} | " + " | ".join(str(table[wanted, each] or "") for each in columns) + " |")
    _groups(truth, frames)
    told = calibrate(looks)
    print(f"\n## Confidence of the class against that truth, {told.looks} frames, {told.agreed} right\n")
    print("Of a group any frame may be the pick. 'Can't tell' claims nothing and is left out (decision 0052).\n")
    print("| Claimed | Frames | Mean claim | Right |\n| --- | --- | --- | --- |")
    for each in told.bins:
        print(
            f"| {each.low:.1f} to {each.high:.1f} | {each.looks} | {each.claimed:.2f} "
            f"| {each.agreed:.2f} ({each.least:.2f} to {each.most:.2f}) |"
        )
    print(f"\nECE {told.ece:.3f}, AUC {told.auc if told.auc is None else round(told.auc, 3)} {told.auc_interval}.")
    for cull in columns[:3]:
        part = calibrate([each for each in looks if each.cull == cull])
        if part.looks:
            print(f"\n{cull}: {part.agreed} of {part.looks} right, ECE {part.ece:.3f}, AUC {part.auc}.")


def _groups(truth: Mapping[str, Mapping[str, str]], frames: Mapping[str, Any]) -> None:
    asset = {name: each.asset for name, each in frames.items()}
    group = {each.asset: each.group for each in frames.values() if each.group}
    names = sorted(set(truth) & set(frames))
    hits = tries = false = 0
    for n, a in enumerate(names):
        for b in names[n + 1 :]:
            same = bool(truth[a]["near_dup_group"]) and truth[a]["near_dup_group"] == truth[b]["near_dup_group"]
            ours = asset[a] == asset[b] or (asset[a] in group and group[asset[a]] == group.get(asset[b]))
            hits, tries, false = hits + (same and ours), tries + same, false + (ours and not same)
    print(f"\nPairs of one group: {hits} of {tries} found, {false} false.")


def _wanted(row: Mapping[str, str]) -> str:
    word = row["expected"].split(":")[0].strip()
    return "keep" if word.startswith("keep") else word


def _keeps(row: Mapping[str, str], cull: str, side_px: int) -> bool:
    """Whether a reviewer who knows the truth keeps a class that was claimed."""
    wanted = _wanted(row)
    if side_px < LEAST_LONG_SIDE_PX:  # the truth says so itself of one file, of 420 px
        return cull == "reject"
    if wanted == "keep":
        alternate = bool(row["near_dup_group"]) or "color" in row["expected"] or "colour" in row["expected"]
        return cull == "pick" or (cull == "alternate" and alternate)
    if wanted in ("near-duplicate", "exact duplicate"):
        return cull in ("alternate", "pick")
    # What is to be fixed is picked and then fixed; of 'reject or fix' both are right.
    return {"reject": cull == "reject", "fix": cull == "pick", "reject or fix": cull in ("pick", "reject")}.get(
        wanted, False
    )


PARTS = {
    "speed": speed,
    "clock": clock,
    "focus": focus,
    "duplicates": duplicates,
    "exposure": exposure,
    "eyes": eyes,
    "classes": classes,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", default=",".join(each for each in PARTS if each != "clock"))
    parser.add_argument("--pictures", type=Path, help="where pictures are kept that were made before")
    parser.add_argument("--frames", type=int, default=6)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"# Culling\n\n`python benchmarks/culling.py ../shared/data`; load of the machine at the start: {load:.1f}.")
    with tempfile.TemporaryDirectory() as place:
        look = Look24(Path(place))
        for each in asked.only.split(","):
            PARTS[each](asked.data, look, asked.pictures or Path(place), asked.frames)


if __name__ == "__main__":
    # As a run's workers start: one thread a library, huge pages. Libraries read it while they load.
    if any(os.environ.get(name) != value for name, value in WORKER_ENVIRONMENT.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | WORKER_ENVIRONMENT)
    main()
