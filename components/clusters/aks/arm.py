"""What Azure only tells in lists: quotas, machine sizes, versions, pools that run, and what is registered.

The Pulumi provider looks single resources up, fails where there is none, and has no call for lists, so Azure
Resource Manager is asked itself, with the provider's own token. Every question is a read.

Sources: https://learn.microsoft.com/rest/api/compute/usage/list, /rest/api/compute/resource-skus/list,
/rest/api/aks/managed-clusters/list-kubernetes-versions, /rest/api/aks/agent-pools/list,
/rest/api/resources/providers/list, /rest/api/resources/features/get.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
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


class _Capability(_Answer):
    name: str
    value: str


class Size(_Answer):
    """A machine size as a subscription sees it."""

    resource_type: str
    name: str
    family: str | None = None
    """Name of the quota that its vCPUs count against; internal sizes are listed without one (azure-cli#5979)."""
    capabilities: tuple[_Capability, ...] | None = None
    location_info: tuple[LocationInfo, ...] = ()
    restrictions: tuple[Restriction, ...] = ()

    @property
    def vcpus(self) -> int:
        """Its vCPUs; 0 where Azure does not say."""
        found = (capability.value for capability in self.capabilities or () if capability.name == "vCPUs")
        return int(next(found, "0"))

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


class _PoolProperties(_Answer):
    count: int = 0
    vm_size: str = ""
    scale_set_priority: str | None = None
    capacity_reservation_group: str | None = Field(default=None, alias="capacityReservationGroupID")


class RunningPool(_Answer):
    """An agent pool of a cluster that exists, AKS' own pool included."""

    name: str
    properties: _PoolProperties

    @property
    def spot(self) -> bool:
        """Whether its machines are spot machines."""
        return self.properties.scale_set_priority == "Spot"

    @property
    def reserved(self) -> bool:
        """Whether its machines come from a capacity reservation."""
        return bool(self.properties.capacity_reservation_group)


class _RunningPools(_Answer):
    value: tuple[RunningPool, ...]
    next_link: str | None = None


class _Provider(_Answer):
    namespace: str
    registration_state: str


class _Providers(_Answer):
    value: tuple[_Provider, ...]
    next_link: str | None = None


class _FeatureProperties(_Answer):
    state: str


class _Feature(_Answer):
    properties: _FeatureProperties


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

    def pools(self, group: str, cluster: str) -> dict[str, RunningPool]:
        """Agent pools of a cluster by name; none where the cluster does not exist yet.

        Args:
            group: Its resource group.
            cluster: Its name.
        """
        found: list[RunningPool] = []
        path = f"Microsoft.ContainerService/managedClusters/{cluster}/agentPools"
        link: str | None = self._link(path, "2025-09-01", group=group)
        while link:
            body = self._get_if_there(link)
            if body is None:
                return {}
            answer = _RunningPools.model_validate_json(body)
            found += answer.value
            link = answer.next_link
        return {pool.name: pool for pool in found}

    def provider_states(self) -> dict[str, str]:
        """Whether the subscription may use each resource provider, such as ``Registered``, by its namespace."""
        found: list[_Provider] = []
        asked = urllib.parse.urlencode({"api-version": "2021-04-01"})
        link: str | None = f"{self._address}/subscriptions/{self._subscription}/providers?{asked}"
        while link:
            answer = _Providers.model_validate_json(self._get(link))
            found += answer.value
            link = answer.next_link
        return {provider.namespace: provider.registration_state for provider in found}

    def feature_state(self, namespace: str, feature: str) -> str | None:
        """State of a feature, ``NotRegistered`` where nobody asked for it; None where Azure knows no such feature."""
        body = self._get_if_there(
            self._link(f"Microsoft.Features/providers/{namespace}/features/{feature}", "2021-07-01")
        )
        return _Feature.model_validate_json(body).properties.state if body is not None else None

    def _link(self, path: str, version: str, query: dict[str, str] | None = None, group: str = "") -> str:
        asked = urllib.parse.urlencode({"api-version": version, **(query or {})})
        inside = f"/resourceGroups/{urllib.parse.quote(group)}" if group else ""
        return f"{self._address}/subscriptions/{self._subscription}{inside}/providers/{path}?{asked}"

    def _get(self, link: str) -> bytes:
        body = self._get_if_there(link)
        if body is None:
            raise _unanswered(link, "HTTP Error 404: Not Found")
        return body

    def _get_if_there(self, link: str) -> bytes | None:
        """The answer; None where what was asked about does not exist."""
        if not link.startswith(f"{self._address}/"):
            raise _unanswered(link, "a page of the answer lies on another server, which gets no token")
        request = urllib.request.Request(link, headers={"Authorization": f"Bearer {self._token}"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - https or ARM_ENDPOINT
                body: bytes = answer.read()
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return None
            raise _unanswered(link, str(error)) from error
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
