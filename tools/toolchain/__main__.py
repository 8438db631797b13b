"""Command line of the toolchain installer.

Owns arguments, signals and exit codes. Everything else is imported after the check of Python's version, because an older
Python cannot even read the other modules.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "python: version %d.%d is too old\n"
        "  consequence: neither the installer nor the program runs\n"
        "  fix: install Python 3.11 or later and use it, for example: make PYTHON=python3.12 toolchain"
        % sys.version_info[:2]
    )

from tools.toolchain.cli import main

sys.exit(main(sys.argv[1:]))
