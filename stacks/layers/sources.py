"""Where images, charts and checkpoints come from; the setting ``sources`` of every layer that deploys some."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field

from components.contracts.errors import StrataError
from components.contracts.http_proxy import HttpProxy
from components.contracts.model import Contract
from components.contracts.sources import PUBLIC_HUB, ChartMirror, HubUrl, ImageMirror, Sha256Digest


class ImageSource(Contract):
    """Where container images come from."""

    mirror: ImageMirror | None = None
    """Registry that replaces the images' own, such as ``registry.example.com/mirror``."""
    digests: dict[str, Sha256Digest] = {}
    """Digest by image name, such as ``vllm``."""


class Sources(Contract):
    """Where images, charts and checkpoints come from."""

    images: ImageSource = ImageSource()
    charts: ChartMirror | None = None
    """Where Helm charts are taken from in place of their own repositories: a registry, such as
    ``oci://registry.example.com/charts``, or a folder with one folder for each chart; it starts at the project."""
    model_hub: HubUrl = PUBLIC_HUB
    """Address of a Hugging Face hub or a mirror that speaks its protocol."""
    proxy: HttpProxy | None = None
    """HTTP proxy between the Job that fetches models and the hub; that of the target's hosts where left out."""
    ca_bundle: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    """Path in the project of a PEM file: private authorities that the Job trusts, beside those of the target."""

    def chart_mirror(self, project: Path) -> str | None:
        """Where charts are taken from, a folder by its whole path; None for their own repositories."""
        if self.charts is None or self.charts.startswith("oci://"):
            return self.charts
        return str((project / self.charts).resolve())


def taken_charts(folder: Path | None, charts: Iterable[tuple[str, str]], consequence: str) -> str | None:
    """The folder from which a run takes its charts, checked to hold what is deployed; None for none.

    Args:
        folder: The folder.
        charts: Setting and name of each chart.
        consequence: What happens without one of them.
    """
    if folder is None:
        return None
    for setting, chart in charts:
        if not (folder / chart / "Chart.yaml").is_file():
            raise StrataError.of(
                setting,
                cause=f"{folder} has no chart {chart}",
                consequence=f"{consequence}: this run takes its charts from there",
                fix="make toolchain",
            )
    return str(folder)


class WithSources(Contract):
    """Settings of layers that deploy images."""

    sources: Sources = Sources()
