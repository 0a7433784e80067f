"""Label words and the colors that programs show for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# xmp:Label is a word. Lightroom and Capture One write the color's name, Lightroom in the language it speaks; Bridge
# writes what the color stands for. The wrong set shows white, so a word is compared by its color and never rewritten.
_WORDS = {
    "red": ("Red", "Select", "Rot", "Rouge", "Rojo", "Rosso", "Vermelho", "Rood", "赤", "红色"),
    "yellow": ("Yellow", "Second", "Gelb", "Jaune", "Amarillo", "Giallo", "Amarelo", "Geel", "黄", "黄色"),
    "green": ("Green", "Approved", "Grün", "Vert", "Verde", "Groen", "緑", "绿色"),
    "blue": ("Blue", "Review", "Blau", "Bleu", "Azul", "Blu", "Blauw", "青", "蓝色"),
    "purple": ("Purple", "To Do", "Lila", "Violett", "Violet", "Púrpura", "Viola", "Roxo", "Paars", "紫", "紫色"),
}
COLOR_OF: Mapping[str, str] = MappingProxyType(
    {word.casefold(): color for color, words in _WORDS.items() for word in words}
)
# Photo Mechanic's own set: photomechanic:ColorClass 1 to 8 in step with the words of its default labels.
COLOR_CLASSES: Mapping[str, int] = MappingProxyType(
    {
        "winner": 1,
        "winner alt": 2,
        "superior": 3,
        "superior alt": 4,
        "typical": 5,
        "typical alt": 6,
        "extras": 7,
        "trash": 8,
    }
)


def same_label(one: str | None, other: str | None) -> bool:
    """Say whether two label words mean the same: the same word, or two words for one color.

    Examples
    --------
    >>> same_label("Gelb", "Yellow"), same_label("Yellow", "Second"), same_label("Yellow", "Client A")
    (True, True, False)
    """
    if not one or not other:
        return not one and not other
    first, second = one.casefold(), other.casefold()
    return first == second or (first in COLOR_OF and COLOR_OF[first] == COLOR_OF.get(second))
