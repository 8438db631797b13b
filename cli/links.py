"""Stacks of links on the command line: the BGP sessions to configure on the sites' routers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, TypeAdapter
from rich.table import Table

from .console import out


class _Session(BaseModel):
    model_config = ConfigDict(extra="ignore")
    over: str
    router: str = ""
    vlan: int | None = None
    cloud_endpoint: str = ""
    cloud_address: str = ""
    site_address: str = ""
    range: str = ""
    cloud_asn: int
    site_asn: int
    priority: int


_SESSIONS: TypeAdapter[dict[str, list[_Session]]] = TypeAdapter(dict[str, list[_Session]])


def print_links(stack: str, sessions_json: str) -> None:
    """Print a table of the BGP sessions, for those who configure the sites' routers."""
    links = _SESSIONS.validate_json(sessions_json)
    if not links:
        out.print(f"stack {stack}: no link is up yet; the warnings above name the environment that each waits for")
        return
    table = Table(title=f"stack {stack}: sessions of the sites' routers", title_justify="left", title_style="bold")
    for column in ("link", "over", "VLAN", "cloud", "site", "ASN there", "ASN here", "metric"):
        table.add_column(column, no_wrap=True)
    for link, sessions in links.items():
        for session in sessions:
            over = f"{session.over} {session.router}".strip()
            cloud = session.cloud_address or session.range or session.cloud_endpoint
            numbers = (str(session.cloud_asn), str(session.site_asn), str(session.priority))
            table.add_row(link, over, str(session.vlan or ""), cloud, session.site_address, *numbers)
    out.print(table)
    out.print(f"\nnext:\n  pulumi stack output sessions --json --stack {stack}    the same for programs")
