"""``python -m simulation.live.hub_service CERTIFICATE KEY BYTES``: the model hub of live nodes."""

from __future__ import annotations

import ssl
import sys

from .addresses import HUB
from .hub import hub


def main() -> None:
    """Serve until ended."""
    certificate, key, size = sys.argv[1:4]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = hub((HUB, 443), int(size))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
