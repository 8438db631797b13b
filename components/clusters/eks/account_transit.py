"""Whether the transit gateway's owner has to accept the attachment of the VPC first.

Where that is another account, the attachment waits and every route to it is refused
(hashicorp/terraform-provider-aws#10025). The update ends there, before anything that is paid for by the hour but NAT,
and goes on when it is run again; so this is said and not refused.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from pulumi_aws.ec2transitgateway import GetVpcAttachmentsFilterArgs

from ...networks.aws.args import NewAwsVpc
from ..arguments import known
from .args import EksClusterArgs


def tell_of_acceptance(name: str, args: EksClusterArgs, ask: pulumi.InvokeOptions) -> None:
    """Warn where somebody else has to act.

    Args:
        name: Name of the component, after which the attachment is called.
        args: The cluster.
        ask: Who is asked.
    """
    transit = args.network.transit if isinstance(args.network, NewAwsVpc) else None
    gateway = known("the owner of the transit gateway", transit.gateway) if transit else None
    if gateway is None:
        return
    found = aws.ec2transitgateway.get_transit_gateway(id=gateway, opts=ask)
    own = aws.get_caller_identity(opts=ask).account_id
    if found.owner_id == own or found.auto_accept_shared_attachments == "enable":
        return
    only = {"transit-gateway-id": gateway, "tag:Name": name, "state": "available"}
    filters = [GetVpcAttachmentsFilterArgs(name=key, values=[value]) for key, value in only.items()]
    if aws.ec2transitgateway.get_vpc_attachments(filters=filters, opts=ask).ids:
        return
    pulumi.warn(
        f"{gateway} belongs to the account {found.owner_id}, which has to accept the attachment of the VPC. "
        "This update makes the attachment and ends at the first route with 'does not exist'. Have it accepted there "
        f"(aws ec2 accept-transit-gateway-vpc-attachment --region {args.region}), then run the update again"
    )
