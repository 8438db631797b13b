"""Running the Pulumi engine, also after an earlier run was killed.

Recovers from stale locks, pending operations and an API server that went away during a run. It prints what it
recovers from before it acts, and never takes a lock from a process that is alive.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from components.contracts.errors import StrataError
from stacks.guards import StackState

from .backend import FileBackend
from .background import repeatedly
from .console import say
from .report.changes import Run, run_of
from .report.events import read_events
from .retries import Attempts
from .terminal import Finished, run_live

_REPAIR_SECONDS = 3.0
# The summary shows what people need of the outputs.
_PLAIN = ("--suppress-permalink=true", "--suppress-outputs")
# The engine accepts `--event-log` only with this variable, which has no other effect.
_ALL_FLAGS = {"PULUMI_DEBUG_COMMANDS": "true"}
_NO_STACK = "no stack named"


@dataclass(frozen=True)
class Engine:
    """The engine with one stack selected.

    Attributes:
        ensure_cluster: Makes the cluster reachable, or raises StrataError.
        repair_cluster: Restarts processes of the cluster that died; called while the engine works, which would
            otherwise wait for a server that never comes back.
        environment: Environment variables of the engine and its plugins.
    """

    project: Path
    stack: str
    ensure_cluster: Callable[[], None]
    repair_cluster: Callable[[], None]
    environment: Mapping[str, str]

    def up(self) -> int:
        """Make the stack match its settings."""
        self.prepare()
        # The engine retries resources that failed to become ready; a refresh would clear the record of that.
        failed = StackState.read(self.stack, self.project, self.environment).has_failed_resources
        return self._with_retries(["up", "--yes", "--skip-preview", *([] if failed else ["--refresh"]), *_PLAIN])

    def preview(self, *flags: str) -> tuple[int, Run]:
        """Show what `up` would do; the exit status, and what was found."""
        self.prepare()
        # The log may hold secrets; the folder is readable by this user only and removed after the run.
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events"
            code = self._live(["preview", "--refresh", "--event-log", str(log), *_PLAIN, *flags]).code
            return code, run_of(read_events(log))

    def of_stack(self, stack: str) -> Engine:
        """The same engine on another stack."""
        return replace(self, stack=stack)

    def output(self, name: str) -> str | None:
        """An output of the stack as text, secret or not; None where it has no such output."""
        done = self._quiet(["stack", "output", name, "--show-secrets", "--stack", self.stack])
        return done.stdout.removesuffix("\n") if done.returncode == 0 else None

    def destroy(self) -> int:
        """Remove everything that the stack made; the stack's settings stay."""
        self.prepare()
        code = self._with_retries(["destroy", "--yes", "--skip-preview", *_PLAIN])
        return code or self._quiet(["stack", "rm", "--yes", "--preserve-config", self.stack]).returncode

    def forget(self) -> None:
        """Drop the stack's state without contacting its cluster, which is gone."""
        if self.exists():
            self._recover_lock()
            self._quiet(["stack", "rm", "--yes", "--force", "--preserve-config", self.stack])

    def exists(self) -> bool:
        """Whether the stack has a state.

        Raises:
            StrataError: The backend cannot be read.
        """
        backend = FileBackend.of(self.environment)
        if backend:
            return backend.state_path(self.stack).exists()
        done = self._quiet(["stack", "select", self.stack])
        if done.returncode and _NO_STACK not in done.stderr:
            raise _engine_error(self.stack, done.stderr)
        return done.returncode == 0

    def prepare(self) -> None:
        """Create the stack if it is new, and recover from a killed run."""
        backend = FileBackend.of(self.environment)
        if backend:
            backend.folder.mkdir(parents=True, exist_ok=True)
        if not self.exists():
            made = self._quiet(["stack", "init", self.stack])
            if made.returncode:
                raise _engine_error(self.stack, made.stderr)
        self._recover_attributes()
        self._recover_lock()
        self._recover_pending()

    def _recover_attributes(self) -> None:
        backend = FileBackend.of(self.environment)
        if backend and backend.drop_cut_off_attributes(self.stack):
            say("  an earlier run was killed while it wrote the state: removed an incomplete file beside it")

    def _recover_lock(self) -> None:
        backend = FileBackend.of(self.environment)
        locks = backend.locks(self.stack) if backend else []
        for lock in locks:
            if not lock.is_stale:
                raise StrataError.of(
                    f"stack {self.stack}",
                    cause=f"another run holds it: {lock.username}@{lock.hostname}, process {lock.pid}",
                    consequence="two runs at once would overwrite each other's state",
                    fix=f"wait for it; if it is certainly gone: pulumi cancel -s {self.stack}",
                )
        if locks:
            say(f"  an earlier run was killed (process {locks[0].pid}, {locks[0].timestamp}): releasing its lock")
            self._quiet(["cancel", "--yes", self.stack])

    def _recover_pending(self) -> None:
        backend = FileBackend.of(self.environment)
        pending = backend.pending_operations(self.stack) if backend else 0
        if pending:
            say(f"  it left {pending} operations pending: reading their results from the cluster")
            done = self._with_retries(["refresh", "--yes", "--clear-pending-creates", "--skip-preview"])
            if done:
                raise _engine_error(self.stack, "the refresh above failed")

    def _with_retries(self, arguments: list[str]) -> int:
        attempts = Attempts()
        while True:
            self.ensure_cluster()
            finished = self._live(arguments)
            again = attempts.after(finished.tail) if finished.code else None
            if again is None:
                return finished.code
            failure, seconds = again
            say(f"  {failure.cause}; trying again in {seconds} s")
            time.sleep(seconds)

    def _command(self, arguments: list[str]) -> list[str]:
        named = "--stack" in arguments or arguments[0] in {"cancel", "stack"}
        return ["pulumi", *arguments, "--non-interactive", *([] if named else ["--stack", self.stack])]

    def _live(self, arguments: list[str]) -> Finished:
        with repeatedly(self.repair_cluster, every=_REPAIR_SECONDS):
            return run_live(self._command(arguments), self.project, {**self.environment, **_ALL_FLAGS})

    def _quiet(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(arguments),
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


def _engine_error(stack: str, text: str) -> StrataError:
    return StrataError.of(
        f"stack {stack}",
        cause=f"the engine refuses: {text.strip().removeprefix('error: ')}",
        consequence="nothing was changed",
        fix="fix what it names and run the same command again",
    )
