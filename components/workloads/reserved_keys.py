"""Label, annotation, taint and node label keys that the software of a cluster reads, and users must not write.

A key names the software that reads it by its domain. What Kubernetes, a cloud, a container runtime, a network
plugin, a mesh or an admission webhook reads can give a pod an identity, a network, a device or a container that
no setting of Strata gave it. Everything else, such as ``example.com/team`` or ``prometheus.io/scrape``, is the
user's. The domains are held against the API groups of published CRDs in tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_KUBERNETES = "Kubernetes and its controllers act on this key"
_CLOUD = "clouds give identities, load balancers and networks by this key"
_RUNTIME = "container runtimes take devices, mounts or hooks from keys like this"
_NETWORK = "network plugins add networks, or leave policies out, by this key"
_INJECTION = "webhooks add containers, volumes or credentials by keys like this"
_OPERATOR = "an operator or a scheduler acts on this key"
_ENGINE = "the deployment engine treats the object differently by this key"
_OWN = "Strata writes and reads this key"

RESERVED_DOMAINS: Mapping[str, str] = {
    "strata.dev": _OWN,
    "pulumi.com": _ENGINE,
    # Kubernetes, its subprojects and distributions.
    **dict.fromkeys(
        (
            *("kubernetes.io", "k8s.io", "x-k8s.io", "k8s-sigs.io", "openshift.io", "cattle.io", "k3s.io"),
            *("k0sproject.io", "vmware.com", "helm.sh", "argoproj.io", "fluxcd.io"),
        ),
        _KUBERNETES,
    ),
    # Clouds.
    **dict.fromkeys(
        (
            *(
                "amazonaws.com",
                "aws.com",
                "aws",
                "gke.io",
                "cloud.google.com",
                "container.google.com",
                "googleapis.com",
            ),
            *("azure.com", "workload.identity", "oraclecloud.com"),
            *(
                "aliyun.com",
                "alibabacloud.com",
                "cloud.ibm.com",
                "digitalocean.com",
                "coreweave.com",
                "coreweave.cloud",
            ),
        ),
        _CLOUD,
    ),
    # Container runtimes and node plugins.
    **dict.fromkeys(
        ("crio.io", "cri-o.io", "nri.io", "containerd.io", "katacontainers.io"),
        _RUNTIME,
    ),
    # Network plugins.
    **dict.fromkeys(
        (
            *("cncf.io", "multus-cni.io", "k8snetworkplumbingwg.io", "cilium.io", "projectcalico.org", "tigera.io"),
            *("ovn.org", "antrea.io", "kubeovn.io", "metallb.io", "nuagenetworks.net", "weave.works"),
            *("mellanox.com", "nvidia.com"),
        ),
        _NETWORK,
    ),
    # Meshes, secret injectors and other admission webhooks.
    **dict.fromkeys(
        (
            *("istio.io", "linkerd.io", "hashicorp.com", "kuma.io", "konghq.com", "openservicemesh.io", "dapr.io"),
            *("traefik.io", "solo.io", "banzaicloud.io", "banzaicloud.com", "bank-vaults.dev", "infisical.com"),
            *("1password.com", "onepassword.com", "doppler.com", "conjur.org", "cyberark.com", "akeyless.io"),
            *("aquasec.com", "paloaltonetworks.com", "twistlock.com", "sysdig.com", "falco.org", "spiffe.io"),
            *(
                "admission.datadoghq.com",
                "dynatrace.com",
                "instrumentation.newrelic.com",
                "k8s.elastic.co",
                "opentelemetry.io",
                "odigos.io",
            ),
            *("kyverno.io", "gatekeeper.sh", "open-policy-agent.org", "mutate.io", "juicefs.com", "fluid.io"),
            *("envoyproxy.io", "spidernet.io"),
        ),
        _INJECTION,
    ),
    # Operators, autoscalers and schedulers whose kinds are served in clusters of this field.
    **dict.fromkeys(
        (
            *("karpenter.sh", "keda.sh", "volcano.sh", "grove.io", "kserve.io", "llm-d.ai", "ray.io", "run.ai"),
            *("knative.dev", "kubeflow.org", "coreos.com", "cert-manager.io", "external-secrets.io", "cnpg.io"),
            *("strimzi.io", "velero.io", "datastax.com", "k8ssandra.io", "percona.com", "mariadb.com", "milvus.io"),
            *("valkey.io", "portworx.io", "portworx.com", "libopenstorage.org", "longhorn.io", "rook.io", "ceph.com"),
            *("koordinator.sh", "yunikorn.apache.org", "katalyst.kubewharf.io", "hami.io", "4pd.io"),
        ),
        _OPERATOR,
    ),
}
"""Domains with their subdomains, and what a key under one of them would do."""

ALLOWED_KEYS = frozenset(
    {
        # They only keep a node from being removed under a server.
        "cluster-autoscaler.kubernetes.io/safe-to-evict",
        "karpenter.sh/do-not-disrupt",
        # Texts for people.
        "kubernetes.io/description",
        "kubernetes.io/change-cause",
    }
)
"""Annotations under those domains that users may write nevertheless."""

_NAMES = {"aadpodidbinding": _CLOUD}
"""Names without a domain that software reads."""
_INJECTS = re.compile(r"inject|sidecar", re.IGNORECASE)


def reserved_reason(key: str) -> str | None:
    """Why users must not write this key; None where they may.

    Args:
        key: A key as ``domain/name``, or a name alone.
    """
    domain, slash, name = key.rpartition("/")
    for reserved, reason in RESERVED_DOMAINS.items():
        if domain == reserved or domain.endswith(f".{reserved}"):
            return reason
    if key in _NAMES:
        return _NAMES[key]
    # io.kubernetes.cri-o.Devices, run.oci.handler, io.katacontainers.config: runtimes read names without a domain.
    if not slash and "." in name:
        return _RUNTIME
    # gke-gcsfuse/volumes: a prefix that is no domain belongs to a webhook.
    if slash and "." not in domain:
        return _INJECTION
    if _INJECTS.search(key):
        return _INJECTION
    return None
