import pytest

from components.contracts.serving import Engine, KvPrecision
from components.planner.catalogs.gpus import gpu
from components.planner.catalogs.models import model
from components.planner.memory.layout import Layout
from components.planner.speed import Workload
from components.planner.speed.catalog import workload
from components.planner.speed.terms import Links

SINGLE = Layout()


def replica(name: str, gpu_name: str = "H100-SXM", layout: Layout = SINGLE) -> Workload:
    card = gpu(gpu_name)
    return workload(model(name), KvPrecision.BF16, card, layout, Links(nvlink_domain=card.nvlink_domain), Engine.VLLM)


@pytest.fixture
def llama_70b() -> Workload:
    return replica("meta-llama/Llama-3.1-70B-Instruct", layout=Layout(tensor_parallel=8))


@pytest.fixture
def deepseek() -> Workload:
    return replica("deepseek-ai/DeepSeek-R1", "H200", Layout(tensor_parallel=8))
