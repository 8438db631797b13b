"""Reservations that pools name: whether they are there, of the machine, and large enough."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi_gcp as gcp

from ...contracts.capacity import Reservation
from ...contracts.errors import Problem
from ..rules.pool_view import PoolView, pool_views
from .args import GkeClusterArgs
from .inquiry import Inquiry, Refusal


def reservation_problems(args: GkeClusterArgs, inquiry: Inquiry) -> Iterator[Problem]:
    """Reservations that cannot carry their pool."""
    for view in pool_views(args.pools):
        if isinstance(view.pool.capacity, Reservation):
            yield from _wrong(args, view, view.pool.capacity, inquiry)


def _wrong(args: GkeClusterArgs, view: PoolView, capacity: Reservation, inquiry: Inquiry) -> Iterator[Problem]:
    pool = view.pool
    project, name = reservation_of(capacity, args)
    found = inquiry.ask(
        f"the reservation {name}",
        lambda: gcp.compute.get_reservation(name=name, project=project, zone=pool.zones[0], opts=inquiry.options),
    )
    if isinstance(found, Refusal):
        if found.is_unknown_name:
            yield view.problem(
                "capacity.id",
                cause=f"{project} has no reservation {name} in {pool.zones[0]}",
                consequence="GKE would refuse the pool",
                fix=f"name one that `gcloud compute reservations list --project {project}` lists, or its zone",
            )
        return
    machines = [
        properties.machine_type
        for reservation in found.specific_reservations
        for properties in reservation.instance_properties
    ]
    free = sum(reservation.count - reservation.in_use_count for reservation in found.specific_reservations)
    if machines and pool.instance_type not in machines:
        yield view.problem(
            "capacity.id",
            cause=f"{name} holds machines of {', '.join(machines)}",
            consequence="the pool would never get a machine of it",
            fix=f"name a reservation of {pool.instance_type} in {pool.zones[0]}",
        )
    elif not found.specific_reservation_required:
        yield view.problem(
            "capacity.id",
            cause=f"{name} is open to every machine that matches",
            consequence="GKE refuses to name it, and other machines of the project may take its places",
            fix="make a reservation with --require-specific-reservation",
        )
    elif machines and free < pool.most_nodes and not found.specific_reservations[0].in_use_count:
        yield view.problem(
            "capacity.id",
            cause=f"{name} has {free} machines; the pool grows to {pool.most_nodes}",
            consequence="the last nodes would never start",
            fix=f"use at most {free} nodes, or a larger reservation",
        )


def reservation_of(capacity: Reservation, args: GkeClusterArgs) -> tuple[str, str]:
    """Project and name of a reservation, blocks left out."""
    path = capacity.id.split("/reservationBlocks/")[0]
    if not path.startswith("projects/"):
        return args.project, path
    _, project, _, name = path.split("/")
    return project, name
