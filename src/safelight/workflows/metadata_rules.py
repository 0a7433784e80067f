"""What a style guide says of metadata: whose picture and look it is, what strangers may do and may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from safelight.workflows.toml import Table, nearest

PRIVATE = ("gps", "serial_numbers", "faces")
# PLUS LDF vocabulary of plus:DataMining, and what CAWG's training-and-mining assertion says for it.
DATA_MINING: Mapping[str, str] = MappingProxyType(
    {
        "unspecified": "",
        "allowed": "DMI-ALLOWED",
        "no_training": "DMI-PROHIBITED-AIMLTRAINING",
        "no_generative_training": "DMI-PROHIBITED-GENAIMLTRAINING",
        "search_only": "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
        "prohibited": "DMI-PROHIBITED",
    }
)
_KEYS = ("creator", "rights", "credit", "look_owner", "data_mining", "keep", "credentials")


@dataclass(frozen=True)
class MetadataRules:
    """What delivered files say beside their pixels.

    Parameters
    ----------
    creator, rights, credit : str
        Written over what the original says; "" keeps the original's.
    look_owner : str
        Who owns the look or style that the pictures carry (R137).
    data_mining : str
        A key of `DATA_MINING`.
    keep : tuple of {"gps", "serial_numbers", "faces"}
        Private fields that stay; none by default.
    credentials : bool
        Sign every delivered file.
    """

    creator: str = ""
    rights: str = ""
    credit: str = ""
    look_owner: str = ""
    data_mining: str = "unspecified"
    keep: tuple[str, ...] = ()
    credentials: bool = True

    @property
    def removed(self) -> tuple[str, ...]:
        """The private topics that are taken out."""
        return tuple(each for each in PRIVATE if each not in self.keep)

    def mining(self) -> Mapping[str, str]:
        """Return CAWG's entries for the wish about training, by name; none where nothing is said.

        Examples
        --------
        >>> MetadataRules(data_mining="no_generative_training").mining()["cawg.ai_generative_training"]
        'notAllowed'
        """
        barred = {
            "allowed": (),
            "no_training": ("ai_generative_training", "ai_training"),
            "no_generative_training": ("ai_generative_training",),
            "search_only": ("ai_generative_training", "ai_training", "ai_inference"),
            "prohibited": ("ai_generative_training", "ai_training", "ai_inference", "data_mining"),
        }
        if self.data_mining not in barred:
            return {}
        names = ("ai_generative_training", "ai_training", "ai_inference", "data_mining")
        return {
            f"cawg.{each}": "notAllowed" if each in barred[self.data_mining] else "allowed"
            for each in names
            if each in barred[self.data_mining] or self.data_mining == "allowed"
        }


def read_metadata_rules(table: Table) -> MetadataRules:
    """Read ``[metadata]``.

    Raises
    ------
    DeclarationError
        If a key or word is unknown; with the line.
    """
    table.allow(*_KEYS)
    keep = table.texts("keep")
    for at, each in enumerate(keep):
        if each not in PRIVATE:
            said = f"metadata.keep holds {each!r}{nearest(each, PRIVATE)}; it takes: {', '.join(PRIVATE)}"
            raise table.error(said, "keep", at)
    return MetadataRules(
        creator=table.text("creator", ""),
        rights=table.text("rights", ""),
        credit=table.text("credit", ""),
        look_owner=table.text("look_owner", ""),
        data_mining=table.choice("data_mining", tuple(DATA_MINING), "unspecified"),
        keep=keep,
        credentials=table.flag("credentials", default=True),
    )
