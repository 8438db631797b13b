"""Command line of the toolchain installer.

Owns the check of Python's version, before anything is imported that an older Python cannot even read.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python gets to run
    sys.exit(
        "python: version %d.%d is too old\n"  # noqa: UP031
        "  consequence: neither the installer nor the program runs\n"
        "  fix: install Python 3.11 or later and use it, for example: make PYTHON=python3.12 toolchain"
        % sys.version_info[:2]
    )

from tools.toolchain.cli import main

sys.exit(main(sys.argv[1:]))
