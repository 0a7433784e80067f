"""Sort a shoot before any processing: what each frame shows, which frames belong together, which go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from safelight.core.facts import CullClass
from safelight.core.step import Member
from safelight.media.names import display_name
from safelight.pixels.measure.slate import is_gray_card
from safelight.plugins import step_named
from safelight.runs.alike import Answers, with_alikes
from safelight.runs.claims import claim_of, claim_of_alternate, claim_of_best, held_against
from safelight.runs.faults import find_faults
from safelight.runs.frame_faults import Fault
from safelight.runs.lighting import group_by_light
from safelight.workflows.category import Identity
from safelight.workflows.guide import Culling, Guide
from safelight.workflows.shot_list import ShotList
from safelight.workflows.slates import Frame, named_by_slates

if TYPE_CHECKING:
    from safelight.routing.calibration import Calibrator

FACTS_STEPS = ("metering", "focus", "similarity", "framing", "slate", "people", "chart")
COLORWAY = "colorway"  # measured by a run besides; by a cull on thumbnails, of what goes on, see `colorways`
_MOST_VIEWS = 48  # of one article, beyond which nobody sorts them by color

Intake = Mapping[str, Any]


@dataclass(frozen=True)
class Sorted:
    """A frame and its place in the shoot.

    `confidence` is the probability that a reviewer keeps its class unchanged: `claim`, as the measures alone make it,
    corrected by what people said of earlier ones. Both are None for what culling can't tell: it claims nothing.
    `colorway` is the color of the goods as measured, one name for all
    views of an article that show the same one; `color` is what a list or a name says. `outside` says how it lies
    outside what automation was made for, see `safelight.runs.domain`.
    """

    path: str
    asset: str
    sku: str
    view: str
    color: str
    category: str
    stakes: str
    cull: CullClass
    reasons: tuple[str, ...]
    group: str
    lighting: str
    taken_at: str
    facts: Mapping[str, Mapping[str, Any]]
    scene_referred: bool
    capture: Mapping[str, Any]
    full_size: tuple[int, int]
    expected: Mapping[str, Any]
    claim: float | None = None
    confidence: float | None = None
    colorway: str = ""
    outside: tuple[Mapping[str, Any], ...] = ()

    @property
    def goes_on(self) -> bool:
        """True if the frame is worked on: picks, and those that culling can't tell."""
        return self.cull in ("pick", "cant_tell")

    def to_data(self) -> dict[str, Any]:
        """Return the body of ``file.sorted``."""
        return {
            "path": self.path,
            "sku": self.sku,
            "view": self.view,
            "color": self.color,
            "category": self.category,
            "stakes": self.stakes,
            "class": self.cull,
            "reasons": list(self.reasons),
            "group": self.group,
            "lighting": self.lighting,
            "claim": self.claim,
            "confidence": self.confidence,
            "colorway": self.colorway,
            "outside": [dict(each) for each in self.outside],
        }


@dataclass(frozen=True)
class Similar:
    """Near-duplicates: members by asset, why the best is the best, and what it has over each other one."""

    name: str
    members: tuple[str, ...]
    best: str
    why: str
    behind: Mapping[str, str] = field(default_factory=dict)


def name_frames(found: Mapping[str, Intake], guide: Guide, shots: ShotList) -> dict[str, Identity]:
    """Return what each frame shows, by shot list, folder, file name and slate, by path."""
    named = named_by_slates({path: guide.identify(path, shots) for path in found}, _sequence(found))
    return {path: guide.referenced(each) for path, each in named.items()}


def similar_frames(
    found: Mapping[str, Intake], named: Mapping[str, Identity], culling: Culling, answers: Answers | None = None
) -> list[Similar]:
    """Group near-duplicates over the whole shoot; the same frames make the same groups in any order of arrival.

    Frames of articles with different names are never one group, however alike the articles are. With `answers` of a
    pool its workers compare.
    """
    members = [_member(path, each, named[path].sku) for path, each in found.items()]
    members.sort(key=lambda each: (each.taken_at, each.name))
    unique = {each.asset: each for each in reversed(members)}
    ordered = [each for each in members if unique[each.asset] is each]
    if answers is not None:
        ordered = with_alikes(ordered, culling.likeness, culling.time_gap_s, answers)
    step = step_named("similarity")
    known = {each.name for each in step.params}
    wanted = {"similarity": culling.likeness, "time_gap_s": culling.time_gap_s}
    gathered = step.gather(ordered, {k: v for k, v in wanted.items() if k in known}) if step.gather else {}
    names = {each.asset: each.name for each in ordered}
    groups = sorted(gathered.get("groups", ()), key=lambda group: min(names[asset] for asset in group))
    best: Mapping[str, str] = gathered.get("best", {})
    behind: Mapping[str, str] = gathered.get("behind", {})
    made = []
    for number, group in enumerate(groups, start=1):
        first = next((asset for asset in group if asset in best), group[0])
        made.append(
            Similar(
                f"g{number:02}",
                tuple(group),
                first,
                best.get(first, ""),
                {asset: behind[asset] for asset in group if asset in behind},
            )
        )
    return made


def sort_frames(
    found: Mapping[str, Intake],
    named: Mapping[str, Identity],
    groups: list[Similar],
    guide: Guide,
    category: str = "",
    calibrator: Calibrator | None = None,
) -> list[Sorted]:
    """Return every frame with its class, group, product, category and stakes, sorted by path.

    Parameters
    ----------
    found : mapping of path to what intake found
    named : mapping of path to Identity
        From `name_frames`.
    groups : list of Similar
    guide : Guide
    category : str
        Forced on all files; "" lets names and lists say.
    calibrator : Calibrator, optional
        What people's words taught of the claims.
    """
    by_asset = {each["asset"]: each for each in found.values()}
    whats = {path: category or each.category for path, each in named.items()}
    faults = {path: list(find_faults(each, guide.culling, whats[path])) for path, each in found.items()}
    group_of = {asset: each for each in groups for asset in each.members}
    whole = {each["asset"] for path, each in found.items() if not faults[path]}
    chosen = _chosen_copies(found, named)
    lights = group_by_light(found, {path: named[path].sku for path in found})
    frames = []
    for path in sorted(found):
        each = found[path]
        asset = each["asset"]
        identity = named[path]
        what = whats[path]
        group = group_of.get(asset)
        same_as = chosen[asset] if chosen[asset] != path else None
        cull, reasons, best = _classify(path, each, faults[path], group, whole, same_as, chosen)
        claim = _claim(cull, each, held_against(each, guide.culling, what), group, best, by_asset)
        frames.append(
            Sorted(
                path=path,
                asset=asset,
                sku=identity.sku,
                view=identity.view,
                color=identity.color,
                category=what,
                stakes=_stricter(identity.stakes, guide.stakes_of(what, identity.view)),
                cull=cull,
                reasons=reasons,
                group=group.name if group else "",
                lighting=lights[path],
                taken_at=each["capture"]["taken_at"],
                facts={name: data["facts"] for name, data in each["facts"].items()},
                scene_referred=each["scene_referred"],
                capture=each["capture"],
                full_size=(each["width"], each["height"]),
                expected=identity.expected(),
                claim=claim,
                confidence=calibrator.apply(claim).value if calibrator is not None and claim is not None else claim,
            )
        )
    return in_colorways(frames)


def in_colorways(frames: list[Sorted]) -> list[Sorted]:
    """Sort the views of each article by the color of the goods, those that go on."""
    by_article: dict[str, list[Sorted]] = {}
    for each in frames:
        if each.sku and each.goes_on and each.facts.get(COLORWAY, {}).get("colors"):
            by_article.setdefault(each.sku, []).append(each)
    step = step_named(COLORWAY)
    named: dict[str, str] = {}
    for views in by_article.values():
        if step.gather is None or len(views) > _MOST_VIEWS:
            continue
        members = [Member(each.asset, each.taken_at, each.path, each.facts) for each in views]
        for name, assets in step.gather(members, {})["colorways"].items():
            named |= dict.fromkeys(assets, name)
    return [replace(each, colorway=named.get(each.asset, "")) if each.goes_on else each for each in frames]


def _chosen_copies(found: Mapping[str, Intake], named: Mapping[str, Identity]) -> dict[str, str]:
    """Return for each asset the path that goes on: the one whose name says most, then the first."""
    chosen: dict[str, str] = {}
    for path in sorted(found, key=lambda each: (not named[each].sku, not named[each].view, each)):
        chosen.setdefault(found[path]["asset"], path)
    return chosen


def _sequence(found: Mapping[str, Intake]) -> list[Frame]:
    """The frames with what slates say, in the order of their files."""
    return [
        Frame(path, _camera(each), each["capture"]["taken_at"], _slate_of(each)) for path, each in sorted(found.items())
    ]


def _slate_of(found: Intake) -> str:
    """The article that a slate names; a label on a product is no slate."""
    slate = found["facts"].get("slate", {}).get("facts", {})
    return str(slate.get("sku") or "") if slate.get("kind") == "slate" else ""


def _camera(found: Intake) -> str:
    return f"{found['capture']['make']} {found['capture']['model']}".strip()


def _classify(
    path: str,
    found: Intake,
    faults: list[Fault],
    group: Similar | None,
    whole: set[str],
    same_as: str | None,
    chosen: Mapping[str, str],
) -> tuple[CullClass, tuple[str, ...], str]:
    """Class, reasons, and the asset of the frame that is better or the same; "" where there is none."""
    told = tuple(each.text for each in faults)
    if same_as is not None:
        return "alternate", (f"the very same bytes as {display_name(same_as)}",), found["asset"]
    aside = _kept_aside(path, found)
    if aside:
        return "alternate", (aside,), ""
    if any(each.sure for each in faults):
        return "reject", told, ""
    if group is not None:
        best = group.best if group.best in whole else next((a for a in group.members if a in whole), group.best)
        if found["asset"] != best:
            return "alternate", (_behind(found["asset"], best, group, chosen), *told), best
        why = group.why if best == group.best and group.why else f"the best of {len(group.members)} that has no fault"
        return ("cant_tell" if faults else "pick"), (*told, why), ""
    if faults:
        return "cant_tell", told, ""
    return "pick", (_good(found),), ""


def _behind(asset: str, best: str, group: Similar, chosen: Mapping[str, str]) -> str:
    """Name the frame that goes before this one, and say what it has over it where they were compared."""
    why = group.behind.get(asset, "") if best == group.best else "it has no fault"
    return f"{display_name(chosen[best])} goes first in {group.name}" + (f": {why}" if why else "")


def _claim(
    cull: CullClass,
    found: Intake,
    held: Mapping[str, float],
    group: Similar | None,
    best: str,
    by_asset: Mapping[str, Intake],
) -> float | None:
    """The probability that a reviewer keeps a class unchanged, by the measures alone; None for what can't be told."""
    if cull == "alternate":
        return claim_of_alternate(by_asset.get(best), found if best else None, held)
    claim = claim_of(cull, held)
    if claim is not None and cull == "pick" and group is not None:
        others = [by_asset[each] for each in group.members if each != found["asset"] and each in by_asset]
        claim = round(claim * claim_of_best(found, others), 4)
    return claim


def _kept_aside(path: str, found: Intake) -> str:
    """Say why a frame is of use to the others and not worked itself; "" for a picture."""
    chart, slate = (found["facts"].get(name, {}).get("facts", {}) for name in ("chart", "slate"))
    if chart.get("chart_frame"):
        return f"a color chart over {chart['share']:.0%} of the frame: kept for the color of its light"
    if slate.get("kind") == "slate":
        return f"a slate that says {slate.get('sku') or 'nothing of an article'}: kept for the frames after it"
    if is_gray_card(path, slate):
        return f"a gray card at {slate['level']:.2f} of white: kept for the color of its light"
    return ""


def _stricter(said: str, by_guide: str) -> str:
    """Return the higher of two stakes: a shot list can raise what the guide says, never lower it."""
    return "high" if "high" in (said, by_guide) else said or by_guide


def _good(found: Intake) -> str:
    blur = found["facts"]["focus"]["facts"].get("blur_px")
    return "nothing speaks against it" + (f"; blur {blur:.1f} px at 100 %" if blur is not None else "")


def _member(path: str, found: Intake, sku: str) -> Member:
    facts = {name: each["facts"] for name, each in found["facts"].items()} | {"article": {"sku": sku}}
    return Member(found["asset"], found["capture"]["taken_at"], path, facts)
