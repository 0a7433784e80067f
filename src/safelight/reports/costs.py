"""What people's work on each original cost, at the studio's rates, for those who are handed its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from safelight.reports.kpi import Rates
from safelight.reports.minutes import Spent

_NO_RATES = "no rates are set: `safelight rates --review N --labor N --currency EUR --as NAME`"


def costs_by_asset(assets: Iterable[str], minutes: Mapping[str, Spent], rates: Rates) -> dict[str, dict[str, Any]]:
    """Return the cost of each original as JSON data.

    Parameters
    ----------
    assets : iterable of str
    minutes : mapping of asset to Spent
        From `minutes_by_asset`; what is missing took nobody's time.
    rates : Rates

    Returns
    -------
    mapping of asset to mapping
        ``amount`` in ``currency`` (None without rates, and ``why``), ``review_min``, ``labor_min``. Machines' time has
        no rate and is not in it.

    Examples
    --------
    >>> costs_by_asset(["a"], {"a": Spent(review=3.0, labor=1.5)}, Rates(40.0, 60.0, "EUR"))["a"]["amount"]
    3.5
    >>> costs_by_asset(["a"], {}, Rates())["a"]["amount"] is None
    True
    """
    known = bool(rates.review_h or rates.labor_h)
    found: dict[str, dict[str, Any]] = {}
    for asset in assets:
        spent = minutes.get(asset, Spent())
        amount = round(spent.review / 60 * rates.review_h + spent.labor / 60 * rates.labor_h, 4)
        found[asset] = {
            "amount": amount if known else None,
            "currency": rates.currency,
            "review_min": spent.review,
            "labor_min": spent.labor,
            **({} if known else {"why": _NO_RATES}),
        }
    return found
