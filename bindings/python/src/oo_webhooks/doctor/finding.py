"""What a doctor says: one finding a thing, and all of them as a report."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Optional


class Grade(str, Enum):
    """What a doctor says of something."""

    GOOD = "ok"
    WARNING = "warning"
    """To be known; it works all the same."""
    BAD = "bad"
    """To be cured."""
    UNKNOWN = "unknown"
    """It could not be looked at, or is not there."""

    # Enum's own texts differ between versions of Python.
    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Finding:
    """One thing that a doctor looked at. Nothing in it is a token or a secret."""

    name: str
    """What it is about, such as `clock`."""
    grade: Grade
    found: str
    """What was found, in a few words."""
    cure: Optional[str] = None
    """What cures it; several lines where several are to be written somewhere."""


class DoctorReport:
    """What a doctor found; as text it is what `oo-webhooks doctor` prints."""

    findings: list[Finding]

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings

    @property
    def is_well(self) -> bool:
        """Whether nothing must be cured."""
        return all(finding.grade is not Grade.BAD for finding in self.findings)

    def to_json(self) -> str:
        """What `oo-webhooks doctor --json` prints."""
        findings: list[dict[str, Any]] = [{**asdict(finding), "grade": str(finding.grade)} for finding in self.findings]
        return json.dumps({"ok": self.is_well, "findings": findings}, indent=2)

    def __str__(self) -> str:
        lines = []
        for finding in self.findings:
            lines.append(f"{finding.grade!s:<8} {finding.name:<18} {_plain(finding.found)}")
            lines += [f"{'':27} -> {_plain(line)}" for line in (finding.cure or "").splitlines()]
        return "\n".join([*lines, "", "nothing must be cured" if self.is_well else "something must be cured"])


def _plain(text: str) -> str:
    """On one line, without what a terminal would act on."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
