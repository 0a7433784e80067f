"""From the ledger to a batch report: reads facts and blobs, decides nothing."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import safelight
from safelight.core.batch import OVERRULED, BatchState, FileState
from safelight.core.check import VerdictWord
from safelight.core.edit import Edit, EditStep
from safelight.core.overruling import count_left_open, read_overrulings
from safelight.media.names import display_name
from safelight.plugins import check_named, step_named
from safelight.reports.calibration import calibrate, looks_of
from safelight.reports.color import ChartLine, batch_drift, chart_line
from safelight.reports.discipline import assumed, measure_discipline
from safelight.reports.kpi import Kpi
from safelight.reports.model import (
    BatchReport,
    CheckLine,
    DecisionLine,
    DeliveryLine,
    EvidenceLine,
    FileReport,
    MeasureLine,
    ProductReport,
    ReasonLine,
    RuleLine,
    StepLine,
    Thumbnail,
)
from safelight.workflows.products import by_kind, find_exceptions
from safelight.workflows.shot_list import NO_SHOTS, ShotList

if TYPE_CHECKING:
    from safelight.store import Store


def build_report(
    store: Store,
    state: BatchState,
    views: Mapping[str, tuple[str, ...]] | None = None,
    shots: ShotList = NO_SHOTS,
    kpis: Sequence[Kpi] = (),
    minutes: Mapping[str, float] | None = None,
) -> BatchReport:
    """Return the report of a batch as the ledger tells it now.

    Parameters
    ----------
    store : Store
        Thumbnails, heat maps and crops are read from its blobs.
    state : BatchState
    views : mapping of category to views, optional
        What the guide requires of each product; what is missing is named.
    shots : ShotList
        Rows for which nothing was shot are named.
    kpis : sequence of Kpi
        The batch's numbers.
    minutes : mapping of fault to minutes, optional
        What the guide says that disorder costs; see `discipline.assumed`.
    """
    works = {f"seconds:{each.version}" for each in state.files.values() if each.version}
    works |= {each.measured["work"] for each in state.files.values() if each.measured}
    found = store.ledger.works(works)
    products: dict[str, list[FileState]] = defaultdict(list)
    for path in sorted(state.files):
        products[state.files[path].sorted.get("sku", "")].append(state.files[path])
    named = sorted(products, key=lambda sku: (not sku, sku))
    told = tuple(_product(store, sku, products[sku], found, views or {}) for sku in named)
    said = read_overrulings(store.ledger.facts(kind=OVERRULED, batch=state.name))
    return BatchReport(
        state.name,
        state.opened.get("guide", ""),
        state.last_at,
        told,
        version=safelight.__version__,
        charts=_charts(state, found),
        drift=batch_drift(state),
        discipline=measure_discipline(state, assumed(minutes or {})),
        exceptions=by_kind(find_exceptions(state.files.values(), views or {}, shots)),
        calibration=calibrate(looks_of(said), left_open=count_left_open(said)),
        kpis=tuple(kpis),
    )


def _charts(state: BatchState, works: Mapping[str, Mapping[str, Any]]) -> tuple[ChartLine, ...]:
    """Return what each chart of the batch measured, by file name."""
    lines = []
    for path in sorted(state.files):
        work = works.get(state.files[path].measured.get("work", ""), {})
        line = chart_line(display_name(path), work.get("facts", {}).get("chart", {}).get("facts", {}))
        lines += [] if line is None else [line]
    return tuple(lines)


def _product(
    store: Store,
    sku: str,
    files: list[FileState],
    works: Mapping[str, Mapping[str, Any]],
    views: Mapping[str, tuple[str, ...]],
) -> ProductReport:
    category = next((each.sorted["category"] for each in files if each.sorted), "")
    there = {each.sorted.get("view", "") for each in files}
    missing = tuple(each for each in views.get(category, ()) if sku and each not in there)
    return ProductReport(sku, category, tuple(_file(store, each, works) for each in files), missing)


def _file(store: Store, file: FileState, works: Mapping[str, Mapping[str, Any]]) -> FileReport:
    blobs = file.made.get("blobs", {})
    routed = file.routed
    first = file.measured.get("thumbnail")
    return FileReport(
        name=display_name(file.path),
        standing=file.standing,  # type: ignore[arg-type]
        sku=file.sorted.get("sku", ""),
        view=file.sorted.get("view", ""),
        category=file.sorted.get("category", ""),
        cull_class=file.sorted.get("class", ""),
        cull_reasons=tuple(file.sorted.get("reasons", ())),
        group=file.sorted.get("group", ""),
        route=routed.get("route", ""),
        queue=routed.get("queue", ""),
        reasons=tuple(ReasonLine(each["text"], each["doubt"]) for each in routed.get("reasons", ())),
        confidence=routed.get("confidence"),
        calibrated=routed.get("calibrated", False),
        stakes=file.sorted.get("stakes", ""),
        before=_picture(store, blobs.get("before") or first),
        after=_picture(store, blobs.get("after")),
        thumbnail=_picture(store, blobs.get("thumbnail") or first),
        steps=_steps(file),
        checks=tuple(_check(store, each) for each in file.judged.get("verdicts", ())),
        deliveries=_deliveries(file),
        decisions=tuple(DecisionLine(d.decided, d.by, d.at, d.reason, _how(d.how)) for d in file.decisions),
        quarantine=file.refused,
        seconds=_seconds(file, works),
        facts=_facts(file),
    )


def _how(how: str) -> str:
    return "own" if how == "own" else "sample"


def _picture(store: Store, sha256: str | None) -> Thumbnail | None:
    """Return a blob as a picture of the page; None where there is none."""
    if not sha256:
        return None
    from PIL import Image

    data = bytes(store.blobs.get(sha256))
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
        width, height = opened.size
    return Thumbnail(data, width, height)


def _steps(file: FileState) -> tuple[StepLine, ...]:
    if not file.made:
        return ()
    edit = Edit.from_data(file.made["edit"])
    return tuple(
        StepLine(
            each.step,
            params_in_words(each),
            None if each.confidence is None else each.confidence.value,
            each.confidence is not None and each.confidence.calibrated,
            tuple(ReasonLine(r.text, r.doubt) for r in each.reasons),
            each.by.name,
            each.amended,
        )
        for each in edit.steps
    )


def params_in_words(used: EditStep) -> str:
    """Return the parameters that are not at their default, with units: ``"stops +0.62"``."""
    step = step_named(used.step)
    params = step.upgraded(used.version, used.params)
    told = []
    for each in step.params:
        value = params[each.name]
        if value == each.default:
            continue
        shown = f"{value:+g}" if isinstance(value, float) and (each.least or 0) < 0 else _plain(value)
        told.append(f"{each.name} {shown}{f' {each.unit}' if each.unit else ''}")
    return ", ".join(told)


def _plain(value: Any) -> str:  # noqa: ANN401 - a parameter's value
    if isinstance(value, tuple):
        return ", ".join(f"{each:.3g}" for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _check(store: Store, data: Mapping[str, Any]) -> CheckLine:
    check = check_named(data["check"])
    meanings = {each.name: each.meaning for each in check.specs}
    measures = tuple(
        MeasureLine(
            each["name"],
            each["value"],
            each["unit"],
            each["limit"],
            each["direction"],
            each["word"],
            each["why"],
            meanings.get(each["name"], ""),
        )
        for each in data["measures"]
    )
    evidence = tuple(
        EvidenceLine(
            each["measure"],
            tuple(each["box"]),
            each["text"],
            bytes(store.blobs.get(each["heat"])) if each["heat"] else b"",
            _picture(store, each["crop"]),
        )
        for each in data["evidence"]
    )
    return CheckLine(data["check"], data["word"], measures, evidence, check.purpose)


def _deliveries(file: FileState) -> tuple[DeliveryLine, ...]:
    left = {
        each["channel"]: DeliveryLine(
            each["channel"], each["name"], tuple(_rule(r) for r in each["rules"]), each["bytes"], each["at"]
        )
        for each in file.deliveries
    }
    kept = {
        each["channel"]: DeliveryLine(each["channel"], each["name"], refused=each["sentence"])
        for each in file.delivery_refusals
        if each["channel"] not in left
    }
    return (*left.values(), *kept.values())


def _rule(data: Mapping[str, Any]) -> RuleLine:
    beyond: VerdictWord = "fail" if data["severity"] == "must" else "warn"
    word: VerdictWord = "pass" if data["word"] == "pass" else beyond
    return RuleLine(
        data["rule"],
        word,
        data["severity"],
        data["value"],
        data["unit"],
        data["limit"],
        data["direction"],
        data["source"],
    )


def _seconds(file: FileState, works: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return processor seconds by stage, of the first look and of the work on the version."""
    total: dict[str, float] = defaultdict(float)
    for key in (file.measured.get("work", ""), f"seconds:{file.version}"):
        for stage, seconds in works.get(key, {}).get("seconds", {}).items():
            total[stage] += seconds
    return {stage: round(seconds, 3) for stage, seconds in total.items()}


def _facts(file: FileState) -> dict[str, str]:
    if not file.measured:
        return {}
    found = file.measured
    camera = " ".join(each for each in (found["capture"]["make"], found["capture"]["model"]) if each)
    size = f"{found['width']} x {found['height']} px, {found['bits']} bit {found['format']}"
    notes = "; ".join(each["text"] for each in found["notes"])
    told = {"size": size, "profile": found["profile"], "camera": camera, "taken": found["capture"]["taken_at"]}
    told |= {"asset": file.asset[:12], "light": file.sorted.get("lighting", ""), "note": notes}
    return {key: value for key, value in told.items() if value}
