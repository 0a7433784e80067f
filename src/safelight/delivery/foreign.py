"""Judge any file by a channel's rules, also one that was made elsewhere."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from safelight.core.check import Subject
from safelight.delivery.packs import load_pack
from safelight.delivery.verify import judge_rules
from safelight.plugins import check_named


def judge_file(picture: Path, channel: str) -> list[dict[str, Any]]:
    """Return one line a rule of the channel; a `should` that fails is a warning.

    Raises
    ------
    UnknownNameError
        If there is no such channel.
    MediaError
        If the file can't be read.
    """
    from safelight.media import file_facts
    from safelight.media.sandbox import Decoder

    pack = load_pack(channel)
    with Decoder() as decoder:
        decoded = decoder.decode(str(picture))
    facts = file_facts.read(picture.read_bytes(), picture.name)
    subject = Subject(decoded.image, None, None, facts, dict(pack.expect))
    findings = {name: check_named(name).measure(subject) for name in pack.checks()}
    stale = pack.stale(datetime.datetime.now(datetime.UTC).date())
    lines: list[dict[str, Any]] = []
    for rule in judge_rules(pack, findings):
        word = rule.word if rule.word == "pass" else ("fail" if rule.severity == "must" else "warn")
        measure = rule.to_data() | {"name": rule.measure, "why": rule.why, "verdict": word}
        evidence = [
            {"measure": each.measure, "box": list(each.box), "value": each.value, "text": each.text}
            for each in findings[rule.check].evidence
            if each.measure == rule.measure and word != "pass"
        ]
        line = {"check": rule.check, "rule": rule.rule, "channel": channel, "severity": rule.severity, "verdict": word}
        line |= {"read": str(pack.read), "stale": stale}
        lines.append(line | {"measures": [measure], "evidence": evidence, "source": rule.source})
    return lines
