"""Long work: runs and deliveries beside the server."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from pydantic import BaseModel, Field

from safelight.api.desk import AtDesk
from safelight.api.once import OnceRoute
from safelight.runs.jobs import JobState

router = APIRouter(tags=["work"], route_class=OnceRoute)


class Job(BaseModel):
    """A piece of long work; `done` of `total` pieces of its present stage."""

    id: str
    what: str = Field(description="run, repaint, release or deliver")
    batch: str
    by: str
    state: str = Field(description="waiting, working, done or failed")
    stage: str
    done: int
    total: int
    said: str


class Jobs(BaseModel):
    """Long work since the service started, the newest last."""

    items: list[Job]


class RunAsked(BaseModel):
    """A shoot to take through its workflow; paths are of the machine that serves."""

    folder: str = Field(min_length=1, max_length=4096)
    guide: str = Field("", max_length=4096, description="a style guide's file; empty is the built-in one")
    workflow: str = Field("", max_length=100, description="take every file for this category")
    adopt: bool = Field(
        default=False,
        description="take another guide than the batch started with; else the job fails and says what would change",
    )


@router.get("/jobs", summary="Long work")
def get_jobs(desk: AtDesk) -> Jobs:
    """Return the work that one may see."""
    return Jobs(items=[job_line(each) for each in desk.jobs()])


@router.post("/jobs", status_code=202, summary="Run a shoot")
def post_job(desk: AtDesk, body: RunAsked) -> Job:
    """Take a shoot through culling, correction, cut-out and gate 1, beside the server."""
    guide = Path(body.guide) if body.guide else None
    return job_line(desk.start_run(Path(body.folder), guide, body.workflow, adopt=body.adopt))


def job_line(state: JobState) -> Job:
    """Return a job as data."""
    return Job(**{name: value for name, value in vars(state).items() if name != "project"})
