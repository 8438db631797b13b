"""What a program with a strict type checker may write; pyright reads it, and ``test_program_values`` runs it."""

from __future__ import annotations

from components import CpuPool, GpuPool, PrivateAccess, PublicAccess, ServerCustomize
from components.contracts.customize import Toleration
from components.contracts.pools import Taint

POOL = GpuPool(name="h100", instance_type="p5.48xlarge", count=1, zones=["us-east-2a"], taints=[Taint(key="team")])
SAME_POOL = GpuPool(
    name="h100", instance_type="p5.48xlarge", count=1, zones=("us-east-2a",), taints=(Taint(key="team"),)
)
SYSTEM = CpuPool(name="system", instance_type="m7i.2xlarge", count=2, zones=["us-east-2a", "us-east-2b"])
PRIVATE = PrivateAccess(cidrs=["10.0.0.0/8"])
PUBLIC = PublicAccess(cidrs=["198.51.100.0/24"])
ADDED = ServerCustomize(
    engine_arguments=["--seed=1"], pull_secrets=["registry"], tolerations=[Toleration(key="team")], sidecars=[]
)
