"""cert-manager where it is asked for, and not where the cluster has it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from components.clusters.eks.facts import eks_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.contracts.versions import (
    CERT_MANAGER,
    CERT_MANAGER_CAINJECTOR,
    CERT_MANAGER_CHART,
    CERT_MANAGER_SOLVER,
    CERT_MANAGER_WEBHOOK,
)
from components.services.cert_manager import cert_manager_values
from components.services.known import CERT_MANAGER as SERVICE
from components.services.service import ServiceSources, doubled_problems, is_deployed
from tests.clusters.eks import pools as eks
from tests.clusters.kubeadm.site import site
from tests.services.rendering import Rendered, rendered


class _Metadata(BaseModel):
    namespace: str = ""


class _Spec(BaseModel):
    replicas: int = 0


class _Object(BaseModel):
    metadata: _Metadata
    spec: _Spec = _Spec()


@pytest.fixture(scope="module")
def objects(project: Path) -> Rendered:
    chart = project / ".strata" / "charts" / CERT_MANAGER_CHART.name
    return rendered(chart, cert_manager_values(ServiceSources()), SERVICE.name, SERVICE.namespace)


def test_it_is_deployed_where_somebody_asks_and_never_beside_the_one_of_the_cloud() -> None:
    hosts, managed = kubeadm_facts(*site()), eks_facts(eks.target(), (eks.system_pool(),))
    assert not is_deployed(SERVICE, hosts, install=None, needed=False)
    assert is_deployed(SERVICE, hosts, install=True, needed=False)
    assert not is_deployed(SERVICE, managed, install=True, needed=False)
    (problem,) = doubled_problems(SERVICE, managed, install=True, field="services.cert_manager.install")
    assert "cert-manager.io" in problem.cause


def test_its_images_are_the_pinned_ones(objects: Rendered) -> None:
    """The chart's own name no release: the version in its module is a placeholder."""
    text = yaml.safe_dump(list(objects.values()))
    for image in (CERT_MANAGER, CERT_MANAGER_WEBHOOK, CERT_MANAGER_CAINJECTOR, CERT_MANAGER_SOLVER):
        assert image.reference() in text
    assert "v0.0.0" not in "".join(line for line in text.splitlines() if "image" in line)


def test_its_definitions_come_and_go_with_it_and_everything_stays_in_its_namespace(objects: Rendered) -> None:
    definitions = [about for (kind, _), about in objects.items() if kind == "CustomResourceDefinition"]
    assert len(definitions) == 6
    assert "helm.sh/resource-policy" not in yaml.safe_dump(definitions), "kept definitions outlive `down`"
    namespaces = {_Object.model_validate(about).metadata.namespace for about in objects.values()}
    assert namespaces == {"", SERVICE.namespace}
    assert ("Job", "cert-manager-startupapicheck") not in objects


def test_pods_are_as_many_as_promised(objects: Rendered) -> None:
    deployments = {name: about for (kind, name), about in objects.items() if kind == "Deployment"}
    found = {name: _Object.model_validate(about).spec.replicas for name, about in deployments.items()}
    assert found == SERVICE.deployments


def test_a_mirror_and_a_digest_reach_every_image() -> None:
    digest = f"sha256:{'ab' * 32}"
    sources = ServiceSources(image_mirror="registry.example.com/mirror", image_digests={"cert-manager-webhook": digest})
    values = cert_manager_values(sources)
    reference = CERT_MANAGER_WEBHOOK.reference("registry.example.com/mirror", digest)
    assert f"{values.webhook.image.repository}:{values.webhook.image.tag}" == reference
    for part in (values.image, values.cainjector.image, values.acmesolver.image):
        assert part.repository.startswith("registry.example.com/mirror/")
