"""The verbs that only a service has: the studio with people in it, each asking as who they are."""

from __future__ import annotations

from safelight.house.desk import Desk
from safelight.house.shared import House

__all__ = ["Desk", "House"]
