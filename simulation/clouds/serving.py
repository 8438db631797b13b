"""A provider as a plugin process.

Owns what the SDK's server leaves out: errors that read as errors, objects that exist and are not
well, the old inputs of a change, and an end when the engine is gone.
"""

# The protocol's generated messages carry no types that pyright can follow.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownParameterType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false, reportMissingTypeStubs=false
# pyright: reportUntypedBaseClass=false, reportPrivateUsage=false

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Awaitable, Sequence
from typing import Protocol, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from .errors import PartialFailureError, ProviderError
from .provider import STATUS_KEY, SimulatedProvider
from .values import object_to_wire

_PARENT_POLL_SECONDS = 1.0
_Answer = TypeVar("_Answer")


class _Context(Protocol):
    async def abort(self, code: grpc.StatusCode, details: str, trailing_metadata: object = ...) -> None: ...


class Servicer(ProviderServicer):
    """The SDK's servicer with errors as the engine wants them."""

    def __init__(self, provider: SimulatedProvider, version: str) -> None:
        super().__init__([], version, provider, "")
        self._status = provider.status_of

    async def Check(self, request: Message, context: _Context) -> Message:
        """As in the protocol."""
        return await _told(super().Check(request, context), context)

    async def Diff(self, request: Message, context: _Context) -> Message:
        """Compares inputs with inputs; the SDK hands on the old state only."""
        status = self._status(request.urn, PropertyValue.unmarshal_map(request.olds))
        if request.HasField("old_inputs"):
            request.olds.CopyFrom(request.old_inputs)
        if status:
            request.olds.fields[STATUS_KEY].string_value = status
        return await _told(super().Diff(request, context), context)

    async def Create(self, request: Message, context: _Context) -> Message:
        """As in the protocol."""
        return await _told(super().Create(request, context), context)

    async def Read(self, request: Message, context: _Context) -> Message:
        """As in the protocol."""
        return await _told(super().Read(request, context), context)

    async def Update(self, request: Message, context: _Context) -> Message:
        """As in the protocol."""
        return await _told(super().Update(request, context), context)

    async def Delete(self, request: Message, context: _Context) -> Message:
        """As in the protocol."""
        return await _told(super().Delete(request, context), context)

    async def Invoke(self, request: Message, context: _Context) -> Message:
        """As in the protocol."""
        return await _told(super().Invoke(request, context), context)


async def _told(answer: Awaitable[_Answer], context: _Context) -> _Answer:
    try:
        return await answer
    except PartialFailureError as failure:
        detail = provider_pb2.ErrorResourceInitFailed(
            id=failure.identifier,
            properties=PropertyValue.marshal_map(object_to_wire(failure.outputs)),
            reasons=list(failure.reasons),
            inputs=PropertyValue.marshal_map(object_to_wire(failure.inputs)),
        )
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(failure))
        status.details.add().Pack(detail)
        metadata = (("grpc-status-details-bin", status.SerializeToString()),)
        await context.abort(grpc.StatusCode.UNKNOWN, str(failure), metadata)
        raise
    except ProviderError as error:
        await context.abort(grpc.StatusCode.UNKNOWN, str(error))
        raise


def serve(provider: SimulatedProvider, version: str, arguments: Sequence[str]) -> None:
    """Serve until the engine ends.

    Args:
        provider: What is served.
        version: Version of the SDK that it stands in for.
        arguments: The engine's; its address is not needed, as nothing is logged to it.
    """
    del arguments
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()

    async def run() -> None:
        server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(provider, version), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        await server.wait_for_termination()

    asyncio.run(run())


def _end_with_parent(parent: int) -> None:
    """An engine that is killed cannot end its plugins."""
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL_SECONDS)
    os._exit(1)
