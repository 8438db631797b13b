"""ClusterSecretStores of every store of secrets that settings of a cloud can name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from components.clusters.aks.facts import aks_facts
from components.clusters.aks.settings import KeyVault
from components.clusters.eks.facts import eks_facts
from components.clusters.eks.settings import SecretsManager
from components.clusters.gke.facts import gke_facts
from components.clusters.gke.settings import SecretManager
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.customize import ObjectCustomize
from components.contracts.errors import StrataError
from components.contracts.names import ExistingName
from components.services.external_secrets import ExternalSecrets, ExternalSecretsArgs
from components.services.service import ServiceSources
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.manifests.generated_services import BODY, MADE_UP, Body, apart, labelled
from tests.registration import registered

_NAMESPACE: TypeAdapter[str] = TypeAdapter(ExistingName)


def _on_eks(name: str, place: str) -> ClusterFacts:
    secrets = SecretsManager(prefix=name, region=place or None)
    return eks_facts(eks.target().model_copy(update={"secrets": secrets}), (eks.system_pool(),))


def _on_gke(name: str, place: str) -> ClusterFacts:
    secrets = SecretManager(prefix=name, project=place or None)
    return gke_facts(gke.target().model_copy(update={"secrets": secrets}), (gke.system_pool(),))


def _on_aks(name: str, place: str) -> ClusterFacts:
    secrets = KeyVault(name=name, resource_group=place)
    return aks_facts(aks.target().model_copy(update={"secrets": secrets}), (aks.cpu_pool(),))


@dataclass(frozen=True, kw_only=True)
class _Cloud:
    """How stores of a cloud are named, and where they are."""

    facts: Callable[[str, str], ClusterFacts]
    names: str
    places: st.SearchStrategy[str]


_CLOUDS = (
    _Cloud(
        facts=_on_eks,
        names=r"[A-Za-z0-9/_+=.@-]{2,200}",
        places=st.sampled_from(["", "eu-west-1", "ap-southeast-2"]),
    ),
    _Cloud(
        facts=_on_gke,
        names=r"[A-Za-z0-9_-]{2,200}",
        places=st.one_of(st.just(""), st.from_regex(r"[a-z][-a-z0-9]{4,28}[a-z0-9]", fullmatch=True)),
    ),
    _Cloud(
        facts=_on_aks,
        names=r"[A-Za-z](-?[A-Za-z0-9]){2,23}",
        places=st.from_regex(r"[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]", fullmatch=True),
    ),
)


def _is_namespace(text: str) -> bool:
    try:
        _NAMESPACE.validate_python(text)
    except (ValidationError, StrataError):
        return False
    return True


_NAMESPACES = st.lists(
    st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True).filter(_is_namespace), min_size=1, max_size=5
)


def stores() -> list[Body]:
    """The store of each cloud, with names, places, namespaces, labels and annotations that our types accept."""
    found: list[Body] = []
    for cloud in _CLOUDS:
        _collect(cloud, found)
    return apart(found)


def _collect(cloud: _Cloud, found: list[Body]) -> None:
    @MADE_UP
    @given(st.from_regex(cloud.names, fullmatch=True), cloud.places, _NAMESPACES, labelled())
    def collect(name: str, place: str, namespaces: list[str], customize: ObjectCustomize) -> None:
        try:
            args = ExternalSecretsArgs(
                facts=cloud.facts(name, place), namespaces=namespaces, sources=ServiceSources(customize=customize)
            )
            made = registered(lambda: ExternalSecrets("secrets", args)).made
        except (StrataError, ValidationError):
            return
        bodies = (BODY.validate_python(resource.inputs) for resource in made if "apiVersion" in resource.inputs)
        found.extend(body for body in bodies if body["kind"] == "ClusterSecretStore")

    collect()
