"""Whether the service is well, and its figures for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from safelight import __version__
from safelight.api.desk import AtDesk, house_of

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """Whether the service answers, and which it is."""

    ok: bool
    version: str


@router.get("/health", summary="Health")
def get_health(request: Request) -> Health:
    """Answer if the service lives and its ledger can be read; open to everybody, so it says no more."""
    house_of(request).store.ledger.head()
    return Health(ok=True, version=__version__)


@router.get("/metrics", response_class=Response, summary="Figures for Prometheus")
def get_metrics(desk: AtDesk, request: Request) -> Response:
    """Return requests by route and status, their seconds, what waits in each queue, and listeners."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    desk.require_figures()
    metrics: Metrics = request.app.state.metrics
    metrics.look(desk.board(), desk.house.bulletin.screens, desk.house.shelf.kept_bytes)
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


class Metrics:
    """The figures of one app."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry: CollectorRegistry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._count = Counter("safelight_requests", "answers given", labels, registry=self.registry)
        buckets = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)
        self._seconds = Histogram(
            "safelight_request_seconds", "until an answer", labels[:2], registry=self.registry, buckets=buckets
        )
        self._waiting = Gauge("safelight_queue_files", "files that wait", ("queue",), registry=self.registry)
        self._listeners = Gauge("safelight_listeners", "open event streams", registry=self.registry)
        self._cache = Gauge("safelight_screen_cache_bytes", "pictures kept for screens", registry=self.registry)

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._count.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def look(self, board: list[dict[str, object]], listeners: int, cache_bytes: int) -> None:
        """Set what is measured when it is asked for."""
        self._waiting.clear()
        for each in board:
            self._waiting.labels(str(each["queue"])).set(float(str(each["files"])))
        self._listeners.set(listeners)
        self._cache.set(cache_bytes)
