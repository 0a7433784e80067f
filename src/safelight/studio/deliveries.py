"""Pictures go out: release, delivery, signing, webhooks, and what a client returns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor
from safelight.studio.guides import (
    guide_of,
)
from safelight.studio.lessons import LessonVerbs
from safelight.studio.numbers import NumberVerbs
from safelight.studio.said import OWNER, Asked, Done

if TYPE_CHECKING:
    from safelight.core.batch import BatchState
    from safelight.review.release import ReleasePlan
    from safelight.runs.progress import Progress


class DeliveryVerbs(NumberVerbs, LessonVerbs):
    """The verbs by which pictures go out."""

    def plan_release(self, batch: str, out: Path) -> Asked:
        """Return what a release would cover and the sample to look at."""
        from safelight.review.record import release_lines

        plan = self._plan(self.state(batch))
        return Asked(release_lines(plan, out / batch), len(plan.sample), plan.etag)

    def _plan(self, state: BatchState) -> ReleasePlan:
        """Return what a release of a batch would cover, its sample drawn by what the audit says of each kind."""
        from safelight.review.release import plan_release, vouched_by

        s = self.settings
        return plan_release(state, s.sample_share, s.sample_least, vouched_by(self.record()))

    def release(
        self, batch: str, name: str, out: Path, progress: Progress, seen: str = "", looked: str = "said"
    ) -> Done:
        """Record the release by `name`, who has looked at the sample, and deliver.

        With `seen`, the ETag of the plan that they looked at, nothing else leaves than what they saw; `looked` says
        how that is known (`safelight.review.release`).
        """
        from safelight.review.release import release, require_seen

        self._may(Actor("person", name), "release", batch)
        with self._lock:
            state = self.state(batch)
            plan = self._plan(state)
            require_seen(state, plan, seen)
            self.store.ledger.append(release(state, plan, name, looked))
        return self.deliver(batch, out, progress)

    def client_return(self, batch: str, file: str, name: str, reason: str, marks: Sequence[str] = ()) -> dict[str, Any]:
        """Record a client's return of a delivered file: it is open again, a revision and an escape."""
        from safelight.review.record import record_return

        self._may(Actor("person", name), "return", batch)
        with self._lock:
            return record_return(self.store, self.state(batch), file, name, reason, marks)

    def deliver(self, batch: str, out: Path, progress: Progress, *, dry_run: bool = False) -> Done:
        """Write what is approved and not yet delivered, each file checked as it will be seen."""
        from safelight.delivery.deliver import deliver_batch
        from safelight.delivery.outbox import tell_delivery
        from safelight.runs.pool import Pool

        self._may(OWNER, "deliver", batch)
        state = self.state(batch)
        s = self.settings
        with Pool(self._workers(), s.work_timeout_s, s.work_attempts, nice=s.work_nice) as pool:
            folder = out / batch / "delivery"
            lines = deliver_batch(
                self.store,
                state,
                guide_of(state),
                folder,
                pool.answers,
                progress,
                dry_run=dry_run,
                costs=self._costs_of(state),
            )
        if dry_run:
            return Done(lines)
        tell_delivery(self.store, batch, folder)
        return self._told(batch, out, lines)

    def _costs_of(self, state: BatchState) -> dict[str, dict[str, Any]]:
        """Return what people's work on each original of a batch cost."""
        from safelight.reports.costs import costs_by_asset
        from safelight.reports.minutes import TIMED, minutes_by_asset

        facts = self.store.ledger.iterate(kind=TIMED, batch=state.name)
        return costs_by_asset({each.asset for each in state.files.values()}, minutes_by_asset(facts), self.rates())

    def zip_delivery(self, batch: str, out: Path) -> list[dict[str, Any]]:
        """Write each channel of a delivery as one zip."""
        from safelight.delivery.bundle import write_zips

        self._may(OWNER, "deliver", batch)
        return [{"zip": str(each)} for each in write_zips(self.store, out / batch / "delivery")]

    def send_delivery(self, batch: str, out: Path, address: str) -> list[dict[str, Any]]:
        """Put a delivery into a bucket, every object read back; access comes from the environment."""
        import os

        from safelight.delivery.bucket import Bucket
        from safelight.delivery.bundle import send_batch

        self._may(OWNER, "deliver", batch)
        return send_batch(self.store, batch, out / batch / "delivery", Bucket(address, os.environ))

    def add_webhook(self, url: str, secret: str, name: str, *, private: bool) -> dict[str, Any]:
        """Tell another system of deliveries from now on."""
        from safelight.delivery.outbox import add_hook

        self._may(Actor("person", name), "configure")
        return add_hook(self.store, url, secret, name, private=private)

    def remove_webhook(self, url: str, name: str) -> None:
        """Tell another system of nothing any more."""
        from safelight.delivery.outbox import remove_hook

        self._may(Actor("person", name), "configure")
        remove_hook(self.store, url, name)

    def list_webhooks(self) -> list[dict[str, Any]]:
        """Say where events go; secrets are not shown again."""
        from safelight.delivery.outbox import hooks

        self._may(OWNER, "configure")
        return [{"url": each.url, "private": each.private} for each in hooks(self.store)]

    def send_webhooks(self) -> list[dict[str, Any]]:
        """Send every event that a hook has not taken yet."""
        from safelight.delivery.outbox import send_events

        self._may(OWNER, "deliver")
        return send_events(self.store)

    def choose_signer(self, chain: Path | None, key: Path | None, program: Sequence[str], name: str) -> dict[str, Any]:
        """Take who signs delivered files from now on: a certificate, or without one a new key of the store's own."""
        from safelight.delivery.credentials import choose_signer

        actor = Actor("person", name)
        self._may(actor, "configure")
        return choose_signer(self.store, chain, key, program, name)

    def signer(self) -> dict[str, Any]:
        """Say who signs delivered files, until when, and the certificates that vouch for it."""
        from safelight.delivery.credentials import describe_signer

        self._may(OWNER, "view")
        return describe_signer(self.store)
