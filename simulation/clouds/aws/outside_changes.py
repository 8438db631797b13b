"""What people do to a cluster beside the program, for tests of how it finds out."""

from __future__ import annotations

from dataclasses import replace

from ...provider.operations import Operations
from ...provider.values import Value, at
from . import vocabulary as v
from .logs import made_by_service


def scale(operations: Operations, cluster: str, group: str, size: int) -> None:
    """Set the desired size of a node group, as its console page does; its nodes follow.

    Raises:
        LookupError: when there is no such node group.
    """
    with operations.store.transaction() as account:
        record = account.get(v.NODE_GROUP, f"{cluster}:{group}")
        if record is None:
            raise LookupError(f"{cluster}:{group}")
        before = at(record.inputs, "scalingConfig")
        scaling: dict[str, Value] = {**(before if isinstance(before, dict) else {}), "desiredSize": size}
        changed = replace(record, inputs={**record.inputs, "scalingConfig": scaling})
        account.put(changed)
    operations.cloud.kinds[v.NODE_GROUP].effects.updated(operations.store, changed)


def write_last_logs(operations: Operations, cluster: str) -> None:
    """EKS writes the last lines of a control plane that is gone, and makes the group again where that is gone too.

    Source: https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763.
    """
    name = f"/aws/eks/{cluster}/cluster"
    with operations.store.transaction() as account:
        made_by_service(account, name, f"arn:aws:logs:us-east-2:{v.ACCOUNT}:log-group:{name}")


def delete(operations: Operations, token: str, identifier: str) -> None:
    """Take an object away with everything that stands behind it, whatever still refers to it.

    Raises:
        LookupError: when there is no such object.
    """
    with operations.store.transaction() as account:
        record = account.get(token, identifier)
    if record is None:
        raise LookupError(identifier)
    operations.cloud.kinds[token].effects.deleted(operations.store, record)
    with operations.store.transaction() as account:
        account.remove(token, identifier)
