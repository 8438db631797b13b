"""The control plane of a kubeadm cluster: one host makes it, the others join one after another.

Owns the order: etcd takes one new member at a time, and an upgrade goes host by host.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from . import scripts
from .connections import Life, Login, ask, run_on
from .documents import JoinCredentials, init_documents, join_documents
from .host_files import encryption_config
from .hosts import Host
from .outside import reach_outside
from .settings import KubeadmTarget
from .shell import script


@dataclass(frozen=True, kw_only=True)
class ControlPlaneArgs:
    """What the control plane is made of.

    Attributes:
        target: The cluster as users write it.
        login: How its hosts are reached.
    """

    target: KubeadmTarget
    login: Login


class KubeadmControlPlane(pulumi.ComponentResource):
    """etcd, API servers, schedulers and controllers on hosts of one's own.

    Attributes:
        kubeconfig: How programs log in; a secret.
        ready: The last host's resource; depend on it to come after the whole control plane.
    """

    kubeconfig: pulumi.Output[str]
    ready: pulumi.Resource

    def __init__(self, name: str, args: ControlPlaneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:KubeadmControlPlane", name, None, opts)
        self._target, self._login = args.target, args.login
        first, *others = args.target.control_plane.hosts
        key = self._encryption_key(first)
        self.ready = self._initialise(first, key)
        for host in others:
            self.ready = self._join(host, key)
        self.kubeconfig = ask(
            f"{args.target.name}-kubeconfig",
            args.login.to(first),
            script("sudo cat /etc/kubernetes/admin.conf"),
            self,
            [self.ready],
        )
        self.register_outputs({})

    def _encryption_key(self, first: Host) -> pulumi.Output[str]:
        """Made once, and the same on every host: what one API server writes, all have to read."""
        question = script("head --bytes=32 /dev/urandom | base64")
        printed = ask(f"{self._target.name}-encryption-key", self._login.to(first), question, self)
        return printed.apply(str.strip)

    def _prepare(self, host: Host, key: pulumi.Output[str]) -> list[pulumi.Resource]:
        connection = self._login.to(host)
        encryption = Life(create=scripts.keep_encryption(), stdin=key.apply(encryption_config))
        return [
            run_on(
                f"{host.name}-prepared",
                connection,
                Life(create=scripts.prepare(self._target, None)),
                self,
                reach_outside(self._target, host, self._login, self),
            ),
            run_on(f"{host.name}-encryption", connection, encryption, self),
        ]

    def _initialise(self, first: Host, key: pulumi.Output[str]) -> pulumi.Resource:
        target = self._target
        life = Life(
            create=scripts.initialise(target),
            update=scripts.upgrade_first(target),
            delete=scripts.leave(),
            stdin=init_documents(target),
        )
        connection = self._login.to(first)
        return run_on(first.name, connection, life, self, self._prepare(first, key), protect=target.protect)

    def _join(self, host: Host, key: pulumi.Output[str]) -> pulumi.Resource:
        target = self._target
        first = self._login.to(target.control_plane.hosts[0])
        invitation = ask(f"{host.name}-invitation", first, scripts.invite(host, control_plane=True), self, [self.ready])
        life = Life(
            create=scripts.join_control_plane(target),
            update=scripts.upgrade_node(target),
            delete=scripts.leave(),
            stdin=invitation.apply(lambda text: join_documents(target, host, None, JoinCredentials.of(text))),
        )
        joined = run_on(
            host.name,
            self._login.to(host),
            life,
            self,
            [*self._prepare(host, key), self.ready],
            protect=target.protect,
        )
        member = Life(create=script("true"), delete=scripts.remove_host(host))
        return run_on(f"{host.name}-member", first, member, self, [joined])
