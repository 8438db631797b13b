"""One function for each command of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from components.clusters.environment import STATE_FOLDER, Presence
from components.contracts.errors import StrataError
from stacks.guards import StackState, backend_url, require_backend, require_state
from stacks.migrate import migrate
from stacks.mode import Mode, announcement, make_command
from stacks.outputs import KUBECONFIG
from stacks.plan_lines import plan_lines
from stacks.reading import read_stack

from .console import banner, say, step
from .definitions import definitions_of
from .dependents import dependencies, require_no_dependents, require_unprotected
from .engine import Engine
from .kubeconfigs import remove_kubeconfig, write_kubeconfig
from .links import print_links
from .network_path import require_network_path
from .rendering import render_stack
from .report.costs import cost_report
from .report.markdown import Preview, markdown_of, markdown_of_problems
from .report.tables import show_costs, show_dangers
from .stack import PROJECT_FOLDER, SHELL_FILE, LoadedStack, load_stack
from .summary import print_summary, wait_for_workloads
from .verify.asking import verified
from .verify.shown import as_json, show_findings

_DEVELOPMENT_BACKEND = f"file://{PROJECT_FOLDER / STATE_FOLDER / 'backend'}"
_SHORT_LIVED = (
    "its state is stored on this machine only, and its secrets are encrypted with a public passphrase; "
    "set PULUMI_BACKEND_URL to a durable backend (docs/ci.md)"
)


def check(arguments: argparse.Namespace) -> int:
    """Check settings and plans; start and change nothing."""
    stack = load_stack(arguments.stack, definitions_of(arguments))
    gpus = sum(plan.gpus for plan in stack.plans.values())
    holds = f"{len(stack.plans)} models on {gpus} GPUs" if stack.plans else stack.model.describe()
    say(f"Pulumi.{stack.name}.yaml is valid: {holds}")
    if stack.missing:
        names = " and ".join(problem.cause.partition(":")[0] for problem in stack.missing.problems)
        say(f"  {names}; checked against their files only")
    for plan in stack.plans.values():
        say("\n".join(plan_lines(plan)))
    for note in (*stack.file_notes, *stack.checked.notes):
        say(f"note: {note}")
    return 0


def migrate_file(arguments: argparse.Namespace) -> int:
    """Rewrite the stack's file in the present spelling."""
    changed = migrate(PROJECT_FOLDER, arguments.stack, definitions_of(arguments))
    for line in changed:
        say(line)
    say(f"Pulumi.{arguments.stack}.yaml is " + ("rewritten" if changed else "in the present spelling already"))
    return 0


def start(arguments: argparse.Namespace) -> int:
    """Start the cluster and create the stack's empty state, as a plain `pulumi up` needs them."""
    stack = _load_and_announce(arguments)
    engine = engine_of(stack)
    _require_prerequisites(stack)
    with step("cluster"):
        stack.cluster.ensure()
    engine.prepare()
    sources = ". .strata/env"
    if stack.mode is Mode.SIMULATED:
        sources += f" && . {SHELL_FILE.relative_to(PROJECT_FOLDER)}"
    say(f"next: {sources} && pulumi up -s {stack.name}")
    return 0


def stop(arguments: argparse.Namespace) -> int:
    """End the cluster's processes on this machine and keep its data."""
    stack = load_stack(arguments.stack, definitions_of(arguments))
    if stack.cluster_stack != stack.name:
        raise StrataError.of(
            f"stack {stack.name}",
            cause=f"its cluster belongs to stack {stack.cluster_stack}",
            consequence="the cluster would stop for every stack that builds on it",
            fix=make_command("stop", stack.cluster_stack, stack.mode),
        )
    if not stack.cluster.stop():
        say(f"no process of a cluster of stack {stack.name} runs on this machine; nothing was stopped")
    return 0


def prerequisites(arguments: argparse.Namespace) -> int:
    """Print the stacks that have to be up before this one, lowest first, one per line."""
    for need in read_stack(PROJECT_FOLDER, arguments.stack, definitions_of(arguments)).stack.needs:
        if not need.optional:
            print(need.stack)
    return 0


def up(arguments: argparse.Namespace) -> int:
    """Start the cluster, run the engine, and print what runs."""
    stack = _load_and_announce(arguments)
    engine = engine_of(stack)
    _require_prerequisites(stack)
    _require_path(stack, engine)
    with step("cluster"):
        stack.cluster.ensure()
    with step("pulumi up") as run:
        run.code = engine.up()
    if run.code:
        return run.code
    _show(stack, engine, repair=stack.cluster.repair)
    if _can_be_live(stack):
        say(f"  make live STACK={stack.name}      the same on nodes that truly run")
    return 0


def _can_be_live(stack: LoadedStack) -> bool:
    """Whether live nodes can take the place of the stack's simulated ones on this machine."""
    environment = stack.environment
    if environment is None or environment.presence is not Presence.EMBEDDED or not stack.holds_cluster:
        return False
    # Runs on other clusters never load the simulation.
    from simulation.live.requirements import system_problems  # noqa: PLC0415

    return not system_problems()


def preview(arguments: argparse.Namespace) -> int:
    """Show what `up` would change, what that costs, and which changes are dangerous."""
    report = Path(arguments.report) if arguments.report else None
    try:
        return _preview(arguments, report)
    except StrataError as error:
        if report:
            report.write_text(markdown_of_problems(arguments.stack, error.problems))
        raise


def _preview(arguments: argparse.Namespace, report: Path | None) -> int:
    stack = _load_and_announce(arguments)
    engine = engine_of(stack)
    _require_prerequisites(stack)
    _require_path(stack, engine)
    stack.cluster.ensure()
    code, run = engine.preview(*(["--diff"] if arguments.diff else []))
    costs = cost_report(stack.model.costs(), run.outputs_before)
    show_dangers(run)
    show_costs(costs)
    if report:
        note = announcement(stack.mode, stack.name, stack.model.describe())
        report.write_text(
            markdown_of(Preview(stack=stack.name, notes=note, run=run, costs=costs, plans=list(stack.plans.values())))
        )
        say(f"report written to {report}")
    return code


def status(arguments: argparse.Namespace) -> int:
    """Show what runs."""
    stack = _load_and_announce(arguments)
    engine = engine_of(stack)
    _require_prerequisites(stack)
    for line in stack.cluster.status():
        say(line)
    _require_up(stack, engine)
    _show(stack, engine)
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Compare what each layer promised with what the cluster answers; 1 where something does not hold."""
    stack = load_stack(arguments.stack, definitions_of(arguments)) if arguments.json else _load_and_announce(arguments)
    engine = engine_of(stack)
    _require_up(stack, engine)
    _require_path(stack, engine)
    _fetch_kubeconfig(stack, engine)
    findings = verified(stack, arguments.wait)
    print(as_json(findings)) if arguments.json else show_findings(stack.name, findings)
    return int(any(finding.holds is False for finding in findings))


def down(arguments: argparse.Namespace) -> int:
    """Remove everything that the stack made, its processes on this machine included."""
    stack = _load_and_announce(arguments)
    engine, cluster = engine_of(stack), stack.cluster
    exists = engine.exists()
    if not exists and stack.mode is Mode.REAL:
        say(f"there is no stack {stack.name}; nothing was changed")
        return 0
    others = dependencies(PROJECT_FOLDER, definitions_of(arguments))
    require_no_dependents(others, stack.name, stack.mode, lambda name: _is_up(engine.of_stack(name)))
    if exists:
        if _is_up(engine):
            _require_path(stack, engine)
        _require_cluster(stack, engine)
        if stack.holds_cluster and cluster.is_lost():
            engine.forget()
        else:
            state = StackState.read(stack.name, PROJECT_FOLDER, stack.variables)
            require_unprotected(stack.name, stack.mode, state.protected)
            with step("pulumi destroy") as run:
                run.code = engine.destroy()
            if run.code:
                return run.code
    if stack.holds_cluster:
        with step("cluster"):
            cluster.delete()
        if stack.owns_kubeconfig:
            remove_kubeconfig(stack.kubeconfig)
    kind = "simulated stack" if stack.mode is Mode.SIMULATED else "stack"
    gone = f"{kind} {stack.name} is gone" if exists else f"there is no {kind} {stack.name}; nothing of it is left"
    say(f"{gone}; its settings stay in Pulumi.{stack.name}.yaml")
    if stack.mode is Mode.SIMULATED:
        say(f"a real stack of that name was not touched: {make_command('down', stack.name, Mode.REAL)}")
    return 0


def render(arguments: argparse.Namespace) -> int:
    """Write every Kubernetes object as YAML."""
    stack = load_stack(arguments.stack, definitions_of(arguments))
    count = render_stack(stack, Path(arguments.out))
    say(f"{count} objects written to {arguments.out}")
    return 0


def _load_and_announce(arguments: argparse.Namespace) -> LoadedStack:
    """Load the stack and print whether its cloud is real."""
    stack = load_stack(arguments.stack, definitions_of(arguments))
    banner(announcement(stack.mode, stack.name, stack.model.describe()))
    if stack.mode is Mode.REAL and backend_url(PROJECT_FOLDER, stack.variables) == _DEVELOPMENT_BACKEND:
        banner([_SHORT_LIVED])
    return stack


def engine_of(stack: LoadedStack) -> Engine:
    """The engine, after a check that backend and state belong to this run's mode.

    Raises:
        StrataError: Backend or state belong to the other mode.
    """
    engine = Engine(PROJECT_FOLDER, stack.name, stack.cluster.ensure, stack.cluster.repair, stack.variables)
    if stack.mode is not Mode.NO_CLOUD:
        require_backend(stack.mode, backend_url(PROJECT_FOLDER, stack.variables))
        if engine.exists():
            state = StackState.read(stack.name, PROJECT_FOLDER, stack.variables)
            require_state(stack.mode, stack.name, state)
    return engine


def _require_up(stack: LoadedStack, engine: Engine) -> None:
    if not _is_up(engine):
        raise StrataError.of(
            f"stack {stack.name}",
            cause="is not up",
            consequence="nothing runs",
            fix=make_command("up", stack.name, stack.mode),
        )


def _is_up(engine: Engine) -> bool:
    return engine.exists() and StackState.read(engine.stack, PROJECT_FOLDER, engine.environment).has_resources


def _show(stack: LoadedStack, engine: Engine, repair: Callable[[], None] | None = None) -> None:
    """Print what runs: BGP sessions of a stack of links, model servers of others."""
    sessions = stack.model.sessions_output
    if sessions:
        print_links(stack.name, engine.output(sessions) or "{}")
    else:
        _fetch_kubeconfig(stack, engine)
        print_summary(stack, wait_for_workloads(stack, repair))


def _require_prerequisites(stack: LoadedStack) -> None:
    """Raise StrataError with every stack below that is not up."""
    if stack.missing:
        raise stack.missing


def _require_cluster(stack: LoadedStack, engine: Engine) -> None:
    """Raise StrataError when the stack has objects on a cluster that is not up: nothing could delete them."""
    if stack.missing and stack.missing.lacks_cluster and _is_up(engine):
        raise StrataError.of(
            f"stack {stack.name}",
            cause=f"stack {stack.cluster_stack} is not up, and its cluster holds everything that this stack made",
            consequence="none of it can be deleted",
            fix=f"bring it up: {make_command('up', stack.cluster_stack, stack.mode)}; if the cluster is gone for good, "
            f"drop the state: pulumi stack rm --force --preserve-config {stack.name}",
        )


def _require_path(stack: LoadedStack, engine: Engine) -> None:
    """Raise StrataError when a real cluster that exists cannot be reached from here."""
    if stack.environment is None or stack.mode is not Mode.REAL:
        return
    stack.environment.require_hosts()
    access = stack.environment.api_access()
    content = engine.of_stack(stack.cluster_stack).output(KUBECONFIG) if access else None
    if access and content:
        require_network_path(content, access)


def _fetch_kubeconfig(stack: LoadedStack, engine: Engine) -> None:
    """Write the kubeconfig to where the summary's commands look for it."""
    content = engine.of_stack(stack.cluster_stack).output(KUBECONFIG) if stack.owns_kubeconfig else None
    if content:
        write_kubeconfig(stack.kubeconfig, content)
