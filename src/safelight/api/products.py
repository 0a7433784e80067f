"""Products: a SKU with its views, the unit of queue, review and release."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from safelight.api.assets import Seen, Text
from safelight.api.batches import line_of
from safelight.api.desk import AtDesk, Match, seen_of
from safelight.api.once import OnceRoute
from safelight.api.shapes import FileLine, Files, Said, ShownPlaces, places_of
from safelight.core.batch import FileState
from safelight.house import Desk
from safelight.review.queues import QueueItem
from safelight.workflows.product_board import ProductState

router = APIRouter(tags=["products"], route_class=OnceRoute)
Name = Annotated[str, Query(max_length=4096, description="a SKU, or the path of a file that names none")]


class Slot(BaseModel):
    """One view of a product in one colorway; ids of the frames that go on and of those that could be swapped in."""

    name: str
    view: str
    color: str
    required: bool
    standing: str
    frames: list[str]
    alternates: list[str]


class Unlike(BaseModel):
    """Two views that do not belong together: in what, how far, from where on it is told, and a sentence."""

    kind: str = Field(description="color, light, exposure, framing, grade or shadow")
    files: list[str] = Field(description="ids")
    value: float
    limit: float
    text: str


class Product(BaseModel):
    """A product and where it stands: where its least finished view does."""

    key: str
    sku: str
    category: str
    stakes: str
    standing: str
    needs_people: bool
    slots: list[Slot]
    missing: list[str] = Field(description="views that nobody shot")
    extra: list[str] = Field(description="views that nobody asked for")
    doubled: list[str] = Field(description="views with several frames: somebody must choose")
    waived: list[tuple[str, str]] = Field(description="view and channel that it may leave without")
    held: dict[str, str] = Field(description="why it does not leave, by channel")
    inconsistent: list[Unlike] = Field(
        description="views and colorways that do not belong together; seen before gate 2"
    )


class Products(BaseModel):
    """The products of a batch."""

    items: list[Product]
    etag: str = Field(description="of what they may leave without; send it back with a waiver")


class ProductWhole(Product):
    """A product with its files."""

    files: list[FileLine]
    etag: str = Field(description="of what the batch's products may leave without; send it back with a waiver")


class ProductDecision(BaseModel):
    """One word on a product: all its views that wait, or those that are named."""

    product: str = Field(min_length=1, max_length=4096)
    on: Seen
    decided: str
    reason: Text = ""
    marks: list[str] = Field(default_factory=list, max_length=20)
    views: list[str] = Field(default_factory=list, max_length=100)
    claim: str = Field("", max_length=64)
    shown: ShownPlaces


class Waiver(BaseModel):
    """Let a product leave without a view, for one channel or all."""

    product: str = Field(min_length=1, max_length=4096)
    view: str = Field(min_length=1, max_length=200)
    channel: str = Field("", max_length=200)
    reason: Text


class Swap(BaseModel):
    """Take an alternate in the place of a pick: ids of the two, with the ETags they were seen with."""

    old: str
    new: str
    on: Seen
    reason: Text


class Waiting(BaseModel):
    """A product, or a file of none, that waits in a queue: how long in business hours, and what makes it come first."""

    batch: str
    product: str
    sku: str
    category: str
    lane: str
    queue: str
    route: str
    step: str
    person: str
    stakes: str
    files: list[str] = Field(description="ids")
    reasons: list[str]
    round: int
    since: str
    due: str
    age_h: float
    left_h: float = Field(description="business hours left; negative once overdue")
    overdue: bool
    weight: float
    why: list[str]
    problems: list[str]
    suggested: str = Field(description="who should take it")
    because: str


class Exceptional(BaseModel):
    """What of a product needs somebody, and the files to look at."""

    kind: str = Field(
        description="views, where they are missing, doubled or never asked for; together, where they differ; reshoot"
    )
    product: str
    files: list[str]
    told: str


class Exceptions(BaseModel):
    """What nobody may overlook in a batch: what the set is to shoot again first, then odd views."""

    items: list[Exceptional]


class WaitingList(BaseModel):
    """What waits for people in a batch, what comes first first."""

    items: list[Waiting]


@router.get("/batches/{batch}/products", summary="Products of a batch")
def get_products(desk: AtDesk, batch: str) -> Products:
    """Return the products of a batch with their views, where they stand, and what holds them."""
    etag = desk.waivers_etag(batch)
    return Products(items=[_product(desk, batch, each) for each in desk.products_of(batch)], etag=etag)


@router.get("/batches/{batch}/exceptions", summary="Odd views and reshoots")
def get_exceptions(desk: AtDesk, batch: str) -> Exceptions:
    """Return which products miss a view, have one too many, or wait for the set."""
    return Exceptions(items=[Exceptional(**each) for each in desk.exceptions_of(batch)])


@router.get("/batches/{batch}/product", summary="A product")
def get_product(desk: AtDesk, batch: str, name: Name) -> ProductWhole:
    """Return one product with its files, those that could be swapped in among them."""
    etag = desk.waivers_etag(batch)
    state, rows = desk.product_whole(batch, name)
    found = _product(desk, batch, state).model_dump()
    return ProductWhole(**found, files=[line_of(desk, each) for each in rows], etag=etag)


@router.post("/batches/{batch}/product-decisions", summary="Decide on a product")
def post_product_decision(desk: AtDesk, batch: str, body: ProductDecision) -> Files:
    """Say a word on all views of a product that wait, or on some; all or nothing."""
    rows = desk.decide_product_on(
        batch,
        body.product,
        body.on,
        body.decided,
        body.reason,
        body.marks,
        body.views,
        body.claim,
        places_of(body.shown),
    )
    return Files(items=[line_of(desk, each) for each in rows])


@router.post("/batches/{batch}/waivers", summary="Let a product leave without a view")
def post_waiver(desk: AtDesk, batch: str, body: Waiver, if_match: Match = None) -> Said:
    """Record that a product may leave without a view; with the ETag of the products that were seen."""
    return Said(**desk.waive_on(batch, seen_of(if_match), body.product, body.view, body.reason, body.channel))


@router.post("/swaps", summary="Swap in an alternate")
def post_swap(desk: AtDesk, body: Swap) -> Files:
    """Take an alternate in the place of a pick; the next run works on it."""
    return Files(items=[line_of(desk, each) for each in desk.swap_on(body.on, body.old, body.new, body.reason)])


@router.get("/batches/{batch}/queue", summary="What waits in a batch, by product")
def get_waiting(desk: AtDesk, batch: str) -> WaitingList:
    """Return what waits for people, with its age in business hours and who should take it."""
    return WaitingList(
        items=[_waiting(desk, batch, item, who.name, who.why) for item, who in desk.waiting(batch)],
    )


def _product(desk: Desk, batch: str, state: ProductState) -> Product:
    def ids(files: tuple[FileState, ...]) -> list[str]:
        return [desk.id_of(batch, each) for each in files]

    return Product(
        key=state.key,
        sku=state.sku,
        category=state.category,
        stakes=state.stakes,
        standing=state.standing,
        needs_people=state.needs_people,
        slots=[
            Slot(
                name=each.name,
                view=each.view,
                color=each.color,
                required=each.required,
                standing=each.standing,
                frames=ids(each.frames),
                alternates=ids(each.alternates),
            )
            for each in state.slots
        ],
        missing=list(state.missing),
        extra=list(state.extra),
        doubled=list(state.doubled),
        waived=list(state.waived),
        held=dict(state.held),
        inconsistent=[
            Unlike(
                kind=each.kind,
                files=[desk.id_of(batch, path) for path in each.files],
                value=each.value,
                limit=each.limit,
                text=each.text,
            )
            for each in desk.consistency(state)
        ],
    )


def _waiting(desk: Desk, batch: str, item: QueueItem, suggested: str, because: str) -> Waiting:
    values = {name: value for name, value in vars(item).items() if name != "files"}
    ids = [desk.id_of(batch, each) for each in item.files]
    return Waiting(**values, files=ids, overdue=item.overdue, suggested=suggested, because=because)
