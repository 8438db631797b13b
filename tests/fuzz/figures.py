"""The figures of a long run, written into docs/reliability.md."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from .checking import Answer

_BEGIN, _END = "<!-- fuzz:begin -->", "<!-- fuzz:end -->"


@dataclass
class Figures:
    """Answers by how their configurations were made."""

    answers: dict[str, list[Answer]] = field(default_factory=dict[str, list[Answer]])

    def add(self, share: str, answer: Answer) -> None:
        """One more answer."""
        self.answers.setdefault(share, []).append(answer)

    def write(self, page: Path) -> None:
        """Replace the table on the page."""
        text = page.read_text()
        before, after = text.partition(_BEGIN)[0], text.partition(_END)[2]
        page.write_text(f"{before}{_BEGIN}\n{self._table()}\n{_END}{after}")

    def _table(self) -> str:
        total = sum(len(answers) for answers in self.answers.values())
        today = datetime.now(UTC).date().isoformat()
        lines = [
            f"{total:,} configurations, {today}, {os.cpu_count()} cores:\n",
            "| made from | tried | accepted | refused | slowest answer | most memory for one |",
            "|---|---|---|---|---|---|",
        ]
        for share, answers in self.answers.items():
            accepted = sum(not answer.problems for answer in answers)
            slowest = max(answer.seconds for answer in answers)
            most = max(answer.megabytes for answer in answers)
            lines.append(
                f"| {share} | {len(answers):,} | {accepted:,} | {len(answers) - accepted:,} "
                f"| {slowest:.2f} s | {most:.0f} MB |"
            )
        return "\n".join(lines)
