"""The questions that begin a style guide, and the guide that the answers make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from safelight.errors import ParameterError
from safelight.routing.inputs import LANE_ROUTES, STAKES
from safelight.workflows.template import DEFAULT, read_template
from safelight.workflows.toml import nearest

Answers = Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One question of ``guide new``.

    Parameters
    ----------
    key : str
        The answer's name: the option of the command and the field of a form.
    asked : str
        The question, in the trade's words.
    default : str
        What holds if nothing is answered.
    help : str
        What it is for, in one sentence.
    check : callable (text) -> text
        Returns the answer as it is kept, or raises `ParameterError` with what is allowed.
    choices : tuple of str
        For a menu; empty where any text may come.
    """

    key: str
    asked: str
    default: str
    help: str
    check: Callable[[str], str]
    choices: tuple[str, ...] = ()


def questions(channels: Collection[str]) -> tuple[Question, ...]:
    """Return the questions in the order they are asked; each stands alone and has a default.

    Parameters
    ----------
    channels : collection of str
        The ids of the rule packs there are.

    Examples
    --------
    >>> [each.key for each in questions(["walmart"])]
    ['client', 'background', 'fill', 'aspect', 'channels', 'names', 'stakes', 'hero_view', 'lane', 'delta_e']
    """
    first = ", ".join(sorted(channels)[:1])
    return (
        Question("client", "Who is the client?", "Client", "The name that stands on the guide.", _text),
        Question("background", "What color is the background?", "#ffffff", "Marketplaces ask for #ffffff.", _color),
        Question(
            "fill",
            "How much of the frame does the product fill, least and most?",
            "0.80 0.90",
            "Its longest side as a share of the frame's side.",
            _fill,
        ),
        Question("aspect", "What shape is the picture?", "1:1", "Width to height, or original.", _aspect),
        Question(
            "channels",
            "Which channels are delivered to?",
            first,
            f"There are: {', '.join(sorted(channels))}. Empty for none yet.",
            lambda text: _channels(text, channels),
        ),
        Question(
            "names",
            "How are delivered files named?",
            DEFAULT,
            "Tokens: {sku} {view} {color} {seq:03} {channel} {original} {ext}.",
            lambda text: read_template(text.strip()).text,
        ),
        Question(
            "stakes", "How much is at stake in an ordinary file?", "standard", "high: two people look.", _stakes, STAKES
        ),
        Question("hero_view", "Which view leads and always has high stakes?", "hero", "Two people approve it.", _word),
        Question(
            "lane",
            "May files be spared a look of their own?",
            "review",
            "review: none may. spot_check, auto: sure ones may, and a person still decides a sample of the batch.",
            _lane,
            LANE_ROUTES,
        ),
        Question(
            "delta_e",
            "From which color difference on does a file fail?",
            "3",
            "ΔE00 against the brand's reference; below 1 nobody sees it.",
            _delta_e,
        ),
    )


def accept_answers(answers: Answers, channels: Collection[str]) -> dict[str, str]:
    """Check every answer and fill the rest with the defaults.

    Raises
    ------
    ParameterError
        For an answer that does not fit, or to a question that is not asked.
    """
    asked = {each.key: each for each in questions(channels)}
    for key in answers:
        if key not in asked:
            raise ParameterError(f"no question called {key!r}{nearest(key, asked)}; there are: {', '.join(asked)}")
    return {key: each.check(answers.get(key) or each.default) for key, each in asked.items()}


def write_guide(answers: Answers, channels: Collection[str]) -> str:
    r"""Return a commented style guide in TOML that the loader takes.

    Parameters
    ----------
    answers : mapping of question key to text
        What is missing keeps its default.
    channels : collection of str
        The ids of the rule packs there are.

    Raises
    ------
    ParameterError
        If an answer does not fit.

    Examples
    --------
    >>> 'client = "Acme"' in write_guide({"client": "Acme"}, ["walmart"])
    True
    """
    kept = accept_answers(answers, channels)
    least, most = kept["fill"].split()
    listed = json.dumps(kept["channels"].split(), ensure_ascii=False)
    return f"""\
# Style guide. Every word of it is checked against what is installed before a picture is touched.
# Keys that are left out keep the house's value.

client = {_quoted(kept["client"])}

[picture]
background = {_quoted(kept["background"])}
fill = [{least}, {most}]       # the subject's longest side as a share of the frame's side, least and most
aspect = {_quoted(kept["aspect"])}            # width:height, or "original"
# look = "looks/client.cube"   # a look in this folder or below it: .cube, Hald .png, .clf...

[tolerance]
delta_e = {kept["delta_e"]}              # a color at or beyond this ΔE00 from the brand's reference fails gate 1

[delivery]
channels = {listed}
names = {_quoted(kept["names"])}

[stakes]
all = {_quoted(kept["stakes"])}
view = {{ {_quoted(kept["hero_view"])} = "high" }}   # high: two people look, and it is never spared

[lane]
name = "standard"
route = {_quoted(kept["lane"])}         # review, spot_check or auto; the release of a batch is always a person's
confidence = 0.9         # what the least sure step must reach where files are spared

[culling]                # sensitivity per fault, 0 off to 1 strict, set before import
blur = 0.5
underexposed = 0.5
overexposed = 0.5

[category.packshot]
workflow = "packshot"
views = ["front"]        # what each product must have
acceptance = [           # what people accept, in words, before anything is automated
  "The product is whole, sharp where it sells, and nothing is invented or removed.",
  "The background is as asked and the edge shows no rim of the old one.",
]

[category.apparel]
workflow = "apparel"
views = ["front", "back"]
acceptance = [
  "The cloth's color and weave are those of the garment on the table.",
  "The outline is the garment's own: no chewed hems, no rim.",
]

[category.jewelry]
workflow = "jewelry"
stakes = "high"

[category.on_model]
workflow = "on_model"
stakes = "high"
"""


def _text(text: str) -> str:
    plain = " ".join(text.split())
    if not plain or not plain.isprintable():
        raise ParameterError(f"client is {text!r}; it takes a name")
    return plain


def _color(text: str) -> str:
    value = {"white": "#ffffff", "black": "#000000"}.get(text.strip().lower(), text.strip().lower())
    if not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise ParameterError(f"background is {text!r}; it takes a color like #ffffff, white or black (default #ffffff)")
    return value


def _fill(text: str) -> str:
    shares = [_share(each) for each in re.split(r"[\s,;-]+", text.strip())]
    if len(shares) == 1:
        shares *= 2
    if len(shares) != 2 or shares[0] > shares[1] or not all(0.1 <= each <= 1 for each in shares):
        raise ParameterError(
            f"fill is {text!r}; it takes least and most, each 0.1 to 1 or 10 % to 100 % (default 0.8 0.9)"
        )
    return f"{shares[0]:.3g} {shares[1]:.3g}"


def _share(text: str) -> float:
    try:
        return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return -1.0


def _aspect(text: str) -> str:
    value = text.strip().lower()
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*[:x/]\s*(\d+(?:\.\d+)?)", value)
    if value != "original" and not (found and 0.2 <= float(found[1]) / max(float(found[2]), 1e-9) <= 5):
        raise ParameterError(
            f"aspect is {text!r}; it takes width:height between 1:5 and 5:1, or original (default 1:1)"
        )
    return value if found is None else f"{found[1]}:{found[2]}"


def _channels(text: str, known: Collection[str]) -> str:
    names = [each for each in re.split(r"[\s,]+", text.strip()) if each and each != "none"]
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise ParameterError(f"no channel called {name!r}{nearest(name, known)}; there are: {listed}")
    return " ".join(dict.fromkeys(names))


def _stakes(text: str) -> str:
    return _one_of("stakes", text, STAKES)


def _lane(text: str) -> str:
    return _one_of("lane", text, LANE_ROUTES)


def _one_of(key: str, text: str, choices: Collection[str]) -> str:
    value = text.strip().lower()
    if value not in choices:
        raise ParameterError(f"{key} is {text!r}{nearest(value, choices)}; it takes one of {', '.join(choices)}")
    return value


def _word(text: str) -> str:
    value = text.strip().lower()
    if not re.fullmatch(r"[\w-]{1,40}", value):
        raise ParameterError(f"hero_view is {text!r}; it takes one word, as in the file names (default hero)")
    return value


def _delta_e(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.1 <= value <= 20:
        raise ParameterError(f"delta_e is {text!r}; it takes 0.1 to 20 ΔE00 (default 3)")
    return f"{value:g}"


def _quoted(text: str) -> str:
    """Write a TOML string: JSON's escapes are all TOML's too."""
    return json.dumps(text, ensure_ascii=False)
