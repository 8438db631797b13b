"""Whether pods can take on the identities that are made for them, and whether these are allowed anything."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
from pulumi_azure_native import containerservice, keyvault

from ...contracts.errors import Problem
from .lookups import if_there
from .settings import AksTarget


def issuer_problems(target: AksTarget, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    """What a cluster that exists lacks for identities of pods, which are off unless somebody switched them on.

    Source: https://learn.microsoft.com/azure/aks/workload-identity-deploy-cluster, "Update an existing AKS cluster".

    Args:
        target: The cluster.
        ask: Who is asked.
    """
    wanted = "dns" if target.dns else "secrets" if target.secrets else None
    if wanted is None or not target.adopt_cluster:
        return
    found = if_there(
        lambda: containerservice.get_managed_cluster(
            resource_group_name=target.resource_group, resource_name=target.name, opts=ask
        )
    )
    if found is None:
        return
    issuer, security = found.oidc_issuer_profile, found.security_profile
    identities = security.workload_identity if security else None
    missing = {
        "--enable-oidc-issuer": not (issuer and issuer.enabled),
        "--enable-workload-identity": not (identities and identities.enabled),
    }
    options = " ".join(option for option, is_missing in missing.items() if is_missing)
    if options:
        yield Problem(
            field=f"target.{wanted}",
            cause=f"the cluster {target.name} exists, and gives its pods no identities of Azure",
            consequence="the pods that need one would be refused whatever they ask for",
            fix=f"run `az aks update --resource-group {target.resource_group} --name {target.name} {options}`",
        )


def vault_problems(target: AksTarget, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    """A vault that is not there, or that asks for no roles.

    Args:
        target: The cluster.
        ask: Who is asked.
    """
    vault = target.secrets
    if vault is None:
        return
    found = if_there(
        lambda: keyvault.get_vault(resource_group_name=vault.resource_group, vault_name=vault.name, opts=ask)
    )
    if found is None:
        yield Problem(
            field="target.secrets",
            cause=f"the resource group {vault.resource_group} has no vault {vault.name}",
            consequence="Azure would refuse the role by which its secrets are read",
            fix="write the name and the resource group that `az keyvault list --output table` prints",
        )
    elif not found.properties.enable_rbac_authorization:
        yield Problem(
            field="target.secrets.name",
            cause=f"{vault.name} goes by access policies and not by Azure's roles",
            consequence="the role that is made would allow nothing, and no secret could be read",
            fix=f"run `az keyvault update --name {vault.name} --enable-rbac-authorization true`, which ends what its "
            "access policies allow; or name another vault",
        )
