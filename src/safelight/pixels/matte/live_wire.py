"""The path tool that clings to edges: the cheapest way between two clicks."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_ROOM_PX = 40  # around both clicks at least; a third of their distance where that is more
_SIDE_PX = 160  # long side of the window worked at: some 25,000 nodes
_FLAT = 0.03  # cost of a step along the best edge, against 1 where there is none


def live_wire(
    rgb: NDArray[np.uint8], start: tuple[float, float], end: tuple[float, float]
) -> tuple[tuple[float, float], ...]:
    """Follow the picture's edges from one click to the next.

    Parameters
    ----------
    rgb : (H, W, 3) uint8, encoded
    start, end : (x, y), px, 0 at the picture's left and upper edge

    Returns
    -------
    tuple of (x, y)
        From `start` to `end`, a point some pixel apart; between them on the strongest edge near their line.

    Raises
    ------
    ValueError
        If a click lies outside the picture.

    Notes
    -----
    Dijkstra's cheapest path over pixels of a window around both; a step costs little where the colors step.

    References
    ----------
    E. N. Mortensen and W. A. Barrett, "Intelligent scissors for image composition", 1995.

    Examples
    --------
    >>> picture = np.full((80, 80, 3), 230, np.uint8); picture[:, 40:] = 30
    >>> way = live_wire(picture, (40.0, 5.0), (40.0, 75.0))
    >>> bool(max(abs(x - 40) for x, _ in way) < 1.5), way[0], way[-1]
    (True, (40.0, 5.0), (40.0, 75.0))
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    height, width = rgb.shape[:2]
    for name, (x, y) in (("start", start), ("end", end)):
        if not (0 <= x <= width and 0 <= y <= height):
            raise ValueError(f"{name} is ({x}, {y}); the picture is {width} x {height} px")
    room = max(_ROOM_PX, int(0.35 * np.hypot(end[0] - start[0], end[1] - start[1])))
    x0, y0 = (max(0, int(min(start[each], end[each])) - room) for each in (0, 1))
    x1, y1 = (min(side, int(max(start[each], end[each])) + room + 1) for each, side in ((0, width), (1, height)))
    scale = min(1.0, _SIDE_PX / max(x1 - x0, y1 - y0))
    size = (max(4, round((x1 - x0) * scale)), max(4, round((y1 - y0) * scale)))
    small = cv2.resize(np.ascontiguousarray(rgb[y0:y1, x0:x1]), size, interpolation=cv2.INTER_AREA)
    cost = _cost(small)
    rows, columns = cost.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    begin, to, weight = [], [], []
    for dy, dx, length in ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 2**0.5), (1, -1, 2**0.5)):
        one = index[: rows - dy, max(0, -dx) : columns - max(0, dx)].ravel()
        other = index[dy:, max(0, dx) : columns + min(0, dx)].ravel()
        begin.append(one)
        to.append(other)
        weight.append(length * 0.5 * (cost.ravel()[one] + cost.ravel()[other]))
    graph = csr_matrix((np.concatenate(weight), (np.concatenate(begin), np.concatenate(to))), shape=(cost.size,) * 2)

    def node(point: tuple[float, float]) -> int:
        x = min(max(int((point[0] - x0) * columns / (x1 - x0)), 0), columns - 1)
        y = min(max(int((point[1] - y0) * rows / (y1 - y0)), 0), rows - 1)
        return int(y * columns + x)

    first, last = node(start), node(end)
    search: Any = dijkstra  # its stubs know no choice of one start
    _, before = search(graph, directed=False, indices=first, return_predecessors=True)
    way = []
    at = int(before[last]) if last != first else first
    while at not in (first, -9999):
        y, x = divmod(at, columns)
        way.append((x0 + (x + 0.5) * (x1 - x0) / columns, y0 + (y + 0.5) * (y1 - y0) / rows))
        at = int(before[at])
    return (start, *reversed(way), end)


def _cost(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Near 1 where nothing steps, near 0 on the strongest edges."""
    lab = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32), (0, 0), 1.0)
    across, along = (cv2.Sobel(lab, cv2.CV_32F, dx, 1 - dx, ksize=3) for dx in (1, 0))
    steep = np.sqrt((across * across + along * along).sum(axis=-1))
    edge = np.clip(steep / max(float(np.percentile(steep, 98)), 1e-3), 0, 1)
    return np.asarray((1 - edge) ** 2 + _FLAT, np.float64)
