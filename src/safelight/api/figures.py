"""Figures by category: the numbers that steer a floor; and thresholds that a person refuses."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from safelight.api.desk import AtDesk, Match, seen_of
from safelight.api.once import OnceRoute
from safelight.api.shapes import Said
from safelight.house import Desk

router = APIRouter(tags=["numbers"], route_class=OnceRoute)
Text = Annotated[str, Field(max_length=4000)]
_BATCHES = 1000


class Figures(BaseModel):
    """All of them; by category, never one total. Keys of a category are only ever added to."""

    first_pass_target: float
    rework_alarm: float
    least_labels: int = Field(description="audited labels that a stratum needs before anything leaves it unseen")
    currency: str
    at: str = Field(description="when they were counted: of many files an answer holds for a minute or two")
    categories: list[dict[str, Any]]


class Word(BaseModel):
    """Why a threshold is refused."""

    reason: Text


class RatesSet(BaseModel):
    """A word on rates or the baseline."""

    by: str
    at: str
    said: str = Field(description="what was set")


class RatesNow(BaseModel):
    """Rates and baseline in force."""

    review_h: float = Field(description="cost of an hour of looking")
    labor_h: float = Field(description="cost of an hour of working")
    currency: str
    baseline_min: dict[str, float] = Field(description="minutes by hand, by task: culling, tagging, retouch, ...")
    said: str
    history: list[RatesSet] = Field(description="who set what, the newest first")
    etag: str = Field(description="send it back as If-Match with other rates")


class NewRates(BaseModel):
    """Rates, or a baseline; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    review_h: float | None = None
    labor_h: float | None = None
    currency: str = Field("", max_length=20)
    baseline_min: dict[str, float] = Field(default_factory=dict, max_length=20)


@router.get("/figures", summary="Figures by category")
def get_figures(desk: AtDesk) -> Figures:
    """Return yield, rework, turnaround, time limits, cost and hours saved of each category."""
    from safelight.routing.escapes import least_labels
    from safelight.routing.record import FIRST_PASS_TARGET, REWORK_ALARM

    names = _names(desk)
    told = desk.figures_now(names) if names else None
    return Figures(
        first_pass_target=FIRST_PASS_TARGET,
        rework_alarm=REWORK_ALARM,
        least_labels=least_labels(desk.settings.escape_level),
        currency=desk.rates().currency,
        at=told.at if told else "",
        categories=[dict(each) for each in told.numbers.lines] if told else [],
    )


@router.get("/figures.csv", response_class=Response, summary="Figures as CSV")
def get_figures_csv(desk: AtDesk) -> Response:
    """Return the figures as a table for other programs."""
    names = _names(desk)
    headers = {"Content-Disposition": 'attachment; filename="safelight-figures.csv"'}
    desk.tell_fetched_figures()
    return Response(desk.figures_now(names).numbers.csv if names else "", media_type="text/csv", headers=headers)


@router.get("/rates", summary="The studio's rates")
def get_rates(desk: AtDesk) -> RatesNow:
    """Return what numbers are reckoned with: rates of an hour, and the studio's own baseline from before."""
    etag = desk.rates_etag()
    return RatesNow(**desk.rates_line(), etag=etag)


@router.post("/rates", summary="Set rates")
def post_rates(desk: AtDesk, body: NewRates, if_match: Match = None) -> RatesNow:
    """Record rates or a baseline, with the ETag of those that were seen; what is not given stays."""
    baseline = [(task, str(minutes)) for task, minutes in body.baseline_min.items()]
    desk.set_rates_on(seen_of(if_match), body.review_h, body.labor_h, body.currency, baseline)
    return get_rates(desk)


@router.post("/proposals/{proposal}/refuse", summary="Refuse a threshold")
def post_refusal(desk: AtDesk, proposal: str, body: Word) -> Said:
    """Refuse a threshold with a reason; it is proposed again when other labels speak for it."""
    return Said(**desk.refuse(proposal, body.reason))


def _names(desk: Desk) -> list[str]:
    return [each.name for each in desk.batches(None, _BATCHES)]
