"""The services of AWS that a VPC without a NAT gateway reaches through endpoints."""

from __future__ import annotations

INTERFACE_ENDPOINTS = (
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticfilesystem",
    "elasticloadbalancing",
    "fsx",
    "logs",
    "sts",
)
"""What a node needs to join and to run the add-ons; S3 has a gateway endpoint, which costs nothing."""
