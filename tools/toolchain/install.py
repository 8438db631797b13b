"""Bringing a working copy to the state that the manifest describes.

Owns the order of the stages: what is there, official releases, Go source beside the Python environments, at last the
links. Each stage is told only what the one before it left missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from . import chart_bundles, crd_bundles, debian, go_builds, platforms, releases
from .errors import JobsFailedError
from .go_builds import GoBuilds
from .manifest import ChartBundle, CrdBundle, DebianBundle, Group, Manifest, Tool
from .platforms import Platform
from .processes import Children
from .progress import Progress, spoken
from .publish import Publisher
from .python_env import Environment, PythonEnvironments
from .releases import ReleaseError, Releases
from .resolution import Resolver
from .scheduler import Capacity, Job, Scheduler
from .store import Store

_LIGHT_MB = 300
_PIP_MB = 600


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the installer works with; tests put their own in."""

    manifest: Manifest
    platform: Platform
    store: Store
    resolver: Resolver
    releases: Releases
    builds: GoBuilds
    pythons: PythonEnvironments
    publisher: Publisher
    children: Children
    progress: Progress


class Installer:
    """One run of the installer."""

    def __init__(self, parts: Parts, groups: Sequence[Group]) -> None:
        self._parts = parts
        self._groups = groups
        self._tools = [tool for tool in parts.manifest.tools if tool.group in groups]
        self._bundles = [bundle for bundle in parts.manifest.crds if bundle.group in groups]
        self._charts = [chart for chart in parts.manifest.charts if chart.group in groups]
        self._debian = [bundle for bundle in parts.manifest.debian if bundle.group in groups]
        self._environments = parts.publisher.environments(groups)
        memory = platforms.memory_budget_mb()
        # One build keeps every core busy except while it links; the second fills that gap, and more only finish later.
        self._capacity = Capacity(memory_mb=memory, jobs=max(2, platforms.cores() // 4))

    def run(self) -> None:
        """Installs what is missing and publishes all of it."""
        self._fetch_releases()
        self._build()
        self._parts.publisher.publish(self._groups)

    def _missing_tools(self) -> list[Tool]:
        return [tool for tool in self._tools if self._parts.resolver.tool(tool) is None]

    def _missing_bundles(self) -> list[CrdBundle]:
        return [bundle for bundle in self._bundles if self._parts.resolver.crds(bundle) is None]

    def _missing_charts(self) -> list[ChartBundle]:
        return [chart for chart in self._charts if self._parts.resolver.chart(chart) is None]

    def _fetch_releases(self) -> None:
        parts = self._parts
        jobs: list[tuple[releases.Offer, Job]] = []
        for tool in self._missing_tools():
            offer = releases.offer(tool.release, tool.version, parts.platform)
            if offer is not None:
                jobs.append((offer, self._fetch_job(tool.name, partial(parts.releases.install, tool, offer))))
        for bundle in self._missing_bundles():
            offer = releases.offer(bundle.release, bundle.version, parts.platform)
            if offer is not None:
                take = partial(crd_bundles.from_release, parts.store, parts.releases, bundle, offer)
                jobs.append((offer, self._fetch_job(f"CRDs of {bundle.name}", take)))
        if not jobs:
            return
        before = parts.progress.elapsed
        good, dead = parts.releases.reachable([offer for offer, _ in jobs])
        if dead:
            names, took = ", ".join(sorted(dead)), spoken(parts.progress.elapsed - before)
            parts.progress.say(f"official releases: no answer from {names} ({took}); building from source instead")
        if good:
            self._schedule([job for _, job in jobs])

    def _fetch_job(self, name: str, install: partial[None]) -> Job:
        def work() -> None:
            try:
                install()
            except ReleaseError as error:
                self._parts.progress.say(f"{name}: not from an official release: {error}")

        return Job(name=name, done=f"tried the official release of {name}", memory_mb=_LIGHT_MB, work=work)

    def _build(self) -> None:
        tools, bundles, charts = self._missing_tools(), self._missing_bundles(), self._missing_charts()
        jobs = [self._python_job(environment) for environment in self._environments if not environment.is_current]
        jobs += [self._debian_job(bundle) for bundle in self._debian if not self._parts.resolver.has_debian(bundle)]
        if tools or bundles or charts:
            jobs += self._go_jobs(tools, bundles, charts)
        if jobs:
            self._schedule(jobs)

    def _python_job(self, environment: Environment) -> Job:
        work = partial(self._parts.pythons.make, environment)
        name = environment.name
        return Job(name=name, done=f"installed {name}", memory_mb=_PIP_MB, work=work, is_light=True)

    def _debian_job(self, bundle: DebianBundle) -> Job:
        work = partial(debian.unpack, self._parts.store, self._parts.children, bundle)
        return Job(name=bundle.name, done=f"unpacked {bundle.name}", memory_mb=_LIGHT_MB, work=work, is_light=True)

    def _go_jobs(self, tools: Sequence[Tool], bundles: Sequence[CrdBundle], charts: Sequence[ChartBundle]) -> list[Job]:
        parts = self._parts
        names = [tool.name for tool in tools] + [f"CRDs of {bundle.name}" for bundle in bundles]
        names += [f"the chart {chart.name}" for chart in charts]
        go = go_builds.find_go(parts.manifest, names, platforms.cores(), self._capacity.memory_mb)
        if tools:
            parts.progress.say(
                f"building {', '.join(tool.name for tool in tools)} with Go {go.version}, "
                f"within {self._capacity.memory_mb / 1024:.1f} GB and {platforms.cores()} cores"
            )
        jobs: list[Job] = []
        for name, module in parts.manifest.modules.items():
            members = [tool for tool in tools if tool.go.module == name]
            if members:
                done = f"built {', '.join(tool.name for tool in members)}"
                work = partial(parts.builds.build, go, module, members)
                jobs.append(Job(name=name, done=done, memory_mb=module.memory_mb, work=work))
        for bundle in bundles:
            take = partial(crd_bundles.from_go, parts.store, parts.builds, go, bundle)
            name = f"CRDs of {bundle.name}"
            jobs.append(Job(name=name, done=f"took {name}", memory_mb=_LIGHT_MB, work=take, is_light=True))
        for chart in charts:
            take = partial(chart_bundles.from_go, parts.store, parts.builds, go, chart)
            name = f"the chart {chart.name}"
            jobs.append(Job(name=name, done=f"took {name}", memory_mb=_LIGHT_MB, work=take, is_light=True))
        return jobs

    def _schedule(self, jobs: Sequence[Job]) -> None:
        failures = Scheduler(self._capacity, self._parts.children, self._parts.progress).run(jobs)
        if failures:
            raise JobsFailedError(failures)
