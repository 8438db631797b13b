"""One node pool: hosts that join, carry the pool's labels and taints, and are emptied before they go.

Owns the order of each host's steps. Draining happens on a control plane host, as workers hold no
credentials that could do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from ...contracts.pools import NodePool
from . import scripts
from .connections import Life, Login, ask, run_on
from .documents import JoinCredentials, join_documents
from .hosts import Worker
from .outside import reach_outside
from .settings import KubeadmTarget
from .shell import script


@dataclass(frozen=True, kw_only=True)
class NodePoolArgs:
    """What a pool is made of.

    Attributes:
        target: The cluster as users write it.
        pool: The pool as users write it.
        login: How its hosts are reached.
        after: What has to exist before.
    """

    target: KubeadmTarget
    pool: NodePool
    login: Login
    after: Sequence[pulumi.Resource]


class KubeadmNodePool(pulumi.ComponentResource):
    """The hosts of one pool, ``workers_at_once`` of them at a time.

    Attributes:
        members: The nodes; depend on them to come after.
    """

    members: list[pulumi.Resource]

    def __init__(self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:KubeadmNodePool", name, None, opts)
        self._args = args
        self._first = args.login.to(args.target.control_plane.hosts[0])
        hosts = [worker for worker in args.target.workers if worker.pool == args.pool.name]
        self.members = []
        for index, host in enumerate(hosts):
            turn = index - args.target.workers_at_once
            self.members.append(self._node(host, [self.members[turn]] if turn >= 0 else []))
        self.register_outputs({})

    def _node(self, host: Worker, before: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """A host's steps; the resources of an upgrade run in the order in which they are made."""
        args, target, pool = self._args, self._args.target, self._args.pool
        prepared = run_on(
            f"{host.name}-prepared",
            args.login.to(host),
            Life(create=scripts.prepare(target, pool)),
            self,
            reach_outside(target, host, args.login, self),
        )
        # Asked for when it is the host's turn: in a large pool an earlier invitation would have ended by then.
        turn = [*args.after, *before, prepared]
        invitation = ask(f"{host.name}-invitation", self._first, scripts.invite(host, control_plane=False), self, turn)
        emptied = run_on(
            f"{host.name}-emptied",
            self._first,
            Life(create=script("true"), update=scripts.empty(host, target)),
            self,
            turn,
        )
        joined = run_on(
            host.name,
            args.login.to(host),
            Life(
                create=scripts.join_worker(target),
                update=scripts.upgrade_node(target),
                delete=scripts.leave(),
                stdin=invitation.apply(lambda text: join_documents(target, host, pool, JoinCredentials.of(text))),
            ),
            self,
            [emptied],
            protect=pool.protect,
        )
        return run_on(
            f"{host.name}-member",
            self._first,
            Life(create=scripts.configure_node(host, pool, target), delete=scripts.remove_host(host)),
            self,
            [joined],
        )
