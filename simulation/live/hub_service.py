"""``python -m simulation.live.hub_service CERTIFICATE KEY CONTENT``: the model hub of live nodes.

``CONTENT`` is the number of bytes of generated weights, or the folder of a checkpoint that is handed out.
"""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

from .addresses import HUB
from .hub import checkpoint, hub, stored

# Of each connection, so that a large download takes long enough to be cut.
_BYTES_PER_SECOND = 10e6


def main() -> None:
    """Serve until ended."""
    certificate, key, content = sys.argv[1:4]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if content.isdecimal():
        server = hub((HUB, 443), checkpoint(int(content)), pace=_BYTES_PER_SECOND)
    else:
        server = hub((HUB, 443), stored(Path(content)))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
