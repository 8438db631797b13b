"""Values that most charts spell alike."""

from __future__ import annotations

from ..contracts.versions import Image
from .charts import ChartValues


class ImageValues(ChartValues):
    """``image``, of which the chart makes ``repository:tag``."""

    repository: str
    tag: str


class Amounts(ChartValues):
    """CPU and memory."""

    cpu: str
    memory: str


class ResourceValues(ChartValues):
    """``resources`` of containers."""

    requests: Amounts
    limits: Amounts


class Enabled(ChartValues):
    """A part of a chart that is on or off."""

    enabled: bool


class BudgetValues(ChartValues):
    """``podDisruptionBudget``."""

    enabled: bool
    max_unavailable: int


def image_values(image: Image, mirror: str | None = None, digest: str | None = None) -> ImageValues:
    """The image as charts take it, its digest behind the tag.

    Args:
        image: The pinned image.
        mirror: Registry that replaces the image's own.
        digest: ``sha256:…`` of the image.
    """
    repository, _, suffix = image.reference(mirror, digest).partition(f":{image.tag}")
    return ImageValues(repository=repository, tag=f"{image.tag}{suffix}")
