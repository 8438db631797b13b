"""Security contexts: those that meet the Pod Security Standard "restricted", and one for a Job that has to be root.

Source: Kubernetes documentation, Pod Security Standards, profile restricted.
"""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_kubernetes import core

# Above the range that distributions assign to people and system services.
RUN_AS = 10_001


def pod_security() -> core.v1.PodSecurityContextArgs:
    """Not root, files of volumes readable by the group, the runtime's default seccomp profile."""
    return core.v1.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=RUN_AS,
        run_as_group=RUN_AS,
        fs_group=RUN_AS,
        # The owner of every file of a large volume would otherwise be changed at every start.
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def container_security(added_capabilities: Sequence[str] = ()) -> core.v1.SecurityContextArgs:
    """No capabilities but those given, no privilege escalation, a read-only root file system."""
    return core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        privileged=False,
        read_only_root_filesystem=True,
        run_as_non_root=True,
        run_as_user=RUN_AS,
        capabilities=core.v1.CapabilitiesArgs(drop=["ALL"], add=list(added_capabilities) or None),
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def root_security(capabilities: Sequence[str], *, read_only: bool = True) -> core.v1.SecurityContextArgs:
    """Root with these capabilities and no others; Pod Security "baseline" takes some of them, "restricted" none.

    Args:
        capabilities: Names without ``CAP_``, such as ``CHOWN``.
        read_only: Whether its root file system is.
    """
    return core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        privileged=False,
        read_only_root_filesystem=read_only,
        run_as_non_root=False,
        run_as_user=0,
        run_as_group=0,
        capabilities=core.v1.CapabilitiesArgs(drop=["ALL"], add=list(capabilities)),
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )
