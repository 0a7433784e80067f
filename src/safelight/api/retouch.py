"""What is out at retouchers and vendors: since when, by when it is due, and what is late."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from safelight.api.desk import AtDesk

router = APIRouter(tags=["retouch"])


class Out(BaseModel):
    """A file that went out and did not come back."""

    path: str
    ticket: str = Field(description="written into the file: by it a return is known again")
    file: str = Field(description="the name it went out under")
    version: str
    vendor: str = Field(description="empty for a retoucher of the house")
    due: str = Field(description="the vendor's deadline, YYYY-MM-DD, or empty")
    late: bool
    by: str
    at: str
    said: str


class AllOut(BaseModel):
    """All of a batch that is out."""

    items: list[Out]
    late: int


@router.get("/batches/{batch}/out", summary="What is out")
def get_out(desk: AtDesk, batch: str) -> AllOut:
    """Return what is out at retouchers and vendors and did not come back; a vendor sees its own files alone."""
    items = [Out(**each) for each in desk.sent_out(batch)]
    return AllOut(items=items, late=sum(each.late for each in items))
