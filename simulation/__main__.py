"""``python -m simulation``: start, stop and look at embedded control planes by hand.

Owns the words of the command line only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from components.contracts.errors import StrataError
from components.contracts.pools import NodePool

from .control_plane import ControlPlane, Status, apply_pools

_STATE = Path(__file__).resolve().parent.parent / ".strata"


def main() -> int:
    """Run one command; 0 when it succeeded, and for ``status`` when the control plane is ready."""
    arguments = _parser().parse_args()
    try:
        return _run(arguments.command, arguments.name, arguments.state, arguments.pools)
    except StrataError as error:
        _tell(str(error))
        return 1
    except KeyboardInterrupt:
        _tell("interrupted; 'start' takes it up again")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulation", description="Embedded Kubernetes control planes.")
    parser.add_argument("command", choices=("start", "stop", "status", "reset", "delete"))
    parser.add_argument("name", help="name of the control plane, such as dev")
    parser.add_argument("--pools", type=Path, help="JSON list of node pools to make nodes of (start and reset)")
    parser.add_argument("--state", type=Path, default=_STATE, help="the project's state folder (default: %(default)s)")
    return parser


def _run(command: str, name: str, state: Path, pools_file: Path | None) -> int:
    control_plane = ControlPlane(name, state)
    pools = _read_pools(pools_file) if pools_file else None
    match command:
        case "start" | "reset":
            running = control_plane.start(progress=_tell) if command == "start" else control_plane.reset(progress=_tell)
            if pools is not None:
                changes = apply_pools(control_plane, pools)
                _tell(
                    f"{len(changes.created)} nodes created, {len(changes.updated)} updated, "
                    f"{len(changes.removed)} removed, {len(changes.unchanged)} unchanged"
                )
            done = "; ".join(running.changed) or "was ready already"
            _tell(f"{name} {done} ({running.seconds:.1f} s)\nexport KUBECONFIG='{running.kubeconfig}'")
        case "stop":
            _tell(f"{name} {'stopped' if control_plane.stop(progress=_tell) else 'was not running'}")
        case "delete":
            control_plane.delete(progress=_tell)
            _tell(f"{name} deleted")
        case _:
            status = control_plane.status()
            _tell(_describe(status))
            return 0 if status.ready else 1
    return 0


def _read_pools(file: Path) -> tuple[NodePool, ...]:
    reader: TypeAdapter[tuple[NodePool, ...]] = TypeAdapter(tuple[NodePool, ...])
    try:
        return reader.validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise StrataError.of(
            "--pools",
            cause=f"{file} is not a list of node pools: {error}",
            consequence="no node was changed",
            fix='write [{"kind": "gpu", "name": "h100", "instance_type": "p5.48xlarge", "count": 2}]',
        ) from None


def _describe(status: Status) -> str:
    lines = [f"{status.name}: {'ready' if status.ready else 'not ready' if status.exists else 'does not exist'}"]
    for component in status.components if status.exists else ():
        state = "well" if component.healthy else "does not answer" if component.alive else "not running"
        lines.append(f"  {component.name:24} {component.pid or '-':>8}  {state:15} {component.log}")
    if status.since:
        lines += [f"  since {status.since:%Y-%m-%d %H:%M:%S %Z} at {status.server}", f"  {status.kubeconfig}"]
    return "\n".join(lines)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
