"""Writing the results of a benchmark into a page of the documentation."""

from __future__ import annotations

from pathlib import Path


def write_between(path: Path, markers: tuple[str, str], text: str) -> None:
    """Replace what is between the two markers of a page; the rest of the page stays.

    Args:
        path: The page.
        markers: The lines before and after the text.
        text: Lines without the line end of the last one.
    """
    begin, end = markers
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    path.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")
