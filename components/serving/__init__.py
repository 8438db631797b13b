"""Model servers: engine adapters, their sizing, the service that runs them, and several models together."""

from .model_servers import ModelServers, ServingOptions, ServingPlace, serve_models
from .model_service import ModelService, ModelServiceArgs
from .served_models import ServedModels

__all__ = [
    "ModelServers",
    "ModelService",
    "ModelServiceArgs",
    "ServedModels",
    "ServingOptions",
    "ServingPlace",
    "serve_models",
]
