"""The toolchain installer: finds, fetches or builds every program that Strata runs.

Owns the order PATH, official release, Go source; the cache outside the tree; `.venv`; and `.strata/`, where the
resolved tools are linked. It deliberately starts no cluster and runs no stack, and imports the standard library only,
because it runs before `.venv` exists. Windows is out of scope.
"""
