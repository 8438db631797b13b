"""Keys that the software of a cluster reads, held against the API groups of published CRDs."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from components.workloads.reserved_keys import ALLOWED_KEYS, RESERVED_DOMAINS, reserved_reason

INDEX = Path(__file__).parents[2].parent / "shared" / "crds" / "INDEX.tsv"
# What each one does is in the documentation of its software; the first group gives a pod an identity.
KNOWN = {
    "identity": (
        *("eks.amazonaws.com/role-arn", "iam.amazonaws.com/role", "iam.gke.io/gcp-service-account"),
        *("azure.workload.identity/use", "azure.workload.identity/client-id", "aadpodidbinding"),
        *("spiffe.io/spiffe-id", "kubernetes.io/enforce-mountable-secrets"),
        *("tke.cloud.tencent.com/role-arn", "vke.volcengine.com/role-trn"),
    ),
    "copies": (
        *("replicator.v1.mittwald.de/replicate-to", "kubed.appscode.com/sync"),
        "reflector.v1.k8s.emberstack.com/reflection-auto-enabled",
    ),
    "secrets": (
        *("vault.hashicorp.com/agent-inject", "vault.security.banzaicloud.io/vault-addr", "conjur.org/container-mode"),
        *("secrets.infisical.com/auto-reload", "operator.1password.com/inject", "infra.doppler.com/reload"),
    ),
    "devices": (
        *("cdi.k8s.io/gpu", "nvidia.cdi.k8s.io/container.server", "devices.nri.io/container.server"),
        *("mounts.nri.io/container.server", "hooks.nri.io/container.server", "io.kubernetes.cri-o.Devices"),
        *(
            "io.kubernetes.cri-o.userns-mode",
            "cpu-load-balancing.crio.io",
            "devices.noderesource.dev/container.server",
            "io.katacontainers.config.hypervisor.path",
        ),
        *("run.oci.handler", "io.containerd.cri.runtime-handler", "nvidia.com/gpu.present"),
        *("org.systemd.property.DevicePolicy", "amd.com/gpu", "habana.ai/gaudi"),
    ),
    "networks": (
        *("k8s.v1.cni.cncf.io/networks", "v1.multus-cni.io/default-network", "networking.gke.io/interfaces"),
        *("policy.cilium.io/no-track-port", "ipam.cilium.io/ip-pool", "cni.projectcalico.org/ipAddrs"),
        *("k8s.ovn.org/pod-networks", "kubernetes.io/egress-bandwidth", "ipam.spidernet.io/ippool"),
        *("io.cilium/global-service", "kube-router.io/service.advertise.clusterip"),
        *("tailscale.com/expose", "getambassador.io/config", "skupper.io/proxy", "inlets.dev/manage"),
    ),
    "containers": (
        *("sidecar.istio.io/inject", "inject.istio.io/templates", "sidecar.istio.io/userVolume"),
        *("linkerd.io/inject", "consul.hashicorp.com/connect-inject", "dapr.io/enabled", "kuma.io/sidecar-injection"),
        *("gke-gcsfuse/volumes", "instrumentation.opentelemetry.io/inject-python", "admission.datadoghq.com/enabled"),
        *("openpolicyagent.org/webhook", "control-plane", "securesystemsengineering.connaisseur/webhook"),
        *("admission.stackrox.io/break-glass", "istio-injection", "k8tz.io/inject"),
        *("example.com/inject-agent", "sidecar.example.com/enabled"),
    ),
    "security context": (
        *("container.apparmor.security.beta.kubernetes.io/server", "seccomp.security.alpha.kubernetes.io/pod"),
        *("security.alpha.kubernetes.io/unsafe-sysctls", "pod-security.kubernetes.io/enforce", "openshift.io/scc"),
    ),
    "controllers": (
        *("job-name", "controller-uid", "pod-template-hash", "capsule.clastix.io/tenant"),
        *("kueue.x-k8s.io/queue-name", "leaderworkerset.sigs.k8s.io/size", "deployment.kubernetes.io/revision"),
        *("kubernetes.io/config.mirror", "kubectl.kubernetes.io/last-applied-configuration", "cloud.google.com/neg"),
        *("service.beta.kubernetes.io/aws-load-balancer-scheme", "pulumi.com/skipAwait", "strata.dev/role"),
        *("meta.helm.sh/release-name", "argocd.argoproj.io/tracking-id", "scheduling.volcano.sh/queue-name"),
    ),
}
USERS = (
    *("team", "cost-center", "example.com/team", "prometheus.io/scrape", "ad.datadoghq.com/server.logs"),
    *("reloader.stakater.com/auto", "acme.org/owner", "backup.acme.org/policy", "app.acme.io/part-of"),
    *("cost.center", "team.name", "mycorp/team", "example.com/sidecar-owner", "example.com/injection-moulding"),
    *("example.com/prompt-injection", "prompt-injection", "example.com/sidecar"),
)


@pytest.mark.parametrize("key", [key for keys in KNOWN.values() for key in keys])
def test_keys_of_known_software_are_reserved_with_a_reason(key: str) -> None:
    assert reserved_reason(key)


@pytest.mark.parametrize("key", USERS)
def test_keys_of_users_are_theirs(key: str) -> None:
    assert reserved_reason(key) is None


@pytest.mark.skipif(not INDEX.exists(), reason="the published CRDs are not beside the project")
def test_every_api_group_of_published_crds_is_reserved() -> None:
    with INDEX.open() as index:
        groups = {row["group"] for row in csv.DictReader(index, delimiter="\t")}
    assert len(groups) > 60
    assert sorted(group for group in groups if not reserved_reason(f"{group}/anything")) == []


def test_what_is_allowed_is_an_exception_and_no_domain_covers_another() -> None:
    assert all(reserved_reason(key) for key in ALLOWED_KEYS), "an exception to no rule"
    covered = {
        (domain, other) for domain in RESERVED_DOMAINS for other in RESERVED_DOMAINS if domain.endswith(f".{other}")
    }
    assert covered == set(), "the shorter domain covers it"
