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
            *("azure.com", "workload.identity", "oraclecloud.com", "tencent.com", "volcengine.com", "huawei.com"),
            *("huaweicloud.com", "scaleway.com", "hetzner.cloud", "linode.com", "civo.com", "vultr.com", "nutanix.com"),
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
        ("crio.io", "cri-o.io", "nri.io", "noderesource.dev", "containerd.io", "katacontainers.io"),
        _RUNTIME,
    ),
    # Network plugins.
    **dict.fromkeys(
        (
            *(
                "cncf.io",
                "multus-cni.io",
                "k8snetworkplumbingwg.io",
                "cilium.io",
                "io.cilium",
                "projectcalico.org",
                "tigera.io",
            ),
            *("ovn.org", "antrea.io", "kubeovn.io", "kube-router.io", "metallb.io", "nuagenetworks.net", "weave.works"),
            *("mellanox.com", "nvidia.com", "amd.com", "intel.com", "habana.ai", "kube-vip.io", "purelb.io"),
            # They put a Service onto a network outside the cluster.
            *("tailscale.com", "getambassador.io", "skupper.io", "inlets.dev", "ngrok.com", "netbird.io"),
            *("twingate.com", "pomerium.io", "submariner.io", "liqo.io", "networkservicemesh.io"),
            *("kubeslice.io", "openziti.io", "zrok.io", "zalando.org", "virtual-kubelet.io"),
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
            *("kyverno.io", "gatekeeper.sh", "openpolicyagent.org", "mutate.io", "juicefs.com", "fluid.io"),
            *(
                "envoyproxy.io",
                "spidernet.io",
                "k8tz.io",
                "kubemod.io",
                "kubewarden.io",
                "kubewarden.dev",
                "nirmata.io",
                "stackrox.io",
            ),
            *("kubearmor.io", "clastix.io", "neuvector.com", "securesystemsengineering.connaisseur", "sigstore.dev"),
            *("chaos-mesh.org", "litmuschaos.io", "chaosblade.io", "teleport.dev"),
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
            # They copy an object, with the secrets in it, to other namespaces and clusters.
            *("mittwald.de", "emberstack.com", "appscode.com", "karmada.io", "open-cluster-management.io"),
            *("kruise.io", "kubevirt.io", "crossplane.io", "keel.sh"),
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

_NAMES = {
    "aadpodidbinding": _CLOUD,
    # Gatekeeper, Connaisseur and AKS leave objects with this label out of their checks.
    "control-plane": _INJECTION,
    "runlevel": _KUBERNETES,
    "istio-injection": _INJECTION,
    # Kubernetes' own controllers write these on pods, and refuse others.
    "job-name": _KUBERNETES,
    "controller-uid": _KUBERNETES,
    "pod-template-hash": _KUBERNETES,
    "controller-revision-hash": _KUBERNETES,
    "kubearmor-policy": _INJECTION,
}
"""Names without a domain that software reads."""
_CLOUD_PREFIXES = ("gke-", "eks-", "aks-")
"""Prefixes that are no domains, such as gke-gcsfuse/volumes."""
_RUNTIME_NAME = re.compile(r"(io|run|org|com|net|dev|cloud|module)\.[a-zA-Z0-9-]+(\..+)?")
"""io.kubernetes.cri-o.Devices, run.oci.handler, org.systemd.property.X: runtimes read names without a domain."""
_INJECTS_NAME = re.compile(r"(.*[-._])?inject(ed|or)?|inject[-._].*|sidecar-injection", re.IGNORECASE)
_INJECTS_DOMAIN = re.compile(r"(sidecar|inject|injector)\..*", re.IGNORECASE)


def reserved_reason(key: str) -> str | None:
    """Why users must not write this key; None where they may.

    Args:
        key: A key as ``domain/name``, or a name alone.
    """
    domain, slash, name = key.rpartition("/")
    # cpu-load-balancing.crio.io: some software reads its domain without a name.
    place = domain or name
    for reserved, reason in RESERVED_DOMAINS.items():
        if place == reserved or place.endswith(f".{reserved}"):
            return reason
    if key in _NAMES:
        return _NAMES[key]
    if not slash and _RUNTIME_NAME.fullmatch(name):
        return _RUNTIME
    if slash and "." not in domain and domain.startswith(_CLOUD_PREFIXES):
        return _CLOUD
    if _INJECTS_NAME.fullmatch(name) or _INJECTS_DOMAIN.fullmatch(domain):
        return _INJECTION
    return None
