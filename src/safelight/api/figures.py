"""Figures by category: what people decided, what came back, what waits; and thresholds that a person refuses."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from safelight.api.desk import AtDesk
from safelight.api.once import OnceRoute
from safelight.api.shapes import Said
from safelight.house import Desk

router = APIRouter(tags=["numbers"], route_class=OnceRoute)
Text = Annotated[str, Field(max_length=4000)]


class CategoryFigures(BaseModel):
    """A category: how many versions people decided, how many they sent back, with the 95 % interval of the share."""

    category: str
    decided: int
    returned: int
    first_pass_low: float
    first_pass_high: float
    waiting: int
    oldest: str
    reasons: dict[str, int] = Field(description="marked reasons and how often, the most frequent first")


class Figures(BaseModel):
    """All of them; by category, never one total."""

    first_pass_target: float
    rework_alarm: float
    least_labels: int
    categories: list[CategoryFigures]


class Word(BaseModel):
    """Why a threshold is refused."""

    reason: Text


@router.get("/figures", summary="Figures by category")
def get_figures(desk: AtDesk) -> Figures:
    """Return what decisions say so far of each category, and what waits in it."""
    from safelight.routing.escapes import least_labels
    from safelight.routing.record import FIRST_PASS_TARGET, REWORK_ALARM

    return Figures(
        first_pass_target=FIRST_PASS_TARGET,
        rework_alarm=REWORK_ALARM,
        least_labels=least_labels(desk.settings.escape_level),
        categories=_categories(desk),
    )


@router.post("/proposals/{proposal}/refuse", summary="Refuse a threshold")
def post_refusal(desk: AtDesk, proposal: str, body: Word) -> Said:
    """Refuse a threshold with a reason; it is proposed again when other labels speak for it."""
    return Said(**desk.refuse(proposal, body.reason))


def _categories(desk: Desk) -> list[CategoryFigures]:
    from safelight.routing.checklist import Outcomes

    rework = desk.experience().rework()
    waiting: dict[str, int] = {}
    for lane in desk.board():
        for category, files in lane["categories"].items():
            waiting[category] = waiting.get(category, 0) + files
    oldest = desk.oldest_by_category()
    lines = []
    for name in sorted({*rework, *waiting}):
        told = rework.get(name)
        decided, returned = (told.decided, told.returned) if told else (0, 0)
        kept = Outcomes(decided, decided - returned)
        low, high = kept.least_share(), 1 - Outcomes(decided, returned).least_share()
        lines.append(
            CategoryFigures(
                category=name,
                decided=decided,
                returned=returned,
                first_pass_low=low,
                first_pass_high=high if decided else 1.0,
                waiting=waiting.get(name, 0),
                oldest=oldest.get(name, ""),
                reasons=dict(told.reasons) if told else {},
            )
        )
    return lines
