"""One whole cull of thousands of files, killed on the way and taken up again: frames a second and memory.

    SAFELIGHT_MODELS=.venv/models python benchmarks/culling_whole.py ../shared/data --frames 3000 [--kill 0.33]

The files are the scenes of `culling_card.py`: 300 x 200 px, one to six frames each, with a capture time. `safelight
cull` is run as people run it, with all of its measures, workers and decoders; it is ended by force when a share of the
thumbnails is there, and begun again. At the end each file has a class, and the ledger says how many were measured
twice.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from PIL import Image as Pillow

from culling_card import Watch, card, seconds_below

_POLL_S = 0.5


def write_card(data: Path, folder: Path, frames: int) -> int:
    """Write the frames as JPEGs with their capture time and return how many there are."""
    folder.mkdir(parents=True)
    for which in (0, 1):
        for name, taken, codes in card(data, frames, timed=True, which=which):
            exif = Pillow.Exif()
            exif[271], exif[272] = "Safelight", "Bench"
            exif.get_ifd(0x8769)[36867] = taken.replace("-", ":").replace("T", " ")
            Pillow.fromarray(codes).save(folder / name, "JPEG", quality=92, exif=exif)
    return len(list(folder.iterdir()))


def cull(place: Path, most: int | None) -> dict[str, float | int | list[dict[str, object]]]:
    """Cull the card in `place`; with `most`, until so many thumbnails are there. Return what it took."""
    command = [str(Path(sys.executable).with_name("safelight")), "cull", str(place / "card"), "--json"]
    command += ["--store", str(place / "store"), "--out", str(place / "out")]
    thumbnails = place / "out" / "card" / "thumbnails"
    began = time.monotonic()
    with (place / "lines.jsonl").open("w") as out:
        started = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        with Watch(started.pid) as watch:
            used = 0.0
            while started.poll() is None:
                used = max(used, seconds_below(started.pid))
                if most is not None and thumbnails.is_dir() and sum(1 for _ in thumbnails.iterdir()) >= most:
                    started.send_signal(signal.SIGKILL)
                    started.wait()
                time.sleep(_POLL_S)
    lines = [json.loads(line) for line in (place / "lines.jsonl").read_text().splitlines()]
    return {
        "code": started.returncode,
        "clock_s": round(time.monotonic() - began, 1),
        "workers_cpu_s": round(used, 1),
        "owner_mib": round(watch.owner),
        "all_mib": round(watch.most),
        "lines": lines,
    }


def measured(place: Path) -> tuple[int, int]:
    """Return of how many files the ledger says that they were measured, and how often in all."""
    from safelight.core.batch import MEASURED
    from safelight.store import Store

    with Store.open(place / "store") as store:
        paths = [each.body["path"] for each in store.ledger.facts(kind=MEASURED)]
    return len(set(paths)), len(paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--frames", type=int, default=3000)
    parser.add_argument("--kill", type=float, default=0.33, help="share of thumbnails at which it is ended by force")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        frames = write_card(asked.data, place / "card", asked.frames)
        print("| Run | Frames | Code | By the clock, s | Workers, CPU s | Owner at most, MiB | All at most, MiB |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for words, most in (("until it was killed", int(asked.kill * frames)), ("taken up again", None)):
            done = cull(place, most)
            told = (done[each] for each in ("code", "clock_s", "workers_cpu_s", "owner_mib", "all_mib"))
            print(f"| {words} | {frames} | " + " | ".join(str(each) for each in told) + " |", flush=True)
        lines = done["lines"]
        files, times = measured(place)
        classes = Counter(str(each["class"]) for each in lines)
        print(f"\n{len(lines)} of {frames} files have a line: {dict(classes.most_common())}.")
        print(f"{files} files measured, {times - files} of them twice.")


if __name__ == "__main__":
    main()
