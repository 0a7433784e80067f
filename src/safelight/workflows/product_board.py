"""Products on the board: a SKU with its views, where each stands, and what holds it from a channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.core.batch import BatchState, FileState
from safelight.errors import UnknownNameError
from safelight.workflows.products import Needs

# From what must be done first to what is done: a product stands where its least finished view does.
ORDER = ("refused", "working", "sent_back", "waiting", "approved", "delivered")


@dataclass(frozen=True)
class Slot:
    """One view of a product in one colorway.

    Parameters
    ----------
    view, color : str
    frames : tuple of FileState
        What goes on; one where all is well, none where it is missing, several where somebody must choose.
    alternates : tuple of FileState
        What culling kept aside and can be swapped in.
    required : bool
        Whether the guide asks for it.
    """

    view: str
    color: str
    frames: tuple[FileState, ...]
    alternates: tuple[FileState, ...]
    required: bool

    @property
    def name(self) -> str:
        """The view, and its colorway where there is one."""
        return " ".join(each for each in (self.color, self.view) if each) or "no view"

    @property
    def standing(self) -> str:
        """``missing``, or where its frame stands; of several the least finished."""
        return least_finished(each.standing for each in self.frames) or "missing"


@dataclass(frozen=True)
class ProductState:
    """A product and where it stands.

    Parameters
    ----------
    key : str
        The SKU; for a file that names none, the file's path.
    sku, category : str
    stakes : str
        ``high`` if any of its views is.
    slots : tuple of Slot
        Required views first, in the guide's order.
    missing, extra, doubled : tuple of str
        Views that nobody shot, that nobody asked for, and that have several frames.
    waived : tuple of (view, channel)
        What a person lets it leave without; channel "" for all.
    held : mapping of channel to str
        Why it does not leave for a channel; empty where it may.
    """

    key: str
    sku: str
    category: str
    stakes: str
    slots: tuple[Slot, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    doubled: tuple[str, ...]
    waived: tuple[tuple[str, str], ...]
    held: Mapping[str, str]

    @property
    def files(self) -> tuple[FileState, ...]:
        """The frames that go on, slot by slot."""
        return tuple(each for slot in self.slots for each in slot.frames)

    @property
    def standing(self) -> str:
        """Where its least finished frame stands; ``missing`` where it has none."""
        return least_finished(each.standing for each in self.files) or "missing"

    @property
    def needs_people(self) -> bool:
        """True if a person must look, choose, or say that it may leave without a view."""
        return self.standing in ("waiting", "sent_back") or bool(self.missing or self.doubled)


def product_states(batch: BatchState, needs: Needs, channels: Sequence[str] = (), only: str = "") -> list[ProductState]:
    """Return the products of a batch by SKU, files that name none after them.

    Parameters
    ----------
    batch : BatchState
    needs : Needs
        What the guide asks of each category, and what each channel asks for.
    channels : sequence of str
        The guide's channels.
    only : str
        The one SKU or path that is asked for; "" for all.
    """
    held: dict[str, list[FileState]] = defaultdict(list)
    for file in batch.files.values():
        if file.sorted and not file.refused and (not only or product_key(file).casefold() == only.casefold()):
            held[product_key(file)].append(file)
    for own in held.values():
        own.sort(key=lambda each: each.path)
    waived = _waived(batch)
    made = [_product(key, files, needs, channels, waived.get(key, ())) for key, files in held.items()]
    return sorted(made, key=lambda each: (not each.sku, each.key))


def product_key(file: FileState) -> str:
    """Return what a file belongs to: its SKU, or itself."""
    return str(file.sorted.get("sku") or "") or file.path


def product_line(product: ProductState) -> dict[str, Any]:
    """Return a product as a line of data, with its text for people."""
    slots = [
        {
            "view": slot.view,
            "color": slot.color,
            "standing": slot.standing,
            "required": slot.required,
            "files": [each.path for each in slot.frames],
            "alternates": [each.path for each in slot.alternates],
        }
        for slot in product.slots
    ]
    told = ", ".join(f"{slot.name} {slot.standing.replace('_', ' ')}" for slot in product.slots)
    off = [
        *([f"beyond what was asked: {', '.join(product.extra)}"] if product.extra else []),
        *([f"several frames of {', '.join(product.doubled)}"] if product.doubled else []),
        *(f"held from {channel}: {why}" for channel, why in product.held.items()),
    ]
    return {
        "product": product.key,
        "sku": product.sku,
        "category": product.category,
        "stakes": product.stakes,
        "standing": product.standing,
        "missing": list(product.missing),
        "extra": list(product.extra),
        "doubled": list(product.doubled),
        "waived": [list(each) for each in product.waived],
        "held": dict(product.held),
        "slots": slots,
        "text": "; ".join([f"{product.key} ({product.category}): {told}", *off]),
    }


def odd_views(product: ProductState) -> list[str]:
    """Say what is odd about a product's views: missing and nobody lets it leave so, doubled, or never asked for.

    Examples
    --------
    >>> odd_views(ProductState("A", "A", "packshot", "standard", (), ("back",), ("top",), (), (), {"shop": "no back"}))
    ['no back: held from shop', 'top was not asked for']
    """
    let = {view for view, channel in product.waived if not channel}
    told = []
    for view in product.missing:
        held = [channel for channel, why in product.held.items() if f"no {view}" in why]
        if view not in let:
            told.append(f"no {view}" + (f": held from {', '.join(held)}" if held else ""))
    told += [f"several frames of {view}: choose one" for view in product.doubled]
    return told + [f"{view} was not asked for" for view in product.extra]


def product_named(products: Iterable[ProductState], key: str) -> ProductState:
    """Return the product of this SKU.

    Raises
    ------
    UnknownNameError
        If there is none; names the first ones.
    """
    listed = list(products)
    found = next((each for each in listed if each.key == key or each.sku.casefold() == key.casefold()), None)
    if found is None:
        some = ", ".join(each.key for each in listed[:5]) or "none"
        raise UnknownNameError(f"no product {key!r} in this batch; it begins with: {some}")
    return found


def least_finished(standings: Iterable[str]) -> str:
    """Return the standing that is furthest from delivered; "" for none.

    Examples
    --------
    >>> least_finished(["delivered", "waiting"]), least_finished([])
    ('waiting', '')
    """
    return min(standings, key=lambda each: ORDER.index(each) if each in ORDER else 0, default="")


def _product(
    key: str, files: list[FileState], needs: Needs, channels: Sequence[str], waived: Sequence[tuple[str, str]]
) -> ProductState:
    category = _category(files)
    required = needs.of_category(category) if files[0].sorted.get("sku") else ()
    on = [each for each in files if each.goes_on]
    colors = sorted({each.sorted.get("color", "") for each in on}) or [""]
    if len(colors) > 1 and "" in colors:
        colors.remove("")  # frames without a colorway belong to all of them
    slots = [_slot(view, color, files, required) for color in colors for view in required]
    seen = {(slot.view, slot.color) for slot in slots}
    others = sorted({(each.sorted.get("view", ""), each.sorted.get("color", "")) for each in on} - seen)
    slots += [_slot(view, color, files, required) for view, color in others if view not in required or color]
    missing = tuple(slot.name for slot in slots if slot.required and not slot.frames)
    extra = tuple(dict.fromkeys(slot.view for slot in slots if required and slot.view and slot.view not in required))
    doubled = tuple(slot.name for slot in slots if slot.view and len(slot.frames) > 1)
    stakes = "high" if any(each.sorted.get("stakes") == "high" for each in on) else "standard"
    held = {
        channel: why
        for channel in channels
        if (why := _why_held(slots, needs.of_channel(channel, category), waived, channel))
    }
    sku = str(files[0].sorted.get("sku") or "")
    return ProductState(key, sku, category, stakes, tuple(slots), missing, extra, doubled, tuple(waived), held)


def _slot(view: str, color: str, files: Iterable[FileState], required: Sequence[str]) -> Slot:
    own = [
        each
        for each in files
        if each.sorted.get("view", "") == view and each.sorted.get("color", "") in ((color, "") if view else (color,))
    ]
    frames: dict[str, FileState] = {}
    for each in own:
        if each.goes_on:
            frames.setdefault(each.asset, each)  # the same bytes twice are one frame
    rest = tuple(each for each in own if each.sorted.get("class") == "alternate" and not each.superseded)
    return Slot(view, color, tuple(frames.values()), rest, view in required)


def _why_held(slots: Sequence[Slot], asked: Sequence[str], waived: Sequence[tuple[str, str]], channel: str) -> str:
    """Say why a product does not leave for a channel; "" if it may."""
    let = {view for view, where in waived if where in ("", channel)}
    missing = [slot.name for slot in slots if slot.view in asked and not slot.frames and slot.name not in let]
    doubled = [slot.name for slot in slots if slot.view in asked and len(slot.frames) > 1]
    unready = [
        slot.name
        for slot in slots
        if slot.view in asked and len(slot.frames) == 1 and slot.frames[0].standing not in ("approved", "delivered")
    ]
    said = [
        *([f"no {', '.join(missing)}"] if missing else []),
        *([f"several frames of {', '.join(doubled)}"] if doubled else []),
        *([f"{', '.join(unready)} not approved yet"] if unready else []),
    ]
    return "; ".join(said)


def _waived(batch: BatchState) -> Mapping[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for fact in batch.waivers:
        found[fact.body["product"]].append((fact.body["view"], fact.body["channel"]))
    return found


def _category(files: Sequence[FileState]) -> str:
    known = sorted(each.sorted["category"] for each in files if each.sorted.get("category", "unknown") != "unknown")
    return max(known, key=known.count) if known else "unknown"
