"""What Azure only tells in lists: quotas, machine sizes and Kubernetes versions of a region.

The Pulumi provider looks single resources up and has no call for these, so Azure Resource Manager is asked
itself, with the provider's own token. Every question is a read.

Sources: https://learn.microsoft.com/rest/api/compute/usage/list, /rest/api/compute/resource-skus/list,
/rest/api/aks/managed-clusters/list-kubernetes-versions.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ...contracts.errors import StrataError

_PUBLIC_CLOUD = "https://management.azure.com"
_SECONDS = 60.0


class _Answer(BaseModel):
    """An answer of Azure, of which only some fields matter."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel, populate_by_name=True)


class _Name(_Answer):
    value: str
    localized_value: str = ""


class Usage(_Answer):
    """How much of a quota is used."""

    name: _Name
    current_value: float
    limit: float


class LocationInfo(_Answer):
    """Where a size is."""

    zones: tuple[str, ...] = ()


class _RestrictionInfo(_Answer):
    zones: tuple[str, ...] = ()


class Restriction(_Answer):
    """Why a subscription may not have a size somewhere."""

    type: str
    reason_code: str = ""
    restriction_info: _RestrictionInfo = _RestrictionInfo()


class Size(_Answer):
    """A machine size as a subscription sees it."""

    resource_type: str
    name: str
    family: str = ""
    """Name of the quota that its vCPUs count against."""
    location_info: tuple[LocationInfo, ...] = ()
    restrictions: tuple[Restriction, ...] = ()

    @property
    def zones(self) -> set[str]:
        """Zones in which the subscription may have it."""
        there = {zone for info in self.location_info for zone in info.zones}
        barred = {
            zone
            for restriction in self.restrictions
            if restriction.type == "Zone"
            for zone in restriction.restriction_info.zones
        }
        return there - barred

    @property
    def barred(self) -> bool:
        """Whether the subscription may not have it in the region at all."""
        return any(restriction.type == "Location" for restriction in self.restrictions)


class _Capabilities(_Answer):
    support_plan: tuple[str, ...] = ()


class OfferedVersion(_Answer):
    """A Kubernetes minor version on offer."""

    version: str
    is_preview: bool | None = None
    capabilities: _Capabilities = _Capabilities()


class _Usages(_Answer):
    value: tuple[Usage, ...]
    next_link: str | None = None


class _Sizes(_Answer):
    value: tuple[Size, ...]
    next_link: str | None = None


class _Versions(_Answer):
    values: Annotated[tuple[OfferedVersion, ...], Field(default=())]


class ResourceManager:
    """Azure Resource Manager, asked about one region of one subscription."""

    def __init__(self, subscription: str, region: str, token: str) -> None:
        self._subscription, self._region, self._token = subscription, region, token
        # As the tools of Azure Stack and of sovereign clouds name it.
        self._address = os.environ.get("ARM_ENDPOINT", _PUBLIC_CLOUD).rstrip("/")

    def usages(self) -> dict[str, Usage]:
        """Quotas of virtual machines by name, such as ``standardNDSH100v5Family``."""
        found: list[Usage] = []
        link: str | None = self._link(f"Microsoft.Compute/locations/{self._region}/usages", "2024-07-01")
        while link:
            answer = _Usages.model_validate_json(self._get(link))
            found += answer.value
            link = answer.next_link
        return {usage.name.value: usage for usage in found}

    def sizes(self) -> dict[str, Size]:
        """Machine sizes of the region by name."""
        found: list[Size] = []
        only = {"$filter": f"location eq '{self._region}'"}
        link: str | None = self._link("Microsoft.Compute/skus", "2021-07-01", only)
        while link:
            answer = _Sizes.model_validate_json(self._get(link))
            found += answer.value
            link = answer.next_link
        return {size.name: size for size in found if size.resource_type == "virtualMachines"}

    def kubernetes_versions(self) -> dict[str, OfferedVersion]:
        """Kubernetes minor versions that AKS offers in the region."""
        link = self._link(f"Microsoft.ContainerService/locations/{self._region}/kubernetesVersions", "2025-09-01")
        return {version.version: version for version in _Versions.model_validate_json(self._get(link)).values}

    def _link(self, path: str, version: str, query: dict[str, str] | None = None) -> str:
        asked = urllib.parse.urlencode({"api-version": version, **(query or {})})
        return f"{self._address}/subscriptions/{self._subscription}/providers/{path}?{asked}"

    def _get(self, link: str) -> bytes:
        if not link.startswith(f"{self._address}/"):
            raise _unanswered(link, "a page of the answer lies on another server, which gets no token")
        request = urllib.request.Request(link, headers={"Authorization": f"Bearer {self._token}"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - https or ARM_ENDPOINT
                body: bytes = answer.read()
        except (urllib.error.URLError, TimeoutError) as error:
            raise _unanswered(link, str(error)) from error
        return body


def _unanswered(link: str, reason: str) -> StrataError:
    return StrataError.of(
        "target.subscription",
        cause=f"Azure Resource Manager did not answer {link.partition('?')[0]}: {reason}",
        consequence="whether the region has the machines and the quota for them stays unknown",
        fix="log in with 'az login', and check that the subscription is the right one and can be read",
    )
