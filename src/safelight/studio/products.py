"""Products: what is decided of a whole SKU, its views, swaps, waivers and reshoots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor
from safelight.studio.guides import (
    needs_of,
)
from safelight.studio.opened import Opened
from safelight.studio.said import OWNER

if TYPE_CHECKING:
    from safelight.core.facts import NewFact
    from safelight.review.consistency import Inconsistent
    from safelight.workflows.product_board import ProductState


class ProductVerbs(Opened):
    """The verbs about whole products."""

    def decide_product(
        self,
        batch: str,
        product: str,
        decided: str,
        name: str,
        reason: str,
        marks: Sequence[str] = (),
        views: Sequence[str] = (),
        also: Sequence[NewFact] = (),
    ) -> list[dict[str, Any]]:
        """Record one decision on a product: all its views that wait, or the named ones."""
        from safelight.review.record import record_product_decision
        from safelight.workflows.product_board import product_named

        self._may(Actor("person", name), "decide", batch)
        with self._lock:
            found = product_named(self.products(batch, product), product)
            return record_product_decision(
                self.store,
                self.state(batch),
                found,
                decided,
                name,
                reason,
                marks,
                views,
                self.settings.sample_share,
                also,
            )

    def swap(self, batch: str, old: str, new: str, name: str, reason: str) -> list[dict[str, Any]]:
        """Take an alternate in the place of a pick; the next run works on it."""
        from safelight.review.products import swap

        self._may(Actor("person", name), "decide", batch)
        with self._lock:
            self.store.ledger.append(swap(self.state(batch), old, new, name, reason))
        return [{"file": new, "instead": old, "by": name, "said": f"{new} in the place of {old}, says {name}"}]

    def waive(self, batch: str, product: str, view: str, name: str, reason: str, channel: str = "") -> dict[str, Any]:
        """Record that a product may leave without a view, for one channel or all."""
        from safelight.review.products import waive
        from safelight.workflows.product_board import product_named

        self._may(Actor("person", name), "release", batch)
        with self._lock:
            found = product_named(self.products(batch, product), product)
            self.store.ledger.append(waive(self.state(batch), found, view, name, reason, channel))
        said = f"{found.key} may leave without {view}{f' for {channel}' if channel else ''}, says {name}"
        return {"product": found.key, "view": view, "channel": channel, "by": name, "said": said}

    def products(self, batch: str, only: str = "") -> list[ProductState]:
        """Return the products of a batch (or one) with their views, where they stand, and what holds them."""
        from safelight.workflows.product_board import product_states

        state = self.state(batch)
        needs, channels = needs_of(state)
        return product_states(state, needs, channels, only)

    def consistency(self, product: ProductState) -> list[Inconsistent]:
        """Return what does not belong together among a product's views and colorways, before gate 2 looks."""
        from safelight.review.consistency import inconsistencies

        return inconsistencies(product)

    def reshoots(self, batch: str) -> list[dict[str, Any]]:
        """Return what the set is asked to shoot again."""
        from safelight.review.reshoot import reshoot_lines

        self._may(OWNER, "view", batch)
        return reshoot_lines(self.state(batch))

    def supersede(self, batch: str, old: str, new: str, name: str, reason: str) -> dict[str, Any]:
        """Record that a capture takes another's place; one that names no article is what the old one was."""
        from safelight.review.decide import find_file
        from safelight.review.reshoot import supersede_by_hand

        self._may(Actor("person", name), "decide", batch)
        with self._lock:
            state = self.state(batch)
            first, second = find_file(state, old), find_file(state, new)
            facts = supersede_by_hand(state, first, second, name, reason)
            self.store.ledger.append(facts)
        said = f"{second.path} takes the place of {first.path}, says {name}"
        placed = "place" in facts[0].body
        return {"file": first.path, "by": second.path, "placed": placed, "said": said}
