"""The commands, each a short story told by calls to the rooms below."""

from __future__ import annotations

import argparse
from pathlib import Path

from stacks.plan_lines import plan_lines

from .console import out, say, step
from .engine import Engine
from .rendering import render_stack
from .stack import PROJECT_FOLDER, Stack, load_stack
from .summary import print_summary, wait_for_servers


def check(arguments: argparse.Namespace) -> int:
    """Settings and plans, nothing else."""
    stack = load_stack(arguments.stack)
    gpus = sum(plan.gpus for plan in stack.plans.values())
    say(f"Pulumi.{stack.name}.yaml holds: {len(stack.plans)} models on {gpus} GPUs")
    for plan in stack.plans.values():
        say("\n".join(plan_lines(plan)))
    return 0


def start(arguments: argparse.Namespace) -> int:
    """The cluster and the stack's empty state, all that a plain `pulumi up` needs."""
    stack = load_stack(arguments.stack)
    with step("cluster"):
        stack.ensure_cluster()
    _engine(stack).prepare()
    say(f"now: . .strata/env && pulumi up -s {stack.name}")
    return 0


def stop(arguments: argparse.Namespace) -> int:
    """The embedded cluster, whose data stays."""
    embedded = load_stack(arguments.stack).control_plane
    if embedded:
        embedded.stop(progress=say)
    return 0


def up(arguments: argparse.Namespace) -> int:
    """Cluster, engine, summary."""
    stack = load_stack(arguments.stack)
    with step("cluster"):
        stack.ensure_cluster()
    with step("pulumi up"):
        code = _engine(stack).up()
        if code:
            return code
    print_summary(stack, wait_for_servers(stack))
    return 0


def preview(arguments: argparse.Namespace) -> int:
    """What `up` would do."""
    stack = load_stack(arguments.stack)
    stack.ensure_cluster()
    return _engine(stack).preview(*(["--diff"] if arguments.diff else []))


def status(arguments: argparse.Namespace) -> int:
    """What runs."""
    stack = load_stack(arguments.stack)
    embedded = stack.control_plane
    if embedded:
        seen = embedded.status()
        for component in seen.components:
            state = f"process {component.pid}" if component.pid else "not running"
            say(f"{component.name:<25} {state}{'' if component.healthy else ', not healthy'}")
    print_summary(stack, wait_for_servers(stack))
    return 0


def down(arguments: argparse.Namespace) -> int:
    """Everything that the stack made, the embedded cluster included."""
    stack = load_stack(arguments.stack)
    engine, embedded = _engine(stack), stack.control_plane
    if engine.exists():
        if embedded and not embedded.layout.home.exists():
            engine.forget()
        else:
            with step("pulumi destroy"):
                code = engine.destroy()
                if code:
                    return code
    if embedded:
        with step("embedded cluster"):
            embedded.delete()
    out.print(f"stack {stack.name} is gone; its settings stay in Pulumi.{stack.name}.yaml")
    return 0


def render(arguments: argparse.Namespace) -> int:
    """Every object as YAML."""
    stack = load_stack(arguments.stack)
    count = render_stack(stack, Path(arguments.out))
    say(f"{count} objects written to {arguments.out}")
    return 0


def _engine(stack: Stack) -> Engine:
    return Engine(PROJECT_FOLDER, stack.name, stack.ensure_cluster, stack.tend_cluster)
