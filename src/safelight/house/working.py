"""Long work that is asked for at a desk and done beside it."""

from __future__ import annotations

from pathlib import Path

from safelight.errors import UsageError
from safelight.house.seat import Seat
from safelight.runs import asked
from safelight.runs.asked import AskedWork
from safelight.runs.jobs import JobState


class WorkingVerbs(Seat):
    """The verbs that ask for long work."""

    def repaint(self, batch: str) -> None:
        """Paint anew what people changed in a batch, beside the server."""
        self.batch_row(batch, "amend")
        self._repaint(batch)

    def start_run(self, shoot: Path, guide: Path | None, workflow: str, *, adopt: bool = False) -> JobState:
        """Take a shoot through its workflow, beside the server."""
        self._may(self.me.actor, "run")
        if not shoot.is_dir():
            raise UsageError("there is no such folder on the machine that serves; name one that it can see")

        place, rules = str(shoot), str(guide or "")
        wanted = AskedWork(asked.new_job(), "run", "", self.name, place, rules, workflow, adopt=adopt)
        return self.house.ask_for(wanted, self.ledger)

    def start_delivery(self, batch: str) -> JobState:
        """Deliver what is approved and not yet delivered, beside the server."""
        self.batch_row(batch, "deliver")
        return self.house.ask_for(AskedWork(asked.new_job(), "deliver", batch, self.name), self.ledger)

    def jobs(self) -> list[JobState]:
        """Return the jobs that the caller may see, the newest last."""
        return [each for each in self.house.jobs.states() if self.may_see(each.project)]

    def _repaint(self, batch: str) -> None:
        """Run a batch again: only what changed is worked."""
        opened, _ = self.house.opening(batch)
        folder, guide = str(opened.get("folder", "")), str(opened.get("guide_path") or "")
        self.house.ask_for(AskedWork(asked.new_job(), "repaint", batch, self.name, folder, guide), self.ledger)
