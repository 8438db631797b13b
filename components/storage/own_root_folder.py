"""Gives the root folder of a fresh file system to the user that writes models; runs once, in a Job, as root.

It uses the standard library alone and imports nothing of Strata. It changes the owner of one folder and nothing below.

Input: ``FOLDER``, where the file system is mounted; ``OWNER``, the number of user and group.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> int:
    """Change the owner of a folder of root; 1 when it belongs to somebody else."""
    folder, owner = Path(os.environ["FOLDER"]), int(os.environ["OWNER"])
    found = folder.stat().st_uid
    if found == owner:
        print(f"{folder} belongs to user {owner} already")
        return 0
    if found != 0:
        print(
            f"{folder} belongs to user {found}: somebody else uses the file system, and their files stay theirs.\n"
            f"Fix: run `chown {owner}:{owner}` on it if nobody does, or give Strata a file system of its own.",
            file=sys.stderr,
        )
        return 1
    os.chown(folder, owner, owner)
    print(f"{folder} belongs to user {owner} now")
    return 0


if __name__ == "__main__":
    sys.exit(main())
