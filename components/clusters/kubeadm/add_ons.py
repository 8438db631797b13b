"""What runs in every kubeadm cluster beside Kubernetes itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from . import scripts
from .connections import Life, Login, run_on
from .settings import KubeadmTarget


@dataclass(frozen=True, kw_only=True)
class AddOnsArgs:
    """Where the add-ons go.

    Attributes:
        target: The cluster as users write it.
        login: How its hosts are reached.
        after: What has to exist before.
    """

    target: KubeadmTarget
    login: Login
    after: Sequence[pulumi.Resource]


class KubeadmNetwork(pulumi.ComponentResource):
    """The pod network, without which no node becomes ready.

    Attributes:
        installed: Depend on it to come after.
    """

    installed: pulumi.Resource

    def __init__(self, name: str, args: AddOnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:KubeadmNetwork", name, None, opts)
        first = args.login.to(args.target.control_plane.hosts[0])
        life = Life(create=scripts.install_network(args.target))
        self.installed = run_on(f"{args.target.name}-cilium", first, life, self, args.after)
        self.register_outputs({})


class KubeadmAddOns(pulumi.ComponentResource):
    """Load balancers and volumes; their pods need nodes to run on.

    Attributes:
        installed: Depend on it to come after.
    """

    installed: pulumi.Resource

    def __init__(self, name: str, args: AddOnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:KubeadmAddOns", name, None, opts)
        first = args.login.to(args.target.control_plane.hosts[0])
        life = Life(create=scripts.install_add_ons(args.target))
        self.installed = run_on(f"{args.target.name}-add-ons", first, life, self, args.after)
        self.register_outputs({})
