"""What a delivery costs: approved 24 MP masters to three channels, each file described, signed, read again and judged.

python benchmarks/delivery.py --masters 100 --processes 2 > benchmarks/results/delivery.md
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.delivery import dress, perform
from safelight.delivery.packs import load_pack, pack_names
from safelight.delivery.perform import DeriveTask
from safelight.delivery.signer import make_own
from safelight.media.encode import encode
from safelight.plugins import step_named
from safelight.store import Store
from safelight.workflows.metadata_rules import MetadataRules

CHANNELS = ("amazon-main", "google-merchant", "walmart")
STEPS = ("white_balance", "exposure", "cutout", "crop_to_spec", "background", "sharpen_output")
SIZE = (6000, 4000)
KINDS = 12  # different masters; a hundred would take ten minutes to make and 8 GB to keep


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--masters", type=int, default=6)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--channels", nargs="+", default=list(CHANNELS), choices=pack_names())
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tasks = make_tasks(Path(folder), wanted.masters, wanted.channels)
        began = time.monotonic()
        context = get_context("spawn")
        with ProcessPoolExecutor(wanted.processes, context) as pool:
            found = list(pool.map(work, tasks))
        wall = time.monotonic() - began
    report(found, wall, wanted.processes, wanted.channels)


def make_tasks(folder: Path, number: int, channels: list[str]) -> list[DeriveTask]:
    """Make a task a master: at most `KINDS` different pictures in turn, each worked in full as if it were new."""
    store = Store.create(folder / "store")
    signer, by = make_own(store.marker.store), Actor("step", "bench", "1")
    edit = Edit("ab" * 32)
    for name in STEPS:
        step = step_named(name)
        edit = edit.with_step(EditStep(name, step.version, step.params.accept({}, fill=True), by))
    originals, masters, mattes = [], [], []
    for at in range(min(KINDS, number)):
        image, alpha = picture(at)
        path = folder / f"IMG_{at}.jpg"
        path.write_bytes(encode(Image((image.pixels >> 8).astype(np.uint8), "srgb"), "jpeg", quality=95))
        originals.append(path)
        masters.append(store.blobs.put(encode(image, "tiff")))
        mattes.append(store.blobs.put(cv2.imencode(".png", alpha)[1].tobytes()))
    rules = MetadataRules(creator="Studio", rights="© Acme", data_mining="no_training")
    tasks = []
    for at in range(number):
        which = at % len(masters)
        wear = dress.Wear(
            f"{at:064x}", f"IMG_{at}.jpg", str(originals[which]), "2026-03-01T10:00:00+00:00", "packshot",
            ("front",), rules, (), signer,
        )  # fmt: skip
        wanted = tuple((each, f"A{at:03}.{load_pack(each).output.ending}") for each in channels)
        tasks.append(
            DeriveTask(
                f"{at:064x}",
                masters[which],
                mattes[which],
                json.loads(edit.to_json()),
                "#ffffff",
                wanted,
                wear,
                {},
                str(store.root),
            )
        )
    store.close()
    return tasks


def picture(seed: int) -> tuple[Image, np.ndarray]:
    """A woven product on white, 24 MP, cut out exactly."""
    width, height = SIZE
    rng = np.random.default_rng(seed)
    alpha = np.zeros((height, width), np.uint8)
    cv2.ellipse(alpha, (width // 2, height // 2), (1600, 1700), 20 * seed, 0, 360, 255, -1, cv2.LINE_AA)
    weave = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.2)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    shade = 0.45 + 0.2 * np.sin(x / 11) * np.sin(y / 13) + 0.12 * weave
    share = alpha.astype(np.float32)[..., None] / 255
    tint = np.array([0.8, 0.6, 0.45], np.float32) + np.float32(0.1 * seed)
    pixels = np.clip(shade[..., None] * tint, 0, 1) * share + (1 - share)
    return Image(np.round(pixels * 65535).astype(np.uint16), "srgb"), alpha


def work(task: DeriveTask) -> dict[str, float]:
    """Derive one master's files and return processor seconds by part; the sandbox's own are counted at the end."""
    spent: dict[str, float] = defaultdict(float)

    def timed(name, function):
        def run(*args, **kwargs):
            began = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent[name] += time.process_time() - began

        return run

    kept = perform.dress_version, dress.Dress.finish, perform.derive, perform.verify_file, perform._master
    perform.dress_version = timed("metadata", kept[0])
    dress.Dress.finish = timed("credentials", kept[1])
    perform.derive, perform.verify_file = timed("derive", kept[2]), timed("rules", kept[3])
    perform._master = timed("master", kept[4])
    began, child = time.process_time(), _decoder_seconds()
    try:
        found = perform.derive_all(task)
    finally:
        perform.dress_version, dress.Dress.finish, perform.derive, perform.verify_file, perform._master = kept
    spent["metadata"] += _decoder_seconds() - child
    spent["all"] = time.process_time() - began + (_decoder_seconds() - child)
    spent["files"] = sum(not each["refused"] for each in found.values())
    spent["refused"] = sum(bool(each["refused"]) for each in found.values())
    spent["peak_mib"] = _peak_mib()
    return dict(spent)


def _peak_mib() -> float:
    """Return the most memory that this process held; `ru_maxrss` begins with its parent's, who made the pictures."""
    told = Path("/proc/self/status").read_text()
    return int(next(each for each in told.splitlines() if each.startswith("VmHWM")).split()[1]) / 1024


def _decoder_seconds() -> float:
    """Processor seconds of the sandboxed reader of originals so far."""
    from safelight.media.sandbox_child import _seconds_used

    child = dress._decoder()._child
    return 0.0 if child is None else _seconds_used(child.process.pid)


def report(found: list[dict[str, float]], wall: float, processes: int, channels: list[str]) -> None:
    """Print what was measured, the first master of each process left out of nothing."""
    files = sum(each["files"] for each in found)
    total = sum(each["all"] for each in found)
    told = sum(each.get("metadata", 0) + each.get("credentials", 0) for each in found)
    print("# Delivery\n")
    print(
        f"{len(found)} approved masters of 24 MP to {len(channels)} channels, {processes} processes, one thread each;"
    )
    print(
        f"{min(KINDS, len(found))} of them are different pictures, taken in turn; nothing made for one serves another."
    )
    load = os.getloadavg()[1]
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f} at the end: with a load above the number")
    print("of processes, processor seconds are the measure and wall time is not.\n")
    print("| | measured | must |\n|---|---|---|")
    print(f"| derivatives a minute of two cores, by processor time | {2 * 60 * files / total:.0f} | 40 |")
    print(f"| derivatives a minute, wall time of this run | {60 * files / wall:.0f} | |")
    print(f"| metadata and credentials, share of the time | {100 * told / total:.1f} % | under 10 % |")
    print(f"| processor seconds a derivative | {total / files:.2f} | 3.0 |")
    print(f"| peak of a process, MiB | {max(each['peak_mib'] for each in found):.0f} | 1536 |")
    print(f"| refused | {sum(each['refused'] for each in found):.0f} | |\n")
    print("| Part | processor s a master | share |\n|---|---|---|")
    for name in ("master", "derive", "rules", "metadata", "credentials"):
        spent = sum(each.get(name, 0) for each in found)
        print(f"| {name} | {spent / len(found):.3f} | {100 * spent / total:.1f} % |")
    print(
        "\nMetadata are read once a master, in the sandbox; each file is signed and its signature read again. The peak"
    )
    print(
        "is of a process that derives: one master at a time, as 16-bit pixels and at half its size as floats of light."
    )


if __name__ == "__main__":
    main()
