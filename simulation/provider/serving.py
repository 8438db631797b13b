"""A provider as a plugin process.

Owns what the SDK's server leaves out: errors that read as errors, objects that exist and are not
well, the old inputs of a change, and an end when the engine is gone.
"""

# gRPC for Python carries no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUntypedBaseClass=false
# pyright: reportMissingTypeArgument=false, reportPrivateUsage=false

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import cast

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


class _Interceptor(grpc.aio.ServerInterceptor):
    """Stands around every call of the SDK's servicer."""

    def __init__(self, provider: SimulatedProvider) -> None:
        self._provider = provider

    async def intercept_service(  # pyright: ignore[reportIncompatibleMethodOverride]  # the stubs ask for two type variables
        self, continuation: Callable[..., Awaitable[grpc.RpcMethodHandler]], handler_call_details: object
    ) -> grpc.RpcMethodHandler:
        """Wrap the handler of one method."""
        handler = await continuation(handler_call_details)
        answer = cast("Callable[[Message, object], Awaitable[Message]]", handler.unary_unary)

        async def call(request: Message, context: grpc.aio.ServicerContext[Message, Message]) -> Message | None:
            if isinstance(request, provider_pb2.DiffRequest):
                self._compare_inputs(request)
            try:
                return await answer(request, context)
            except PartialFailureError as failure:
                await context.abort(grpc.StatusCode.UNKNOWN, str(failure), _details(failure))
            except ProviderError as error:
                await context.abort(grpc.StatusCode.UNKNOWN, str(error))

        return grpc.unary_unary_rpc_method_handler(call, handler.request_deserializer, handler.response_serializer)

    def _compare_inputs(self, request: provider_pb2.DiffRequest) -> None:
        """Puts the old inputs, which the SDK does not hand on, where it looks for the old state."""
        status = self._provider.status_of(request.urn, PropertyValue.unmarshal_map(request.olds))
        if request.HasField("old_inputs"):
            request.olds.CopyFrom(request.old_inputs)
        if status:
            request.olds.fields[STATUS_KEY].string_value = status


def _details(failure: PartialFailureError) -> tuple[tuple[str, bytes], ...]:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=failure.identifier,
        properties=PropertyValue.marshal_map(object_to_wire(failure.outputs)),
        reasons=list(failure.reasons),
        inputs=PropertyValue.marshal_map(object_to_wire(failure.inputs)),
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(failure))
    status.details.add().Pack(detail)
    return (("grpc-status-details-bin", status.SerializeToString()),)


def serve(provider: SimulatedProvider, version: str) -> None:
    """Serve until the engine ends.

    Args:
        provider: What is served.
        version: Version of the SDK that it stands in for.
    """
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()

    async def run() -> None:
        server = grpc.aio.server(interceptors=[_Interceptor(provider)], options=_GRPC_CHANNEL_OPTIONS)
        # The engine's address is left out: nothing is logged to it.
        servicer = ProviderServicer([], version, provider, "")
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
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
