"""What a picture shows, as far as a shot list, its folder and its name tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from safelight.errors import ParameterError
from safelight.workflows.shot_list import NO_SHOTS, Shot, ShotList, reference_color

# Words that studios write on folders and files; a style guide adds its own.
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "packshot": ("packshot", "packshots", "products", "packaging", "bottles", "bags"),
        "apparel": ("apparel", "clothing", "clothes", "garments", "fashion", "flatlay", "flat lay", "ghost mannequin"),
        "jewelry": ("jewelry", "jewellery", "rings", "necklaces", "earrings", "bracelets", "watches", "reflective"),
        "on_model": ("on model", "onmodel", "models", "worn", "lookbook"),
        "footwear": ("footwear", "shoes", "boots", "sneakers", "sandals"),
        "cosmetics": ("cosmetics", "beauty", "makeup", "make up", "skincare"),
        "glass": ("glass", "glassware", "translucent", "crystal"),
        "swatch": ("swatch", "swatches", "fabric", "fabrics"),
        "editorial": ("editorial", "campaign"),
        "other": ("other", "misc", "miscellaneous"),
    }
)
# Goods that are shot as packshots; a folder may say both.
PACKSHOTS = frozenset(("footwear", "cosmetics", "glass", "swatch"))
# fmt: off
VIEWS = frozenset((
    "front", "back", "left", "right", "side", "top", "bottom", "detail", "main", "hero", "swatch", "inside",
    "outside", "open", "closed", "sole", "label", "flat", "pack", "group", "box", "angle", "three_quarter", "3q",
    "profile", "closeup", "interior", "exterior",
))
COLORS = frozenset((
    "black", "white", "gray", "grey", "silver", "gold", "beige", "brown", "tan", "cream", "ivory", "red", "pink",
    "orange", "yellow", "green", "olive", "mint", "teal", "blue", "navy", "sky", "purple", "violet", "lilac",
    "burgundy", "khaki", "charcoal", "camel", "turquoise", "coral", "multi",
))
# fmt: on
DEFAULT_NAMES = (
    "{sku}-{color}_{view}_{seq}",
    "{sku}-{color}_{view}",
    "{sku}_{color}_{view}",
    "{sku}_{view}_{seq}",
    "{sku}_{view}",
    "{sku}-{view}",
)

# Names that cameras give: they count frames and say nothing of the product.
_CAMERA = re.compile(
    r"""(_?(img|dsc|dscf|dscn|mg|pxl|dji|gopr|gx|gh|mvi|p|l|cimg|sam|kodak|imgp|pict|sdim|r|x|b|a7[a-z0-9]*)"""
    r"""[-_]?\d{3,}([-_](\d+|burst\d*|edit|hdr|cover))*|\d{3}_\d{4}|\d+)""",
    re.IGNORECASE,
)
# An article's number as a folder bears it, and the words that folders are numbered under for other reasons.
_ARTICLE = re.compile(r"([A-Za-z]{1,6})[-_ ]?\d{2,}[A-Za-z0-9]*([-_][A-Za-z0-9]+)*|()\d{12,14}")
# fmt: off
_NO_ARTICLE = frozenset((
    "batch", "box", "cam", "camera", "card", "cf", "day", "disk", "folder", "group", "hdd", "img", "job", "jpeg", "jpg",
    "lot", "look", "out", "page", "part", "photos", "raw", "roll", "room", "scene", "sd", "select", "series", "session",
    "set", "shoot", "shots", "studio", "tag", "take", "test", "tif", "tiff", "unit", "v", "vol", "week",
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
))
# fmt: on
LEAST_DIGITS = 4  # "02_back" counts views and names no article 02
_PLACES = {"sku": r"[^\s_][^_]*?", "color": r"[^-_]+", "view": r"[^-]+?", "seq": r"\d+"}


@dataclass(frozen=True)
class Identity:
    """What a picture is: article, view, colorway and category, and where each of them was read.

    Empty where nothing says so; `category` is ``"unknown"`` then. `stakes` and `reference` (the color of the product's
    swatch) are what a shot list says, or "".
    """

    sku: str = ""
    view: str = ""
    color: str = ""
    category: str = "unknown"
    stakes: str = ""
    reference: str = ""
    read_from: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def expected(self) -> Mapping[str, Any]:
        """Return what checks are told of this picture alone: the Lab of its swatch and where that was read.

        Examples
        --------
        >>> Identity(reference="47.8 36.3 29.5", read_from={"reference": "shot list line 2"}).expected()
        {'reference_lab': [47.8, 36.3, 29.5], 'reference': 'swatch (shot list line 2)'}
        """
        if not self.reference:
            return {}
        where = self.read_from.get("reference", "")
        lab = reference_color(self.reference, where or "reference")
        return {"reference_lab": list(lab), "reference": f"swatch ({where})" if where else "swatch"}


def identify(
    path: str,
    shots: ShotList = NO_SHOTS,
    *,
    patterns: Iterable[str] = DEFAULT_NAMES,
    words: Mapping[str, Iterable[str]] = WORDS,
    views: Iterable[str] = (),
) -> Identity:
    """Say what a picture is from its shot list, else its folder, else its name.

    Parameters
    ----------
    path : str
        Relative to the shoot, with ``/``; bytes that are not UTF-8 ride as surrogate escapes.
    shots : ShotList
        What it says is believed before anything else.
    patterns : texts like ``"{sku}_{view}"``
        Tried in order; the first that fits the whole name wins. A view must be a known one, a color too,
        so that two articles are never taken for one.
    words : mapping of category to words
        What folders and files may be called.
    views : texts
        Views beyond `VIEWS` that the guide requires.

    Returns
    -------
    Identity
        Two categories in one path are a contradiction, and so ``"unknown"``.

    Examples
    --------
    >>> identify("acme/jewelry/R1042-gold_front.jpg").sku, identify("acme/jewelry/R1042-gold_front.jpg").category
    ('R1042', 'jewelry')
    >>> identify("DSC_2101.jpg").sku
    ''
    """
    known_views = VIEWS | {each.casefold() for each in views}
    named = _from_name(path, tuple(patterns), known_views)
    in_folder = {} if named.get("sku") else from_folder(path, shots, known_views)
    sku = named.get("sku") or in_folder.get("sku")
    shot = shots.of_file(path) or (shots.of_sku(sku) if sku else None)
    told = _told(shot, path, shots) if shot else {}
    read_from = {**dict.fromkeys(in_folder, "folder"), **dict.fromkeys(named, "file name")}
    read_from |= {key: f"shot list line {shot.row}" for key in told if shot}
    found = {**in_folder, **named, **told}
    known = {key: tuple(each) for key, each in words.items()}
    if found.get("category"):
        found["category"] = _category_called(found["category"], known)
    else:
        found["category"], read_from["category"] = _category_of(path, known)
    return Identity(**found, read_from=MappingProxyType(read_from))


def from_folder(path: str, shots: ShotList = NO_SHOTS, views: Iterable[str] = VIEWS) -> dict[str, str]:
    """Return the article that a folder names, and the view that the file's name is or begins or ends with.

    A folder names an article if the shot list has it, or if it is made like one: letters, then at least two digits,
    and no word that folders have for other reasons. The innermost one counts.

    Examples
    --------
    >>> from_folder("WJ12/front_01.jpg"), from_folder("day02/DSC_0001.jpg")
    ({'sku': 'WJ12', 'view': 'front'}, {})
    """
    pure = PurePosixPath(path)
    article = next((each for each in reversed(pure.parent.parts) if shots.of_sku(each) or _is_article(each)), "")
    if not article:
        return {}
    words = [each for each in re.split(r"[\s_\-.]+", pure.stem.casefold()) if each]
    found = {each for each in (pure.stem.casefold(), *words[:1], *words[-1:], *words[-2:-1]) if each in views}
    return {"sku": article} | ({"view": found.pop()} if len(found) == 1 else {})


def _is_article(folder: str) -> bool:
    named = _ARTICLE.fullmatch(folder)
    if named is None or folder.isdigit():
        return named is not None
    return named[1].casefold() not in _NO_ARTICLE and not is_camera_name(folder)


def is_camera_name(stem: str) -> bool:
    """Say whether a camera gave this name: it counts frames and names no product.

    Examples
    --------
    >>> [is_camera_name(each) for each in ("DSC_2101", "_MG_0042", "IMG_20250102_101112", "4711", "AB-1234_front")]
    [True, True, True, True, False]
    """
    return _CAMERA.fullmatch(stem) is not None


def read_pattern(text: str) -> re.Pattern[str]:
    """Read a pattern of file names like ``"{sku}-{color}_{view}"``.

    Raises
    ------
    ParameterError
        If it has an unknown token, one twice, or no ``{sku}``.
    """
    parts = re.split(r"\{(\w+)\}", text)
    tokens = parts[1::2]
    known = ", ".join(f"{{{each}}}" for each in _PLACES)
    for each in tokens:
        if each not in _PLACES or tokens.count(each) > 1:
            raise ParameterError(f"file-name pattern {text!r} has {{{each}}}; it takes each of {known} at most once")
    if "sku" not in tokens or "{" in "".join(parts[::2]):
        raise ParameterError(f"file-name pattern {text!r} needs {{sku}}; it takes {known}")
    made = "".join(f"(?P<{p}>{_PLACES[p]})" if at % 2 else re.escape(p) for at, p in enumerate(parts))
    return re.compile(made, re.IGNORECASE)


def _from_name(path: str, patterns: tuple[str, ...], views: frozenset[str]) -> dict[str, str]:
    stem = PurePosixPath(path).stem
    if is_camera_name(stem):
        return {}
    for pattern in patterns:
        found = read_pattern(pattern).fullmatch(stem)
        if found is None:
            continue
        values = found.groupdict()
        values.pop("seq", None)
        if values.get("view", "").casefold() not in views and "view" in values:
            continue
        if values["sku"].isdigit() and len(values["sku"]) < LEAST_DIGITS:
            continue
        if "color" in values and values["color"].casefold() not in COLORS:
            continue
        return {key: value if key == "sku" else value.casefold() for key, value in values.items()}
    return {}


def _told(shot: Shot, path: str, shots: ShotList) -> dict[str, str]:
    """Return what a row says: all of it for its own file, only what holds for the article otherwise."""
    keys: tuple[str, ...] = ("sku", "view", "color", "category", "stakes", "reference")
    if not shots.of_file(path):
        # A row of an article without a colorway tells the color of all its pictures; one of a colorway only its own.
        keys = ("sku", "category") if shot.color else ("sku", "category", "reference")
    said = {key: getattr(shot, key) for key in keys if getattr(shot, key)}
    return {key: value if key == "sku" else value.casefold() for key, value in said.items()}


def _category_called(said: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """Return the category that a shot list's own word names; the word itself where none does."""
    plain = _plain(said)
    for category, known in words.items():
        if plain in (_plain(category), *map(_plain, known)):
            return category
    return plain.replace(" ", "_")


def _category_of(path: str, words: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    pure = PurePosixPath(path)
    for source, names in (("folder", [_plain(each) for each in pure.parent.parts]), ("file name", [_plain(pure.stem)])):
        hits = {c for c, known in words.items() for name in names if _names(name, (c, *known))}
        if hits & PACKSHOTS:
            # "packshots/shoes": the word for the goods says more than the word for the way they are shot.
            hits -= {"packshot"}
        if len(hits) == 1:
            return hits.pop(), source
        if hits:
            return "unknown", f"{source} names {' and '.join(sorted(hits))}"
    return "unknown", "nothing says what it is"


def _names(name: str, words: Iterable[str]) -> bool:
    return any(re.search(rf"\b{re.escape(_plain(word))}\b", name) for word in words)


def _plain(text: str) -> str:
    """Lower case, with every separator as a space: `On-Model_02` is `on model 02`."""
    return re.sub(r"[\s_\-.]+", " ", text).strip().casefold()
