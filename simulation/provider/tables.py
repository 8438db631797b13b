"""What a cloud's tables say about each type of resource.

Owns the vocabulary: properties, references between objects, names that are unique, what is computed,
and the rules that no table can hold. Which clouds there are is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from .dns_records import DnsService
from .errors import CloudError
from .rules import Rule
from .service_controllers import ServiceController
from .store import Account, Record, Store
from .typecheck import Failure
from .values import Object, Value


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A property names another object of the cloud.

    Attributes:
        kinds: Tokens of the types that it may be.
        by: ``id``, or the property of the other object that holds the name.
        code: The cloud's code when there is no such object.
        message: The cloud's words, with ``{value}`` for the name.
        holds: Whether the other object cannot be deleted while this one exists.
        outside: Names that exist without being objects of the account, such as policies of the vendor.
    """

    kinds: tuple[str, ...]
    by: str = "id"
    code: str
    message: str
    holds: bool = True
    outside: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Prop:
    """One property that may be set.

    Attributes:
        allowed: What it may be; of lists, what each entry may be.
        length: How many entries a list may have.
        fixed: Whether a change replaces the object.
        unordered: Whether a list is a set.
        refers: What it names.
        default: What the cloud uses when it is left out, which goes into the outputs.
        managed: Whether the cloud chooses a value when it is left out, so that leaving it out later changes nothing.
        replaces: Whether a change from one value to another replaces the object, where only some do; a value that
            is left out is None.
        source: Where this is said; the resource's own source where empty.
    """

    allowed: Rule | None = None
    length: tuple[int, int] | None = None
    fixed: bool = False
    unordered: bool = False
    refers: Reference | None = None
    default: Value = None
    managed: bool = False
    replaces: Callable[[Value, Value], bool] | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Unique:
    """Two objects may not agree in these properties."""

    paths: tuple[str, ...]
    code: str
    message: str
    """With ``{0}``, ``{1}`` … for the values."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a rule may look at while a call is decided."""

    account: Account
    region: str
    identifier: str = ""


Compute: TypeAlias = Callable[[Call, Object], Object]
Demand: TypeAlias = Callable[[Call, Object], None]
Transition: TypeAlias = Callable[[Call, Object, Object], None]
Checks: TypeAlias = Callable[[Object], Iterable[Failure]]


def nothing_computed(_call: Call, _inputs: Object) -> Object:
    """For types whose outputs are their inputs."""
    return {}


def goes(_properties: Object) -> bool:
    """For types whose objects are gone after a delete."""
    return False


def nothing_listed(_account: Account, _record: Record) -> Object:
    """For types whose answers hold what was set."""
    return {}


def plain_words(_store: Store, _record: Record, code: str, message: str) -> CloudError:
    """For types whose failures read like any other."""
    return CloudError(code, message or "injected failure")


class Effects:
    """What happens outside of the account's records, such as machines that start.

    Called without a lock, so it may take its time.
    """

    def created(self, store: Store, record: Record) -> Object:
        """After the record exists; gives further outputs.

        Raises:
            CloudError: when the object comes up badly; it exists afterwards all the same.
        """
        del store, record
        return {}

    def updated(self, store: Store, record: Record) -> Object:
        """After the record changed; gives further outputs.

        Raises:
            CloudError: when the change went badly; it is recorded all the same.
        """
        del store, record
        return {}

    def deleted(self, store: Store, record: Record) -> None:
        """Before the record goes."""
        del store, record


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One type of resource.

    Attributes:
        token: The type as the program names it.
        source: Documentation from which the table was taken.
        service: The cloud's service, as its errors name it.
        noun: The object, as the provider's errors name it.
        operation: The object, as names of API operations end.
        properties: Everything that may be set, by dotted path; lists on the way are not spelled.
        make_id: The id of a new object.
        autoname: Property that gets a name of its own where left out.
        unique: Names that only one object may have.
        checks: What the provider refuses before it calls the cloud, over several properties.
        demands: What the cloud refuses at creation and change.
        on_create: What it refuses at creation only.
        on_update: What it refuses of a change, given the old and the new inputs.
        on_delete: What it refuses at deletion, beyond what references hold.
        compute: The outputs that are no inputs.
        recompute: Outputs that every change computes anew.
        volatile: The names of those, which a preview of a change does not know.
        chosen: Outputs inside of objects that the program sets, by dotted path; no preview of a new object knows them.
        in_use: Code and words, with ``{id}``, when something still refers to it.
        missing: Code and words when it does not exist, at a change.
        exists: Words that replace the codes of a create that finds its id taken.
        adopts: Whether a create that finds its id taken takes over what is there.
        stays: Whether a delete leaves an object with these properties where it is, as one that no program made.
        listed: Properties that answers hold with more than was set, because other objects are listed there too.
        status: Output that says how it is.
        states: Its status while it comes up and afterwards.
        failed: Its status when it comes up badly; empty for types that come up or do not.
        minutes: How long the real one takes to come up.
        delete_minutes: How long the real one takes to go.
        comes_up_badly: Codes that appear after the call was accepted, as a status, not as its answer.
        words: How a failure that a test asked for reads when the object comes up badly, from the account, the object,
            the code and the message, which may be empty.
        all_or_nothing: Whether an object whose effects fail was never made or changed; else it is there and not well.
        effects: What happens outside of the records.
    """

    token: str
    source: str
    service: str
    noun: str
    operation: str
    properties: Mapping[str, Prop]
    make_id: Callable[[Call, Object], str]
    autoname: str = ""
    unique: tuple[Unique, ...] = ()
    checks: tuple[Checks, ...] = ()
    demands: tuple[Demand, ...] = ()
    on_create: tuple[Demand, ...] = ()
    on_update: tuple[Transition, ...] = ()
    on_delete: tuple[Demand, ...] = ()
    compute: Compute = nothing_computed
    recompute: Compute = nothing_computed
    volatile: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    in_use: tuple[str, str] = ("ResourceInUse", "{id} is in use")
    missing: tuple[str, str] = ("ResourceNotFoundException", "{id} does not exist")
    exists: tuple[str, str] = ("AlreadyExists", "{id} exists already")
    adopts: bool = False
    stays: Callable[[Object], bool] = goes
    listed: Callable[[Account, Record], Object] = nothing_listed
    status: str = ""
    states: tuple[str, str] = ("CREATING", "ACTIVE")
    failed: str = ""
    minutes: float = 0.0
    delete_minutes: float = 0.0
    comes_up_badly: frozenset[str] = frozenset()
    words: Callable[[Store, Record, str, str], CloudError] = plain_words
    all_or_nothing: bool = False
    effects: Effects = field(default_factory=Effects)

    @cached_property
    def references(self) -> tuple[tuple[str, Reference], ...]:
        """Every property that names another object."""
        return tuple((path, prop.refers) for path, prop in self.properties.items() if prop.refers is not None)

    def fixed_root(self, path: str) -> bool:
        """Whether the property at the path, or one that it lies in, replaces the object."""
        steps = path.split(".")
        paths = (".".join(steps[: length + 1]) for length in range(len(steps)))
        return any(path in self.properties and self.properties[path].fixed for path in paths)


@dataclass(frozen=True, kw_only=True)
class Function:
    """A look-up that programs may call."""

    token: str
    source: str
    answer: Compute


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How a cloud's provider words a refusal.

    Attributes:
        refused: From the operation (``create``), the kind, the object, the cloud's error and the number of tries.
        broken: From the kind, the id and the error, when an object came up badly.
        retried: Codes after which the provider tries again by itself.
        attempts: How often it tries.
        asked: How a look-up that the cloud refuses reads; the cloud's own words where left out.
    """

    refused: Callable[[str, Kind, str, CloudError, int], str]
    broken: Callable[[Kind, str, CloudError], str]
    retried: frozenset[str]
    attempts: int
    asked: Callable[[CloudError], str] = str


def nothing_beside(_store: Store) -> None:
    """For clouds that the provider alone speaks for."""


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """A cloud's tables."""

    package: str
    kinds: Mapping[str, Kind]
    functions: Mapping[str, Function]
    wording: Wording
    region_of: Callable[[Object], str]
    """The region from the provider's configuration."""
    decorate: Callable[[Kind, Object, Object, str], Object]
    """Outputs that every type has, from the kind, the inputs, the provider's configuration and the region."""
    seed: Callable[[Account], None]
    """What a new account holds."""
    foreseen: Callable[[Object], Object] = dict
    """What a preview shows of a new object's inputs, not all of which are known."""
    configuration: Mapping[str, Prop] = field(default_factory=dict[str, Prop])
    """The provider's own properties that may be set."""
    service_controllers: Sequence[ServiceController] = ()
    """Who makes load balancers for Services of the cloud's clusters."""
    dns: DnsService | None = None
    """Where external-dns of the cloud's clusters writes their names."""
    beside: Callable[[Store], None] = nothing_beside
    """Starts what programs ask beside the provider, in the provider's process."""
