"""Pictures come in: run, cull, ingest, and the folder that is watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.studio.guides import (
    check_guide,
)
from safelight.studio.lessons import LessonVerbs
from safelight.studio.numbers import NumberVerbs
from safelight.studio.said import OWNER, Done

if TYPE_CHECKING:
    from safelight.runs.pool import Pool
    from safelight.runs.progress import Progress
    from safelight.runs.run import Order
    from safelight.runs.shoot import Shoot


class IntakeVerbs(NumberVerbs, LessonVerbs):
    """The verbs by which pictures come in."""

    def run(
        self,
        shoot: Path,
        guide: Path | None,
        workflow: str,
        out: Path,
        progress: Progress,
        *,
        adopt: bool = False,
        pool: Pool | None = None,
    ) -> Done:
        """Take a shoot through its workflow, write proofs and the report, and say where everything stands.

        A batch stays under the guide that it started with, unless `adopt` takes another for it. A contact sheet fills
        while frames come in, as for `cull`; `pool` is one that was started ahead.
        """
        from safelight.reports.contact import ContactSheet
        from safelight.runs.pinned import require_same_guide
        from safelight.runs.run import run_batch

        self._may(OWNER, "run")
        order = self._order(shoot, guide, workflow)
        if not adopt:
            require_same_guide(self.store, order.shoot.folder, order.guide, order.guide_path)
        batch = run_batch(self.store, order, progress, looker=lambda name: ContactSheet(out / name), pool=pool)
        if self._take_reshoots(batch):  # what now shows an article that its name does not say is worked as that
            run_batch(self.store, order, progress, pool=pool)
        return self.report(batch, out)

    def _take_reshoots(self, batch: str) -> bool:
        """Let new captures take the place of those that were asked for again; say whether one was not so named."""
        from safelight.review.reshoot import superseding

        with self._lock:
            facts = superseding(self.state(batch))
            self.store.ledger.append(facts)
        return any("place" in each.body for each in facts)

    def cull(
        self, folder: Path, guide: Path | None, progress: Progress, out: Path, *, pool: Pool | None = None
    ) -> Done:
        """Measure, group and class every frame; nothing is painted. A contact sheet fills while frames come in."""
        from safelight.reports.contact import ContactSheet
        from safelight.reports.lines import cull_lines
        from safelight.runs.run import run_batch

        self._may(OWNER, "cull")
        order = self._order(folder, guide, "")

        def looker(name: str) -> ContactSheet:
            return ContactSheet(out / name)

        batch = run_batch(self.store, order, progress, cull_only=True, looker=looker, pool=pool)
        lines = cull_lines(self.state(batch))
        return Done(lines, f"contact sheet: {looker(batch).page}", sum(line["class"] == "unreadable" for line in lines))

    def ingest(self, folder: Path, progress: Progress, backup: Path | None = None) -> Done:
        """Copy originals into the store, and into a backup folder where one is named."""
        from safelight.media.names import slug
        from safelight.runs.ingest import ingest_shoot
        from safelight.runs.journal import batch_for
        from safelight.runs.shoot import list_shoot

        self._may(OWNER, "ingest")
        shoot = list_shoot(str(folder))
        batch = batch_for(self.store, shoot.folder, slug(folder.name) or "shoot")
        lines = ingest_shoot(self.store, shoot, batch, progress, None if backup is None else str(backup.absolute()))
        return Done(lines, "", sum(line.get("failed", False) for line in lines))

    def watch(
        self,
        folder: Path,
        guide: Path | None,
        out: Path,
        progress: Progress,
        tell: Callable[[Mapping[str, Any]], None],
        *,
        once: bool,
    ) -> None:
        """Run what arrives whole in a folder, from copies in the store, and put it away."""
        from safelight.runs.hot_folder import HotFolder, watch

        self._may(OWNER, "run")

        def work(claim: Path) -> Sequence[Mapping[str, Any]]:
            self.ingest(claim, progress)
            return self.run(claim, guide, "", out, progress).lines

        check_guide(guide, "")
        watch(HotFolder(folder, work), tell, once=once)

    def _order(self, shoot: Path, guide: Path | None, workflow: str) -> Order:
        from safelight.runs.run import Order
        from safelight.runs.shoot import shots_of

        chosen, found = check_guide(guide, workflow), self._shoot(shoot)
        path = str(guide.absolute()) if guide else ""
        shots = shots_of(found, chosen)
        return Order(found, chosen, shots, self.settings, workflow, path, self.record(), self.moves())

    def _shoot(self, folder: Path) -> Shoot:
        """List a shoot; from the store's own copies where its folder is away and was ingested."""
        from safelight.runs.ingest import ingested_shoot
        from safelight.runs.shoot import list_shoot

        away = None if folder.exists() else ingested_shoot(self.store, str(folder.absolute()))
        return away or list_shoot(str(folder))
