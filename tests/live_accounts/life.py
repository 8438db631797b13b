"""The life of a stack of the first run: up, up again, verify, down; down comes whatever happens before.

The same life is led in the simulation by ``tests/e2e/test_first_runs.py``.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tests.e2e.results import counts
from tests.sandbox import Sandbox


class _Listed(BaseModel):
    model_config = ConfigDict(extra="ignore")
    name: str
    resources: int = Field(default=0, alias="resourceCount")


@dataclass(frozen=True, kw_only=True)
class Life:
    """A stack that can be led through its life.

    Attributes:
        box: A copy of the project with the stack.
        variables: Environment variables of every command: mode, backend, credentials.
        step_seconds: The longest that one command may take.
        wait_seconds: How long `verify` asks again.
    """

    box: Sandbox
    variables: Mapping[str, str]
    step_seconds: float
    wait_seconds: int

    def refuse_leftovers(self) -> None:
        """Fail where a stack of that name has resources: they belong to an earlier run, or to somebody."""
        done = self.box.run(["pulumi", "stack", "ls", "--json"], timeout=120, **self.variables)
        assert done.returncode == 0, done.stdout + done.stderr
        known = TypeAdapter(list[_Listed]).validate_python(json.loads(done.stdout or "[]"))
        held = {stack.name.rpartition("/")[2]: stack.resources for stack in known}
        assert not held.get(self.box.stack), (
            f"stack {self.box.stack} has {held[self.box.stack]} resources in this backend, of an earlier run: "
            f"take it down first, make down STACK={self.box.stack} SIMULATED=0"
        )

    def lead(self) -> None:
        """Take the stack through its life.

        Raises:
            AssertionError: A step failed; the stack was taken down all the same.
        """
        self.refuse_leftovers()
        try:
            self._step("preview")
            self._step("up")
            again = counts(self._step("up").stdout)
            assert set(again) == {"unchanged"}, f"a second up changes what the first one made: {again}"
            self._step("verify", f"--wait={self.wait_seconds}")
        finally:
            self._down()

    def _step(self, command: str, *flags: str) -> subprocess.CompletedProcess[str]:
        begin = time.monotonic()
        done = self.box.strata(command, *flags, timeout=self.step_seconds, **self.variables)
        print(f"{self.box.stack}: {command} {time.monotonic() - begin:.0f} s")
        assert done.returncode == 0, f"{command} failed:\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done

    def _down(self) -> None:
        """Twice, if need be: what a cloud still holds when the first ends is often free a minute later."""
        try:
            self._step("down")
        except (AssertionError, subprocess.TimeoutExpired):
            self._step("down")
        self.refuse_leftovers()
