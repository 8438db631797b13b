"""What ``branching`` finds and is no branch: where it is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from .branching import Finding


@dataclass(frozen=True)
class Allowed:
    """Findings that are no branches.

    Attributes:
        path: The file.
        where: Function, class or constant that holds them; a pattern of ``fnmatch``.
        what: What is found there; a pattern too.
        reason: Why that is no branch.
    """

    path: str
    where: str
    what: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether this is one of them."""
        names = fnmatchcase(finding.where, self.where) and fnmatchcase(finding.what, self.what)
        return finding.path == self.path and names


_CLUSTERS, _DEFINITIONS = "components/clusters", "stacks/definitions.py"
_DISCRIMINATOR = "the discriminator of any union, by its name in the JSON schema"
_VALUE_TYPES = "types of single values, such as str"

EXCEPTIONS = (
    # Where it is decided.
    Allowed(f"{_CLUSTERS}/environment.py", "Environment", "isinstance of self.settings", "joins a target to its own"),
    Allowed(f"{_CLUSTERS}/environments.py", "import", "import of *", "the list of all environments"),
    Allowed(f"{_CLUSTERS}/environments.py", "ENVIRONMENTS", "name *", "the list of all environments"),
    Allowed(_DEFINITIONS, "import", "name *", "the list of all scopes"),
    Allowed(_DEFINITIONS, "_OURS", "name *", "the list of all scopes"),
    Allowed(_DEFINITIONS, "_WHOLE", "name Settings", "the scope of all layers, by its settings"),
    Allowed(_DEFINITIONS, "define", "name HybridSettings", "adds the one scope that is no layer"),
    Allowed(_DEFINITIONS, "_links", "name HybridSettings", "annotates what makes a stack of that scope"),
    Allowed(_DEFINITIONS, "Scope", "comparison of types: type(settings), self.settings", "joins settings to their own"),
    Allowed(_DEFINITIONS, "*", "key 'scope'", "the field that states it, of any scope's settings"),
    Allowed(_DEFINITIONS, "_composed", "word 'Settings'", "names settings that are composed at run time"),
    Allowed("stacks/reading.py", "parse", "key 'scope'", "looks it up in the list"),
    Allowed("stacks/reading.py", "_placed", "comparison of fields: *", "lists the scopes that have a setting"),
    # A stack of all layers, by its type.
    Allowed("stacks/reading.py", "import", "name Settings", "annotates what whole_settings of the union returns"),
    Allowed("stacks/reading.py", "read_whole_stack", "name Settings", "annotates what whole_settings returns"),
    Allowed("stacks/recording.py", "import", "name Settings", "annotates an argument"),
    Allowed("stacks/recording.py", "record", "name Settings", "annotates an argument"),
    Allowed("stacks/recording.py", "record", "attribute settings.scope", "passes it on"),
    Allowed("cli/questions.py", "_of_stack", "attribute stack.scope", "part of a message"),
    # Exports for programs, which choose an environment by importing it.
    Allowed("components/__init__.py", "if", "import of *", "exports"),
    Allowed("components/__init__.py", "_EXPORTS", "import of *", "exports"),
    Allowed("components/__init__.py", "_EXTRAS", "word *", "the extra of the distribution, by the SDK that is missing"),
    Allowed(f"{_CLUSTERS}/__init__.py", "import", "import of *", "exports"),
    # Tables with one row for each.
    Allowed("components/contracts/network_facts.py", "*", "word *", "declares the places of networks"),
    Allowed("components/networks/interconnect/rules/ends.py", "PLACES", "member *", "where each kind of link leads"),
    Allowed("simulation/clouds/clouds.py", "*", "import of *", "one twin for each environment"),
    Allowed("simulation/clouds/clouds.py", "TWINS", "word *", "one twin for each environment"),
    Allowed("simulation/clouds/login.py", "_AWS", "word 'aws'", "a vendor's program, by its name, and its cloud"),
    Allowed("simulation/clouds/login.py", "_of_eks", "word 'eks'", "a subcommand of that program"),
    Allowed("simulation/control_plane/cloud_nodes.py", "CLOUD_NODES", "word *", "one row for the nodes of each cloud"),
    # The same word or field for something else.
    Allowed(f"{_CLUSTERS}/tags.py", "AZURE_TAGS", "word 'azure'", "how names of tags begin that are Azure's"),
    Allowed("components/contracts/argument_schemas.py", "_fits", "comparison of types: *", _VALUE_TYPES),
    Allowed("stacks/schema_choices.py", "with_choices", "key 'kind'", _DISCRIMINATOR),
    Allowed("components/contracts/model.py", "Contract", "key 'kind'", _DISCRIMINATOR),
    Allowed(
        "components/contracts/pools.py", "DriverOwner", "word 'platform'", "that the cloud installs the GPU driver"
    ),
    Allowed("components/contracts/validation.py", "_tag", "key 'kind'", _DISCRIMINATOR),
    Allowed(
        "components/networks/interconnect/rules/asns.py",
        "_equal_to_other_cloud",
        "comparison of environments: *",
        "whether two links lead to the same stack",
    ),
    Allowed("components/planner/catalogs/models.py", "_model", "key 'scope'", "which layers a model quantizes"),
    Allowed("components/workloads/reserved_keys.py", "RESERVED_DOMAINS", "word 'aws'", "how reserved labels end"),
    Allowed("stacks/outputs.py", "FOUNDATION_STACK", "word 'foundation'", "name of an output"),
    Allowed("cli/rendering.py", "_file_name", "key 'kind'", "kind of a Kubernetes object"),
    Allowed("simulation/clouds/gcp/networks.py", "FIREWALL", "word 'all'", "all protocols"),
    Allowed("simulation/provider/typecheck.py", "_failures", "comparison of types: *", _VALUE_TYPES),
    Allowed("tools/toolchain/cli.py", "_GROUPS", "word 'all'", "all groups of tools"),
    Allowed("tools/toolchain/platforms.py", "Platform", "word 'platform'", "operating system and processor"),
    Allowed("tools/toolchain/platforms.py", "cores", "hasattr of os", "what the operating system has"),
)
