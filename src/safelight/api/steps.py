"""Declarations: the steps with their parameters, the checks with their measures; forms are drawn from them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from safelight.api.desk import AtDesk

router = APIRouter(tags=["declarations"])


class Parameter(BaseModel):
    """A parameter as it is declared."""

    name: str
    kind: str = Field(description="number, integer, flag, choice, text or numbers")
    widget: str
    default: Any
    meaning: str
    unit: str
    least: float | None
    most: float | None
    resolution: float
    choices: list[str]
    length: int | None
    allowed: str


class Step(BaseModel):
    """A step as it is declared."""

    name: str
    version: int
    purpose: str
    automation: str = Field(description="how automatic it is, and what manual control remains")
    stage: str
    order: int = Field(description="of painting")
    kind: str
    scale: str
    parameters: list[Parameter]


class Steps(BaseModel):
    """Every installed step."""

    items: list[Step]


class Spec(BaseModel):
    """A measure and its limits by default."""

    name: str
    unit: str
    meaning: str
    direction: str
    warn: float | None
    fail: float | None


class Check(BaseModel):
    """A check as it is declared."""

    name: str
    version: int
    purpose: str
    measures: list[Spec]


class Checks(BaseModel):
    """Every installed check."""

    items: list[Check]


@router.get("/steps", summary="Steps")
def get_steps(desk: AtDesk) -> Steps:
    """Return the declaration of every step."""
    return Steps(items=[Step(**each) for each in desk.step_declarations()])


@router.get("/checks", summary="Checks")
def get_checks(desk: AtDesk) -> Checks:
    """Return the declaration of every check."""
    return Checks(items=[Check(**each) for each in desk.check_declarations()])
