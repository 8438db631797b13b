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
_LINKS, _NETWORK_FACTS = "components/networks/interconnect/rules", "components/contracts/network_facts.py"
_SAME_CLOUD = "each cloud passes its own name, and machines of any other are refused"
_DISCRIMINATOR = "the discriminator of any union, by its name in the JSON schema"
_VALUE_TYPES = "types of single values, such as str"

EXCEPTIONS = (
    # Where it is decided.
    Allowed(f"{_CLUSTERS}/environment.py", "Environment", "isinstance of self.settings", "joins a target to its own"),
    Allowed(
        f"{_CLUSTERS}/environment.py",
        "Environment",
        "question: isinstance(target, self.settings)",
        "as in the line above",
    ),
    Allowed(f"{_CLUSTERS}/environments.py", "import", "import of *", "the list of all environments"),
    Allowed(f"{_CLUSTERS}/environments.py", "ENVIRONMENTS", "name *", "the list of all environments"),
    Allowed(_DEFINITIONS, "import", "name *", "the list of all scopes"),
    Allowed(_DEFINITIONS, "_OURS", "name *", "the list of all scopes"),
    Allowed(_DEFINITIONS, "_WHOLE", "name Settings", "the scope of all layers, by its settings"),
    Allowed(_DEFINITIONS, "define", "name HybridSettings", "adds the one scope that is no layer"),
    Allowed(_DEFINITIONS, "_links", "name HybridSettings", "annotates what makes a stack of that scope"),
    Allowed(_DEFINITIONS, "Scope", "comparison of types: type(settings), self.settings", "joins settings to their own"),
    Allowed(_DEFINITIONS, "Scope", "question: type(settings)", "as in the line above"),
    Allowed(_DEFINITIONS, "define", "key 'scope'", "whether files may leave it out, of any scope's settings"),
    Allowed(_DEFINITIONS, "_scope_name", "key 'scope'", "the field that states it, of any scope's settings"),
    Allowed(_DEFINITIONS, "_composed", "name Settings", "names settings that are composed at run time"),
    Allowed("stacks/links.py", "LinksStack", "question: isinstance(self.settings, kind)", "any part, as Stack.part"),
    Allowed("stacks/reading.py", "parse", "key 'scope'", "passes it to the list of all; comparing it is found"),
    Allowed("stacks/reading.py", "_placed", "comparison of fields: *", "lists the scopes that have a setting"),
    # A stack of all layers, by its type.
    Allowed("stacks/reading.py", "import", "name Settings", "annotates what whole_settings of the union returns"),
    Allowed("stacks/reading.py", "read_whole_stack", "name Settings", "annotates what whole_settings returns"),
    Allowed("stacks/recording.py", "import", "name Settings", "annotates an argument"),
    Allowed("stacks/recording.py", "record", "name Settings", "annotates an argument"),
    Allowed("stacks/recording.py", "record", "attribute settings.scope", "passes it on; comparing it is found"),
    Allowed("cli/questions.py", "_of_stack", "attribute stack.scope", "part of a message; comparing it is found"),
    # Exports for programs, which choose an environment by importing it.
    Allowed("components/__init__.py", "if", "import of *", "exports"),
    Allowed("components/__init__.py", "if", "class *", "exports"),
    Allowed("components/__init__.py", "_EXPORTS", "import of *", "exports"),
    Allowed("components/__init__.py", "_EXPORTS", "class *", "exports"),
    Allowed("components/__init__.py", "__getattr__", "import of f'.{_MODULE_OF*", "loads the export that is named"),
    Allowed("components/__init__.py", "_EXTRAS", "word *", "the extra of the distribution, by the SDK that is missing"),
    Allowed(f"{_CLUSTERS}/__init__.py", "import", "import of *", "exports"),
    # Tables with one row for each.
    Allowed(_NETWORK_FACTS, "Place", "word *", "declares the places of networks"),
    Allowed(_NETWORK_FACTS, "AwsAttachment", "word 'aws'", "declares the discriminator of attachments"),
    Allowed(_NETWORK_FACTS, "GcpAttachment", "word 'gcp'", "declares the discriminator of attachments"),
    Allowed(_NETWORK_FACTS, "AzureAttachment", "word 'azure'", "declares the discriminator of attachments"),
    Allowed(f"{_LINKS}/ends.py", "PLACES", "member *", "where each kind of link leads"),
    *(
        Allowed("simulation/clouds/clouds.py", f"_{twin}", f"import of simulation.clouds.{twin}", "loads that twin")
        for twin in ("aws", "gcp", "azure", "command")
    ),
    Allowed("simulation/clouds/clouds.py", "TWINS", "word *", "one twin for each environment"),
    Allowed("simulation/clouds/login.py", "_AWS", "word 'aws'", "a vendor's program, by its name, and its cloud"),
    Allowed("simulation/clouds/login.py", "_of_eks", "word 'eks'", "a subcommand of that program"),
    Allowed("simulation/clouds/login.py", "_of_eks", "comparison with 'eks'", "a subcommand of that program"),
    Allowed("simulation/clouds/login.py", "_of_eks", "word 'AWS' in 'AWS_REGION'", "a variable that the program reads"),
    Allowed(
        "simulation/clouds/login.py",
        "_of_eks",
        "comparison by field: cluster.cloud in {'', _AWS}",
        "that program knows clusters of its own cloud only",
    ),
    Allowed(
        "simulation/provider/service_controllers.py",
        "balance",
        "class LoadBalancer",
        "the type of a Service, as Kubernetes spells it",
    ),
    Allowed("simulation/control_plane/cloud_nodes.py", "CLOUD_NODES", "word *", "one row for the nodes of each cloud"),
    # Two values compared with each other, whichever environments they are of.
    Allowed(f"{_CLUSTERS}/rules/machines.py", "cloud_problems", "comparison by field: machine.cloud *", _SAME_CLOUD),
    Allowed(f"{_CLUSTERS}/rules/machines.py", "_own_machine", "comparison by field: known.cloud *", _SAME_CLOUD),
    Allowed(f"{_CLUSTERS}/rules/machines.py", "own_machines", "comparison by field: view.machine.cloud *", _SAME_CLOUD),
    Allowed(
        "components/planner/choice/larger.py",
        "_larger_machines",
        "comparison by field: other.cloud != machine.cloud",
        "offers machines of the cloud that the pool is in",
    ),
    Allowed(
        f"{_LINKS}/asns.py",
        "_equal_to_other_cloud",
        "comparison by field: other_link.environment != link.environment",
        "whether two links lead to the same stack",
    ),
    Allowed(
        f"{_LINKS}/ends.py",
        "leads_elsewhere",
        "comparison by field: facts.place is not PLACES[[]link.kind]",
        "whether the link's row of the table is where its environment is",
    ),
    Allowed(
        f"{_LINKS}/ends.py",
        "_without_link",
        "comparison by field: facts.place in meant",
        "whether a link that leads elsewhere was meant for the environment",
    ),
    *(
        Allowed("stacks/renames.py", where, "*", "tells environments of ours from those that a program adds, by a list")
        for where in ("_kinds", "renames_for")
    ),
    # The same word or field for something else.
    Allowed("stacks/chart_objects.py", "_expanded", "attribute made.kind", "the kind of a Kubernetes object"),
    Allowed(f"{_CLUSTERS}/tags.py", "AZURE_TAGS", "word 'azure'", "how names of tags begin that are Azure's"),
    Allowed("components/contracts/argument_schemas.py", "_fits", "comparison of types: *", _VALUE_TYPES),
    Allowed("stacks/schema_choices.py", "with_choices", "key 'kind'", _DISCRIMINATOR),
    Allowed("components/contracts/model.py", "Contract", "key 'kind'", _DISCRIMINATOR),
    Allowed(
        "components/contracts/pools.py", "DriverOwner", "word 'platform'", "that the cloud installs the GPU driver"
    ),
    Allowed("components/contracts/validation.py", "tag_of", "key 'kind'", _DISCRIMINATOR),
    Allowed(
        "components/contracts/descriptions.py",
        "_own_descriptions",
        "question: isinstance(field.target, ast.Name)",
        "the target of an assignment in Python source",
    ),
    Allowed("components/contracts/resources.py", "value_wanted", "name of a type: *", "objects of Kubernetes"),
    Allowed("components/contracts/resources.py", "value_wanted", "comparison of types: *", "objects of Kubernetes"),
    Allowed(
        "components/planner/catalogs/described.py",
        "described",
        "comparison by field: machine.cloud == cloud",
        "other machines of the same cloud, whichever it is",
    ),
    Allowed(
        "components/planner/catalogs/described.py",
        "accelerators",
        "comparison by field: machine.cloud == cloud",
        "what any cloud calls its GPUs",
    ),
    Allowed("components/contracts/validation.py", "quoted", "name of a type: *", _VALUE_TYPES),
    Allowed("components/contracts/validation.py", "quoted", "choice by type: *", _VALUE_TYPES),
    Allowed("components/storage/hub_access.py", "_egress_to", "word 'local' in '.cluster.local'", "domain of Services"),
    Allowed(
        "components/services/repair_program.py",
        "leaving",
        "comparison by field: owner.get('kind') in *",
        "kinds of Kubernetes objects that own pods",
    ),
    Allowed("components/services/repair_program.py", "leaving", "key 'kind'", "of the owner of a pod"),
    Allowed("components/storage/fetch_program.py", "fetch_file", "name of a type: type(error).__name__", "of an error"),
    Allowed(
        "components/networks/interconnect/direct_connect.py",
        "DirectConnect",
        "class TransitGateway",
        "the SDK's class of that name",
    ),
    Allowed("components/planner/catalogs/models.py", "_model", "key 'scope'", "which layers a model quantizes"),
    Allowed("components/planner/catalogs/model_rows.py", "row_of", "attribute native.scope", "the same"),
    Allowed("components/planner/catalogs/quantized.py", "Quantization", "attribute self.scope", "the same"),
    Allowed("components/workloads/reserved_keys.py", "RESERVED_DOMAINS", "word 'aws'", "how reserved labels end"),
    Allowed("stacks/outputs.py", "FOUNDATION_STACK", "word 'foundation'", "name of an output"),
    Allowed("cli/rendering.py", "_file_name", "key 'kind'", "kind of a Kubernetes object"),
    Allowed("simulation/clouds/gcp/networks.py", "FIREWALL", "word 'all'", "all protocols"),
    Allowed(
        "simulation/control_plane/devices/node_devices.py",
        "_Node",
        "word 'all' in 'all-*'",
        "names of MIG configurations",
    ),
    Allowed("simulation/provider/schema.py", "provider_inputs", 'import of f"pulumi_*', "any SDK, by its package"),
    Allowed("simulation/provider/schema.py", "provider_inputs", "getattr of importlib.*", "any SDK, by its package"),
    Allowed("simulation/provider/typecheck.py", "_failures", "comparison of types: *", _VALUE_TYPES),
    Allowed("cli/definitions.py", "definitions_of", "getattr of arguments: definitions", "what the program was given"),
    Allowed("stacks/yaml_file.py", "_LOADER", "getattr of yaml: CSafeLoader", "whether the library was built with C"),
    Allowed(
        "simulation/control_plane/api.py", "Api", "getattr of self._local: connection", "one connection for a thread"
    ),
    Allowed("tools/toolchain/cli.py", "_GROUPS", "word 'all'", "all groups of tools"),
    Allowed("tools/toolchain/platforms.py", "Platform", "word 'platform'", "operating system and processor"),
    Allowed("tools/toolchain/platforms.py", "cores", "hasattr of os", "what the operating system has"),
    Allowed(
        "cli/live/choice.py", "import", "import of components.clusters.local", "which pools of the only one are live"
    ),
    Allowed("cli/live/choice.py", "counts_of", "*", "live nodes replace those of the embedded cluster and no others"),
    Allowed("simulation/live/configuration.py", "Configuration", "class KubeletConfiguration", "a kind of Kubernetes"),
    Allowed("simulation/live/images/cuda_stubs.py", "_offered", "*symbol.kind*", "kind of a symbol of a library"),
    Allowed("simulation/live/images/cuda_stubs.py", "_stub", "*symbol.kind*", "kind of a symbol of a library"),
)
