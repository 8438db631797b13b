"""Which simulated clouds there are.

Each cloud's tables are imported only when it is asked for: a plugin process serves one.
"""

from __future__ import annotations

from ..provider.tables import Cloud

PACKAGES = ("aws", "azure-native", "command", "gcp")
"""Pulumi packages that are simulated."""


def cloud_of(package: str) -> Cloud:
    """The cloud that a Pulumi package stands for.

    Raises:
        KeyError: when it is not simulated.
    """
    match package:
        case "aws":
            from .aws.cloud import AWS  # noqa: PLC0415

            return AWS
        case "command":
            from .command.cloud import COMMAND  # noqa: PLC0415

            return COMMAND
        case "gcp":
            from .gcp.cloud import GCP  # noqa: PLC0415

            return GCP
        case "azure-native":
            from .azure.cloud import AZURE  # noqa: PLC0415

            return AZURE
        case _:
            raise KeyError(package)
