"""Commands on hosts: who logs in where, and what a command's result is worth.

Owns the only use of the ``command`` provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_command.remote import Command, ConnectionArgs, Logging, ProxyConnectionArgs

from .hosts import Host
from .settings import KubeadmTarget

# Hosts that are being rebooted come back within ten minutes or need a person.
_DIAL_ATTEMPTS = 20
_DIAL_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Login:
    """How Pulumi reaches the hosts of one cluster.

    Attributes:
        target: The cluster.
        private_key: SSH key in OpenSSH's form, a secret.
    """

    target: KubeadmTarget
    private_key: pulumi.Input[str]

    def to(self, host: Host) -> ConnectionArgs:
        """The connection to a host; another machine at its address is refused by its key."""
        ssh = self.target.ssh
        return ConnectionArgs(
            host=host.address,
            port=ssh.port_of(host),
            user=ssh.user_of(host),
            private_key=self.private_key,
            host_key=host.host_key,
            dial_error_limit=_DIAL_ATTEMPTS,
            per_dial_timeout=_DIAL_SECONDS,
            proxy=(
                ProxyConnectionArgs(
                    host=ssh.bastion.address,
                    port=ssh.bastion.port,
                    user=ssh.bastion.user or ssh.user,
                    private_key=self.private_key,
                    host_key=ssh.bastion.host_key,
                    dial_error_limit=_DIAL_ATTEMPTS,
                    per_dial_timeout=_DIAL_SECONDS,
                )
                if ssh.bastion
                else None
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Life:
    """What a host runs over the life of one resource.

    Attributes:
        create: When the resource is made.
        update: When anything in it changes; ``create`` again where left out.
        delete: When it goes; nothing where left out.
        stdin: Input of each of them.
    """

    create: pulumi.Input[str]
    update: pulumi.Input[str] | None = None
    delete: pulumi.Input[str] | None = None
    stdin: pulumi.Input[str] | None = None


def run_on(
    name: str,
    connection: ConnectionArgs,
    life: Life,
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource] = (),
    *,
    protect: bool = False,
) -> Command:
    """Run on a host; what it prints is shown."""
    return Command(
        name,
        connection=connection,
        create=life.create,
        update=life.update,
        delete=life.delete,
        stdin=life.stdin,
        # Old output in the environment would reach hosts whose sshd refuses unknown variables.
        add_previous_output_in_env=False,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after), protect=protect),
    )


def ask(
    name: str,
    connection: ConnectionArgs,
    question: pulumi.Input[str],
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource] = (),
) -> pulumi.Output[str]:
    """What a host prints, which is a secret: neither shown nor stored in the clear."""
    asked = Command(
        name,
        connection=connection,
        create=question,
        logging=Logging.NONE,
        add_previous_output_in_env=False,
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=list(after), additional_secret_outputs=["stdout", "stderr"]
        ),
    )
    return pulumi.Output.secret(asked.stdout)
