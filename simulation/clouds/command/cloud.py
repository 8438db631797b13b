"""The ``command`` provider as a cloud: one type, whose objects are what hosts have run.

Sources: pulumi/pulumi-command v1.2.1, provider/pkg/provider/remote (command.go, connection.go).
"""

from __future__ import annotations

import uuid

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf, Pattern
from ...provider.store import Account, Record, Store
from ...provider.tables import Call, Cloud, Effects, Kind, Prop, Wording
from ...provider.values import Object, text
from .connections import connect
from .running import run_script
from .site import read_site

_TOKEN = "command:remote:Command"  # noqa: S105 - the name of a type
_SOURCE = "https://www.pulumi.com/registry/packages/command/api-docs/remote/command"
_ADDRESS = Pattern(r"[A-Za-z0-9.-]{1,253}")

# dialErrorLimit that the program sets.
_DIALS = 20


def _connection(path: str) -> dict[str, Prop]:
    """Properties of a connection, none of which replaces anything: the host may be reached another way tomorrow."""
    return {
        path: Prop(),
        f"{path}.host": Prop(allowed=_ADDRESS),
        f"{path}.port": Prop(allowed=Between(1, 65535)),
        f"{path}.user": Prop(allowed=Pattern(r"[a-z_][a-z0-9_-]*")),
        f"{path}.privateKey": Prop(),
        f"{path}.hostKey": Prop(),
        f"{path}.dialErrorLimit": Prop(allowed=Between(-1, 1000)),
        f"{path}.perDialTimeout": Prop(allowed=Between(0, 3600)),
    }


class _OnHost(Effects):
    """The scripts of an object, each at its time."""

    def created(self, store: Store, record: Record) -> Object:
        """Run ``create``."""
        return _run(store, record, "create")

    def updated(self, store: Store, record: Record) -> Object:
        """Run ``update``, or ``create`` again where there is none."""
        return _run(store, record, "update" if text(record.inputs, "update") else "create")

    def deleted(self, store: Store, record: Record) -> None:
        """Run ``delete``."""
        _run(store, record, "delete")


def _run(store: Store, record: Record, moment: str) -> Object:
    script = text(record.inputs, moment)
    if not script:
        return {}
    state = store.path.parent
    connection = record.inputs["connection"]
    host = connect(read_site(state), connection if isinstance(connection, dict) else {})
    printed = run_script(state, host, script, text(record.inputs, "stdin"))
    return {"stdout": printed.stdout, "stderr": printed.stderr}


def _identifier(_call: Call, _inputs: Object) -> str:
    return f"remote{uuid.uuid4().hex[:12]}"


def _refused(_operation: str, _kind: Kind, _name: str, error: CloudError, _tries: int) -> str:
    return error.message


def _came_up_broken(_kind: Kind, _identifier: str, error: CloudError) -> str:
    return error.message


def _seed(_account: Account) -> None:
    """Nothing has been run yet."""


def _no_region(_configuration: Object) -> str:
    return ""


def _nothing_common(_kind: Kind, _inputs: Object, _configuration: Object, _region: str) -> Object:
    return {}


COMMAND = Cloud(
    package="command",
    kinds={
        _TOKEN: Kind(
            token=_TOKEN,
            source=_SOURCE,
            service="SSH",
            noun="remote command",
            operation="Command",
            properties={
                **_connection("connection"),
                **_connection("connection.proxy"),
                "create": Prop(),
                "update": Prop(),
                "delete": Prop(),
                "stdin": Prop(),
                "logging": Prop(allowed=OneOf("stdout", "stderr", "stdoutAndStderr", "none")),
                "addPreviousOutputInEnv": Prop(),
            },
            make_id=_identifier,
            volatile=("stdout", "stderr"),
            all_or_nothing=True,
            effects=_OnHost(),
        )
    },
    functions={},
    wording=Wording(refused=_refused, broken=_came_up_broken, retried=frozenset({"Unreachable"}), attempts=_DIALS),
    region_of=_no_region,
    decorate=_nothing_common,
    seed=_seed,
)
"""The simulated ``command`` provider."""
