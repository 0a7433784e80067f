"""What a file says of itself on its way to a retoucher and back: its ticket, a note, and guides."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from safelight.media.sidecar_xml import Name
from safelight.media.xmp import DC, Lang, Text, Value, change_properties, read_property

TICKET_DIGITS = 10
_OWN: Name = ("urn:safelight:xmp:1.0:", "Ticket")
_IDENTIFIER: Name = (DC, "identifier")
_MARK = "safelight-ticket:"
_GUIDES = 1032


def pack_ticket(ticket: str, note: str) -> bytes:
    """Return an XMP packet that names a ticket, twice: some programs keep only properties that they know.

    Examples
    --------
    >>> ticket_in(pack_ticket("0123456789", "the <left> sleeve"))
    '0123456789'
    """
    mark = Text(_MARK + ticket)
    wanted: dict[Name, Value] = {_OWN: Text(ticket), _IDENTIFIER: mark, (DC, "description"): Lang(note)}
    return change_properties(None, wanted)


def ticket_in(packet: bytes | None) -> str:
    """Return the ticket that an XMP packet names, or ""."""
    for each in (*read_property(packet, _OWN), *read_property(packet, _IDENTIFIER)):
        found = each.strip().removeprefix(_MARK)
        if re.fullmatch(rf"[0-9a-f]{{{TICKET_DIGITS}}}", found):
            return found
    return ""


def pack_guides(guides: Sequence[tuple[str, float]]) -> bytes:
    """Return Photoshop's guides as an image resource.

    Parameters
    ----------
    guides : sequence of (``"row"`` or ``"column"``, place in px)

    References
    ----------
    Adobe Photoshop File Formats Specification, "Grid and guides resource format": version 1, a grid of 18 units, then
    each guide in 32nds of a pixel.
    """
    body = struct.pack(">IIII", 1, 576, 576, len(guides))
    body += b"".join(struct.pack(">IB", round(32 * place), int(way == "row")) for way, place in guides)
    return b"8BIM" + struct.pack(">HHI", _GUIDES, 0, len(body)) + body + bytes(len(body) % 2)
