"""Steps and inference of a net in torch on the GPU, eager and as CUDA graphs: torch_gpu.py NET SECONDS BATCH...

Wants bench/peers and test/oracle on PYTHONPATH. Prints {"version", "rows": [{"batch", "call": "step" | "infer", "mode":
"eager" | "graph", "min_ms", "median_ms"}, …]}, with "error" in place of the times where torch has one. A sample is
several calls that are queued and waited for together, as `prog bench` measures training steps; inference is from images
in the host's memory to logits there, as there. A graph is one call recorded by torch.cuda.graph. Convolutions may use
TF32, torch's default.
"""

import json
import sys
import time

import torch
from cnn import makeLayers
from torch.nn import functional
from torch_layers import TorchNet
from torch_net import makeMlp


def makeNet(name, training):
    """(parameters, function of images [n, 784] -> logits), on the GPU."""
    if name == "mlp_80_60":
        net = makeMlp().cuda().train(training)
        return list(net.parameters()), net
    net = TorchNet(name, makeLayers(name, settled=True))
    net.tensors = [t.detach().cuda().requires_grad_(t.requires_grad) for t in net.tensors]
    net.training = training
    return net.parameters(), lambda x: net(x.view(-1, 28, 28, 1))


def makeInference(name, batch):
    """(what is recorded in a graph, what runs before it, what runs behind it)."""
    _, logits = makeNet(name, training=False)
    images = torch.rand(batch, 784, device="cuda")
    given, taken = torch.rand(batch, 784).pin_memory(), torch.empty(batch, 10).pin_memory()
    result = torch.empty(batch, 10, device="cuda")

    def infer():
        with torch.no_grad():
            result.copy_(logits(images))

    def takeResult():
        taken.copy_(result, non_blocking=True)
        torch.cuda.synchronize()

    return infer, lambda: images.copy_(given, non_blocking=True), takeResult


def makeStep(name, batch):
    """The same for a training step."""
    parameters, logits = makeNet(name, training=True)
    images = torch.rand(batch, 784, device="cuda")
    labels = torch.randint(10, (batch,), device="cuda")
    if name == "mlp_80_60":
        optimizer = torch.optim.NAdam(parameters, lr=1e-3, foreach=True, capturable=True)
    else:
        optimizer = torch.optim.Adadelta(parameters, lr=1.0, foreach=True, capturable=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(logits(images), labels).backward()
        optimizer.step()

    return step, lambda: None, lambda: None


def record(call):
    """The call as a graph, after some calls on another stream, as torch wants it."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(5):
            call()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph.replay


def measure(calls, isInference, seconds):
    """Milliseconds of one call: the least and the median."""
    call, before, behind = calls

    def sample(count):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(count):
            before()
            call()
            behind()
        torch.cuda.synchronize()
        return (time.perf_counter() - start) * 1000 / count

    sample(20)
    count = 1 if isInference else max(1, int(10 / sample(5)))
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        times.append(sample(count))
    times.sort()
    return {"min_ms": times[0], "median_ms": times[len(times) // 2]}


def measureAll(name, seconds, batches):
    for batch in batches:
        for kind, make in (("step", makeStep), ("infer", makeInference)):
            for mode in ("eager", "graph"):
                row = {"batch": batch, "call": kind, "mode": mode}
                try:
                    torch.manual_seed(1)
                    call, before, behind = make(name, batch)
                    call = record(call) if mode == "graph" else call
                    yield {**row, **measure((call, before, behind), kind == "infer", seconds)}
                except RuntimeError as problem:
                    yield {**row, "error": str(problem)}


rows = list(measureAll(sys.argv[1], float(sys.argv[2]), [int(batch) for batch in sys.argv[3:]]))
print(json.dumps({"version": torch.__version__, "rows": rows}))
