"""One embedded control plane in place of the clusters of all stacks.

A preview asks an API server which kinds there are and what an update would come to. It needs no cluster of its
own for that, but has to reach one in the way that the stack's kubeconfig says.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import yaml

from components.contracts.names import short_hash
from simulation.clouds.clouds import cloud_of
from simulation.provider.managed_cluster import MARKER
from simulation.provider.store import Store
from tests.sandbox import Sandbox

CLUSTERS = (
    ("aws", "us-east-2", "strata-aws"),
    ("aws", "us-east-2", "strata-split"),
    ("gcp", "us-central1", "strata-gcp"),
    ("azure", "eastus2", "strata-azure"),
)
"""Clusters of simulated clouds whose kubeconfigs log in by a program of the cloud."""
AKS_CLUSTER = (
    "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/strata-azure/providers/"
    "Microsoft.ContainerService/managedClusters/strata-azure"
)


def placeholders(box: Sandbox) -> dict[str, str]:
    """The value of each placeholder of a recorded state."""
    kubeconfig = yaml.safe_load(box.kubeconfig.read_text())
    pki = box.control_plane.layout.certificates
    return {
        "project": str(box.folder),
        "api server": kubeconfig["clusters"][0]["cluster"]["server"].removeprefix("https://"),
        "authority": _encoded(pki / "ca.crt"),
        "client certificate": _encoded(pki / "admin.crt"),
        "client key": _encoded(pki / "admin.key"),
    }


def stand_in(box: Sandbox) -> None:
    """Let the clusters of all clouds be that one."""
    simulated = box.folder / ".strata" / "simulated"
    layout = box.control_plane.layout
    for cloud, location, name in CLUSTERS:
        folder = simulated / "control-planes" / short_hash(name)
        folder.mkdir(parents=True)
        (folder / MARKER).write_text(json.dumps({"cluster": name, "cloud": cloud, "location": location}))
        (folder / layout.record.name).symlink_to(layout.record)
        (folder / layout.certificates.name).symlink_to(layout.certificates)
    # AKS tells addresses only to those who ask it.
    with Store(simulated / "azure-native.sqlite", cloud_of("azure-native").seed).transaction() as account:
        account.seed("azure-native:containerservice:ManagedCluster", AKS_CLUSTER, {}, {"name": "strata-azure"})
        known = placeholders(box)
        cluster = {"server": f"https://{known['api server']}", "certificate-authority-data": known["authority"]}
        content = json.dumps({"clusters": [{"name": "strata-azure", "cluster": cluster}]})
        account.set_fact(f"endpoint:{AKS_CLUSTER}", base64.b64encode(content.encode()).decode())


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
