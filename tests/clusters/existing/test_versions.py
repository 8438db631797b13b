"""Versions of clusters that exist, as the tools that people ask print them."""

from __future__ import annotations

import json

import pytest

from components.clusters.existing.cluster import ExistingCluster, ExistingClusterArgs, existing_facts
from components.clusters.existing.settings import ExistingTarget
from components.contracts.errors import StrataError
from components.contracts.pools import GpuPool
from tests.registration import assert_refused, refusal
from tests.untyped import untyped

_POOLS = [GpuPool(name="h100", instance_type="p5.48xlarge", count=1)]
_CLUSTER = {"kubeconfig": "/kubeconfig", "pools": _POOLS, "storage": "shared"}


def _args(version: str) -> ExistingClusterArgs:
    return untyped(ExistingClusterArgs, {**_CLUSTER, "cluster": "lab", "kubernetes_version": version})


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("1.34", "1.34"),
        ("1.34.2", "1.34.2"),
        ("v1.34.2", "1.34.2"),
        ("1.34.2+k3s1", "1.34.2"),
        ("v1.34.2+rke2r1", "1.34.2"),
        ("v1.34.1-gke.1829001", "1.34.1"),
        ("v1.34.2-eks-113cf36", "1.34.2"),
        ("1.34+", "1.34"),
    ],
)
def test_a_version_is_taken_as_kubectl_prints_it(printed: str, version: str) -> None:
    assert existing_facts(_args(printed)).kubernetes_version == version
    written = {"kind": "existing", "name": "lab", "kubeconfig": "lab.yaml", "kubernetes_version": printed}
    storage = {"read_write_once": "gp3", "read_write_many": "efs"}
    read = ExistingTarget.model_validate_json(json.dumps({**written, "storage": storage}))
    assert read.kubernetes_version == version


@pytest.mark.parametrize("version", ["34", "v34", "1.34.x", "2.0.0", "1.34 ", "latest", "vv1.34.2", "v1.34.2+a b"])
def test_another_text_is_answered_with_the_form(version: str) -> None:
    with pytest.raises(StrataError) as refused:
        _args(version)
    (problem,) = refused.value.problems
    assert (problem.field, "'1.34.2'" in problem.fix) == ("ExistingClusterArgs.kubernetes_version", True)


def test_a_version_that_is_too_old_is_refused_however_it_is_written() -> None:
    arguments = {**_CLUSTER, "name": "lab", "kubernetes_version": "v1.29.9+k3s1"}
    assert_refused(lambda: untyped(ExistingCluster, arguments), "kubernetes_version")
    error, _ = refusal(lambda: untyped(ExistingCluster, arguments))
    assert "Kubernetes 1.29.9 is older" in str(error)
