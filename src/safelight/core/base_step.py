"""Steps that take a finished picture as the new base: a person or a composition made it, no proposal does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from safelight.core.edit import Reason
from safelight.core.params import ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Tools

Propose = Callable[[Picture, Group | None, Mapping[str, Value], Tools], Proposal]


def proposes_nothing(params: ParamSet, reason: str, text: str) -> Propose:
    """Return what proposes a step's defaults without a confidence, for the reason given: only people make it."""

    def propose(_picture: Picture, _group: Group | None, _wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
        return Proposal(params.defaults(), None, (Reason(reason, text),))

    return propose


def base_of(artifacts: Mapping[str, bytes]) -> bytes:
    """Return the picture that was taken in, an encoded file; empty where none was.

    Examples
    --------
    >>> base_of({"base": b"II*"}), base_of({})
    (b'II*', b'')
    """
    return artifacts.get("base", b"")
