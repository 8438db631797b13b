"""Running an action periodically in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

from components.contracts.errors import StrataError

from .console import say


@contextmanager
def repeatedly(action: Callable[[], None], every: float) -> Generator[None]:
    """Call ``action`` every so many seconds until the block ends; the first StrataError is printed and ends it."""
    ended = threading.Event()

    def loop() -> None:
        while not ended.wait(every):
            try:
                action()
            except StrataError as error:
                say(f"  {error}")
                return

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
