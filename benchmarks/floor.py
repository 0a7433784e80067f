"""How fast the floor is: a shoot through everything, again when all is known, and single jobs beside Debian's tools.

python benchmarks/floor.py --shoot 12 --rounds 5 > benchmarks/results/floor.md
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from contest import Contender, contest, fresh
from pictures import CACHE, made

SAFELIGHT = str(Path(sys.executable).with_name("safelight"))
GUIDE = """
client = "Bench"
[delivery]
channels = ["amazon-main", "google-merchant", "walmart"]
names = "{sku}_{view}.{ext}"
[category.packshot]
lane = { name = "fast", route = "spot_check", confidence = 0.5 }
acceptance = ["The product is whole and sharp on pure white."]
"""


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--shoot", type=int, default=12, help="24 MP files in the shoot")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--only", choices=("shoot", "raw-shoot", "single", "raw"), action="append")
    wanted = asked.parse_args()
    chosen = wanted.only or ["shoot", "raw-shoot", "single", "raw"]
    print(f"# The floor\n\n{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.\n")
    if "shoot" in chosen:
        print(
            whole_shoot(
                "24 MP JPEG packshots, everything, three channels", made("packshots", wanted.shoot), wanted.shoot
            )
        )
    if "raw-shoot" in chosen:
        number = max(2, wanted.shoot // 2)
        print(whole_shoot("24 MP Bayer DNG packshots, everything, three channels", made("raws", number), number))
    if "single" in chosen:
        print(contest("A 24 MP JPEG to 2000 px, sRGB JPEG", small_copies(), wanted.rounds))
    if "raw" in chosen:
        print(contest("A 24 MP DNG to a full-size JPEG, cold process", developed(), wanted.rounds))


def whole_shoot(title: str, shoot: Path, number: int) -> str:
    """Run and release a shoot once in a new store, then run it again when all is known."""
    place = CACHE / "floor"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    (place / "bench.toml").write_text(GUIDE)
    words = ["run", str(shoot), "--guide", "bench.toml"]
    first = timed([SAFELIGHT, *words], place)
    release = timed([SAFELIGHT, "release", shoot.name, "--as", "Bench", "--yes"], place)
    again = timed([SAFELIGHT, *words], place)
    left = sum(1 for _ in (place / "out" / shoot.name / "delivery").rglob("*.jpg"))
    both = first[0] + release[0]
    return "\n".join(
        [
            f"### {title}",
            "",
            f"{number} files, {left} delivered files, one pass in a new store.",
            "",
            "| | wall s | CPU s | images a minute | CPU s an image | peak MiB of a process |",
            "|---|---|---|---|---|---|",
            f"| run | {first[0]:.1f} | {first[1]:.1f} | {60 * number / first[0]:.1f} "
            f"| {first[1] / number:.2f} | {first[2]:.0f} |",
            f"| release and three channels | {release[0]:.1f} | {release[1]:.1f} | {60 * number / release[0]:.1f} "
            f"| {release[1] / number:.2f} | {release[2]:.0f} |",
            f"| **both** | {both:.1f} | {first[1] + release[1]:.1f} | **{60 * number / both:.1f}** "
            f"| {(first[1] + release[1]) / number:.2f} | |",
            f"| run again, all known | {again[0]:.2f} | {again[1]:.2f} | {first[0] / again[0]:.0f} times faster | | |",
            "",
        ]
    )


def timed(command: list[str], place: Path) -> tuple[float, float, float]:
    """Return wall and processor seconds of a command with all its processes, and the peak of the largest."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def small_copies() -> list[Contender]:
    """Return who makes a 2000 px copy: safelight's apply, ImageMagick, libvips."""
    source = next((made("packshots", 2) / "packshots").iterdir())
    out = CACHE / "small"
    out.mkdir(parents=True, exist_ok=True)
    return [
        Contender(
            "safelight (library call)",
            [sys.executable, __file__.replace("floor.py", "small_copy.py"), str(source), str(out / "a.jpg")],
        ),
        *_present(
            "ImageMagick", ["convert", str(source), "-resize", "2000x2000", "-quality", "95", str(out / "b.jpg")]
        ),
        *_present(
            "ImageMagick, linear light",
            [
                "convert",
                str(source),
                "-colorspace",
                "RGB",
                "-resize",
                "2000x2000",
                "-colorspace",
                "sRGB",
                "-quality",
                "95",
                str(out / "c.jpg"),
            ],
        ),
        *_present(
            "libvips, linear light",
            ["vipsthumbnail", str(source), "--linear", "-s", "2000", "-o", str(out / "d.jpg[Q=95]")],
        ),
    ]


def developed() -> list[Contender]:
    """Return who develops a RAW to a full-size JPEG by its own defaults."""
    source = next((made("raws", 2) / "packshots").glob("*.dng"))
    out = CACHE / "developed"
    fresh(out)()
    out.mkdir(parents=True)
    return [
        Contender("safelight apply develop", [SAFELIGHT, "apply", "develop", str(source), "-o", str(out / "a.jpg")]),
        *_present(
            "rawtherapee-cli", ["rawtherapee-cli", "-Y", "-o", str(out / "b.jpg"), "-d", "-j95", "-c", str(source)]
        ),
        *_present(
            "darktable-cli",
            [
                "darktable-cli",
                str(source),
                str(out / "c.jpg"),
                "--core",
                "--configdir",
                str(out / "dt"),
                "--disable-opencl",
            ],
            fresh(out / "c.jpg"),
        ),
    ]


def _present(name: str, command: list[str], prepare=lambda: None) -> list[Contender]:
    if shutil.which(command[0]) is None:
        print(f"({name} is not installed and was left out: apt-get install it to compare)\n")
        return []
    return [Contender(name, command, prepare)]


if __name__ == "__main__":
    main()
