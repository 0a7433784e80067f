"""A desk: all that one caller may ask a service for."""

from __future__ import annotations

from safelight.house.amending import AmendingVerbs
from safelight.house.briefing import BriefingVerbs
from safelight.house.counting import CountingVerbs
from safelight.house.forgetting import ForgettingVerbs
from safelight.house.members import MemberVerbs
from safelight.house.releasing import ReleasingVerbs
from safelight.house.undoing import UndoingVerbs


class Desk(ReleasingVerbs, UndoingVerbs, AmendingVerbs, BriefingVerbs, MemberVerbs, CountingVerbs, ForgettingVerbs):
    """The verbs of one caller."""
