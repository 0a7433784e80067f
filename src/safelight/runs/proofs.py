"""Proofs in a folder, so that people can look at a batch with any viewer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from safelight.core.batch import BatchState
from safelight.media.names import slug

if TYPE_CHECKING:
    from safelight.store import Store


def write_proofs(store: Store, state: BatchState, folder: Path) -> dict[str, str]:
    """Write each version's proof below `folder` and return their names by the files' paths.

    Names are made of the originals' names; what two files would share gets a number. A proof that is there
    with the same size is left as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    written: dict[str, str] = {}
    for path, file in sorted(state.files.items()):
        proof = file.made.get("blobs", {}).get("proof")
        if not proof:
            continue
        name = _free_name(slug(path.rsplit(".", 1)[0].replace("/", "-")) or "proof", taken)
        written[path] = name
        data = store.blobs.get(proof)
        place = folder / name
        if place.exists() and place.stat().st_size == len(data) and place.read_bytes() == data:
            continue
        draft = folder / f".{name}.part"
        draft.write_bytes(data)
        draft.replace(place)
    return written


def _free_name(stem: str, taken: set[str]) -> str:
    names = [f"{stem}.jpg", *(f"{stem}-{n}.jpg" for n in range(2, len(taken) + 3))]
    name = next(each for each in names if each.casefold() not in taken)
    taken.add(name.casefold())
    return name
