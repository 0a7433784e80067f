"""Erasing for ever: what would go, and that it went."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from safelight.api.desk import AtDesk
from safelight.api.once import OnceRoute

router = APIRouter(tags=["erasures"], route_class=OnceRoute)


class Erasing(BaseModel):
    """A person by the name that facts hold, or the asset of a file; `really` for ever, else what would go is said."""

    model_config = ConfigDict(extra="forbid")

    person: str = Field("", max_length=300)
    file: str = Field("", max_length=64, description="a file's id, or the SHA-256 of its original")
    reason: Annotated[str, Field(max_length=4000, description="why; it stands in the ledger")]
    really: Annotated[bool, Field(description="false says what would go, and nothing does")] = False


class Gone(BaseModel):
    """One thing that went, would go, or left the house and has to be asked back."""

    model_config = ConfigDict(extra="allow")

    text: str


class Erased(BaseModel):
    """What happened, a line each."""

    erased: bool
    items: list[Gone]


@router.post("/erasures", summary="Erase a person or an asset")
def post_erasure(desk: AtDesk, body: Erasing) -> Erased:
    """Erase pixels, previews and names for ever, or say what would go; what left the house is listed."""
    lines: list[dict[str, Any]] = desk.erase_on(
        person=body.person, file=body.file, reason=body.reason, really=body.really
    )
    return Erased(erased=body.really, items=[Gone(**each) for each in lines])
