"""metrics-server on clusters that come without it, and how it talks to their kubelets."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from components.clusters.eks.facts import eks_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.contracts.api_groups import RESOURCE_METRICS
from components.contracts.cluster_facts import ClusterFacts, KubeletCertificates
from components.contracts.versions import METRICS_SERVER, METRICS_SERVER_CHART
from components.services.known import METRICS_SERVER as SERVICE
from components.services.known import needs_metrics_server
from components.services.metrics_server import metrics_server_values
from components.services.service import doubled_problems, is_deployed
from tests.clusters.eks import pools as eks
from tests.clusters.kubeadm.site import site
from tests.services.rendering import rendered


def hosts() -> ClusterFacts:
    return kubeadm_facts(*site())


def managed() -> ClusterFacts:
    return eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool()))


def deployed(facts: ClusterFacts, install: bool | None = None) -> bool:  # noqa: FBT001 - the setting itself
    return is_deployed(SERVICE, facts, install=install, needed=needs_metrics_server(facts))


def test_hosts_get_it_and_a_managed_cluster_that_brings_it_does_not() -> None:
    assert deployed(hosts())
    assert not deployed(hosts(), install=False)
    assert not deployed(managed())


def test_the_answer_stays_once_the_facts_list_it() -> None:
    facts = hosts()
    added = facts.with_apis(SERVICE.apis).model_copy(update={"services": (SERVICE.name,)})
    assert deployed(added)


def test_a_second_one_is_refused() -> None:
    (problem,) = doubled_problems(SERVICE, managed(), install=True, field="services.metrics_server.install")
    assert RESOURCE_METRICS in problem.cause
    assert not deployed(managed(), install=True), "nothing is deployed beside what is there"
    assert list(doubled_problems(SERVICE, hosts(), install=True, field="")) == []


@pytest.mark.parametrize(
    ("certificates", "is_lenient"), [(KubeletCertificates.SELF_SIGNED, True), (KubeletCertificates.CLUSTER, False)]
)
def test_only_certificates_that_nobody_signed_go_unchecked(
    certificates: KubeletCertificates,
    is_lenient: bool,  # noqa: FBT001 - what is expected
    project: Path,
) -> None:
    chart = project / ".strata" / "charts" / METRICS_SERVER_CHART.name
    objects = rendered(chart, metrics_server_values(certificates), SERVICE.name)
    spec = yaml.safe_dump(objects["Deployment", SERVICE.name])
    assert ("--kubelet-insecure-tls" in spec) is is_lenient
    assert f"image: {METRICS_SERVER.reference()}" in spec
    assert ("APIService", "v1beta1.metrics.k8s.io") in objects


def test_a_mirror_and_a_digest_reach_the_image() -> None:
    digest = f"sha256:{'ab' * 32}"
    image = metrics_server_values(None, "registry.example.com/mirror", digest).image
    assert f"{image.repository}:{image.tag}" == METRICS_SERVER.reference("registry.example.com/mirror", digest)


def test_the_chart_that_the_toolchain_takes_is_the_pinned_one(project: Path) -> None:
    chart = project / ".strata" / "charts" / METRICS_SERVER_CHART.name
    found = yaml.safe_load((chart / "Chart.yaml").read_text())
    assert (found["name"], found["version"]) == (METRICS_SERVER_CHART.name, METRICS_SERVER_CHART.version)
    assert f"v{found['appVersion']}" == METRICS_SERVER.tag
    values = yaml.safe_load((chart / "values.yaml").read_text())
    assert set(metrics_server_values(None).rendered()) <= set(values), "keys that the chart does not know"
