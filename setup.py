"""Which packages the wheel holds; everything else stands in ``pyproject.toml``.

The folder ``components`` is the package ``pulumi_strata``. setuptools can rename a package but cannot look
for its subpackages under the new name, so they are found under the old one here.
"""

from setuptools import find_packages, setup

PACKAGE = "pulumi_strata"

setup(packages=[PACKAGE, *(f"{PACKAGE}.{name}" for name in find_packages("components"))])
