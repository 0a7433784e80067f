"""From what was gathered to what the router is told: curves, bounds, watched categories."""

from __future__ import annotations

from collections.abc import Mapping

from safelight.learning.experience import Experience, Label, Rework
from safelight.plugins import step_named, step_names
from safelight.routing.calibration import Calibrator, fit
from safelight.routing.escapes import Audited, Standing, stand
from safelight.routing.reasons import return_reasons
from safelight.routing.record import LEAST_DECIDED, REWORK_ALARM, Record, Watch

DEFAULT_THRESHOLD = 0.9  # as a lane's


def make_record(experience: Experience, level: float, threshold: float = DEFAULT_THRESHOLD) -> Record:
    """Return what the router is told.

    Parameters
    ----------
    experience : Experience
    level : float
        Escapes ÷ all files that the studio allows.
    threshold : float
        What strata are judged at for which no person accepted another.
    """
    calibrators = {
        key: fit(claims, good) for key, (claims, good) in experience.claims(tasks_of_steps()).items() if claims
    }
    thresholds = experience.thresholds()
    told = {key: audited(labels, calibrators) for key, labels in experience.labels().items()}
    found, unseen = experience.known_escapes(), experience.left_unseen()
    strata = {
        key: stand(told.get(key, ()), thresholds.get(key, threshold), level, found.get(key, ()), unseen.get(key, 0))
        for key in {**told, **found}
    }
    watched = {each.category: watch for each in experience.rework().values() if (watch := watch_of(each)) is not None}
    return Record(experience.outcomes(), calibrators, strata, thresholds, watched, told, found, unseen, level)


def audited(labels: list[Label], calibrators: Mapping[tuple[str, str], Calibrator]) -> list[Audited]:
    """Return labels with what the router would be told of them today: the least of their calibrated claims."""
    made = []
    for each in labels:
        sure = [
            calibrators.get((step, each.category), Calibrator()).apply(claim).value
            for step, claim in each.claims.items()
        ]
        made.append(Audited(min(sure, default=0.0), each.bad, each.probability))
    return made


def tasks_of_steps() -> Mapping[str, str]:
    """Return the row of the reliability map of each installed step."""
    return {name: step_named(name).task for name in step_names()}


def watch_of(rework: Rework) -> Watch | None:
    """Return the alarm of a category whose rework passes `REWORK_ALARM`; None if it does not, or too few are decided.

    Examples
    --------
    >>> watch_of(Rework("jewelry", 40, 10, {"edge_halo": 7})).told()[:44]
    '10 of 40 files of jewelry were sent back (25'
    >>> watch_of(Rework("jewelry", 40, 6)) is None
    True
    """
    if rework.decided < LEAST_DECIDED or rework.returned / rework.decided <= REWORK_ALARM:
        return None
    return Watch(rework.category, rework.decided, rework.returned, likely_cause(rework))


def likely_cause(rework: Rework) -> str:
    """Return what the leading reason says to look at before the step; "" where no reason was marked."""
    known = return_reasons()
    for code, number in rework.reasons.items():
        if code in known and known[code].upstream:
            return f"{known[code].upstream} ({number} of {rework.returned}: {known[code].title.lower()})"
    return ""


def standing_lines(experience: Experience, record: Record) -> list[dict[str, object]]:
    """Return a line a stratum: what it is, its labels of those needed, bound and interval, and whether auto is open."""
    lines: list[dict[str, object]] = []
    for key, stratum in sorted(experience.strata().items(), key=lambda pair: pair[1].told()):
        standing: Standing | None = record.strata.get(key)
        unseen = record.unseen.get(key, 0)
        lines.append(
            {
                "stratum": key,
                "told": stratum.told(),
                **stratum.to_data(),
                "labels": standing.labels if standing else 0,
                "needed": standing.needed if standing else None,
                "threshold": standing.threshold if standing else None,
                "escaped": standing.escaped if standing else 0,
                "bound": standing.bound if standing else 1.0,
                "clopper_pearson": standing.clopper_pearson if standing else 1.0,
                "level": standing.level if standing else None,
                "drifted": standing.drifted if standing else False,
                "to_clear": standing.to_clear if standing else 0,
                "unseen": unseen,
                "found_by_clients": standing.known if standing else 0,
                "auto": standing.allows_auto if standing else False,
                "look_share": standing.look_share if standing else 1.0 - record.level,
                "text": f"{stratum.told()}: {standing.told() if standing else 'no audited label yet'}",
            }
        )
    return lines
