"""``strata live`` and ``strata live-down``."""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor

from cli.clusters.embedded import control_plane_of
from cli.clusters.processes import say_indented
from cli.commands import engine_of
from cli.console import out, say, step
from cli.definitions import definitions_of
from cli.live.asking import ask
from cli.live.choice import counts_of, require_embedded
from cli.live.hub import hub_content
from cli.live.images import archives, named_images
from cli.stack import PROJECT_FOLDER, LoadedStack, load_stack
from cli.summary import print_summary, wait_for_workloads
from components.clusters.environment import STATE_FOLDER
from components.contracts.errors import raise_problems
from simulation import ControlPlane, apply_pools
from simulation.live.cluster import LiveCluster
from simulation.live.record import HubContent, live_pools
from simulation.live.requirements import requirement_problems, system_problems

_STATE = PROJECT_FOLDER / STATE_FOLDER


def live(arguments: argparse.Namespace) -> int:
    """Bring the stack up on live nodes, ask its first model something, and print what runs."""
    begin = time.monotonic()
    stack = load_stack(arguments.stack, definitions_of(arguments))
    control_plane, cluster = _both(stack)
    counts = counts_of(stack, arguments.nodes)
    if arguments.possible:
        raise_problems(system_problems())
        return 0
    raise_problems(requirement_problems(cluster.places))
    engine = engine_of(stack)
    with step("live nodes"):
        changed = _start(stack, control_plane, cluster, counts)
        say_indented(", ".join(changed) if changed else "nothing had to be changed")
    with step("pulumi up") as run:
        run.code = engine.up()
    if run.code:
        return run.code
    running = wait_for_workloads(stack, stack.cluster.repair)
    print_summary(stack, running)
    out.print(f"  make live-down STACK={stack.name}      end the live nodes")
    for workload in stack.workloads[:1]:
        asked = ask(stack, workload.namespace, workload.name)
        # Not wrapped, so that a shell takes it as it is.
        print(f"\n{asked.command}\n\n{asked.answer}\n")
        whole = time.monotonic() - begin
        say(f"answered in {asked.seconds:.1f} s, {whole:.1f} s after the start, on {os.cpu_count()} cores")
    return 0


def live_down(arguments: argparse.Namespace) -> int:
    """End the live nodes; the stack goes with them where it came with them."""
    stack = load_stack(arguments.stack, definitions_of(arguments))
    control_plane, cluster = _both(stack)
    record, names = cluster.record, [member.name for member in cluster.members()]
    with step("live nodes"):
        there = cluster.remove()
        if record is not None and record.made_cluster:
            control_plane.delete()
            engine_of(stack).forget()
        elif record is not None and control_plane.is_ready():
            cluster.forget_nodes(names)
            # Without live nodes its API server asks no webhooks.
            control_plane.start(progress=say_indented)
            apply_pools(control_plane, require_embedded(stack).pools)
    if not there:
        say(f"stack {stack.name} has no live nodes; nothing was changed")
    elif record is not None and record.made_cluster:
        say(f"stack {stack.name} is gone with them; its settings stay in Pulumi.{stack.name}.yaml")
    else:
        say("their pools have simulated nodes again")
    return 0


def _start(stack: LoadedStack, control_plane: ControlPlane, cluster: LiveCluster, counts: dict[str, int]) -> list[str]:
    """Control plane and nodes, as far as possible at the same time; what had to be done."""
    pools = require_embedded(stack).pools
    known = cluster.record
    hub = hub_content(known.hub if known else HubContent())
    made = known.made_cluster if known else not control_plane.layout.home.exists()
    if known is None or known.counts != counts:
        cluster.want(pools, counts, {}, hub=hub, made_cluster=made)
    with ThreadPoolExecutor(max_workers=1) as pool:
        starting = pool.submit(control_plane.start, progress=say_indented)
        images = archives(_STATE, named_images(stack), stack.plans)
        cluster.want(pools, counts, images.files, fetching=images.fetching, hub=hub, made_cluster=made)
        changed = cluster.ensure_ground()
        changed += starting.result().changed
    simulated = apply_pools(control_plane, [p for p in pools if p.name not in live_pools(control_plane.layout)])
    changed += [f"removed the simulated node {name}" for name in simulated.removed]
    for name in images.stood_in:
        say_indented(f"{name} is stood in for by a program of ours")
    changed += cluster.ensure()
    cluster.wait_until_ready()
    return changed


def _both(stack: LoadedStack) -> tuple[ControlPlane, LiveCluster]:
    control_plane = control_plane_of(require_embedded(stack), _STATE)
    return control_plane, LiveCluster(control_plane.layout, say_indented)
