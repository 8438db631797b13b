"""Model servers: engine adapters, their sizing, the service that runs them, and several models together."""

from .model_service import ModelService, ModelServiceArgs
from .served_models import ServedModels, ServingOptions

__all__ = ["ModelService", "ModelServiceArgs", "ServedModels", "ServingOptions"]
