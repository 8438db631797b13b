"""Variables by which a run and the simulated clouds beside it find each other."""

from __future__ import annotations

STATE_VARIABLE = "STRATA_SIMULATED_CLOUD"
"""Folder of the simulated accounts."""
RESOURCE_MANAGER_VARIABLE = "ARM_ENDPOINT"
"""Where Azure Resource Manager answers, as the tools of Azure Stack name it."""
AUTHORITIES_VARIABLE = "SSL_CERT_FILE"
"""File with the authorities that clients trust without being told."""
