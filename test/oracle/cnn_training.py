"""Compares 20 training steps of whole nets with torch: same first values, same batches, then the logits of both.

Usage: cnn_training.py --weir PROGRAM --work FOLDER [--threads N] [NAME...]

SqueezeNet (1.0 at 40x40x1, 1.1 at 28x28x1) and MobileNetV2 with ImageNet's strides are compiled into libraries and called through their C
interface; torch trains the nets of cnn.py in double precision, and in single to show what rounding alone does. One
line per case; exit 1 where a loss differs by more than 1e-3 relative, the logits after the last step (which use the
running statistics) by more than 1e-2 of the largest, or where the losses did not move.
"""

import argparse
import pathlib
import sys

import numpy
import torch

from cnn import flatten, makeLayers
from compiled_net import MODELS, CompiledNet, makeBatches
from torch_layers import TorchNet

STEPS = 20
TOLERANCE, LOGIT_TOLERANCE = 1e-3, 1e-2
COMMON = {"channels": 1, "classes": 10, "drop": 0.0}

# name -> (net of cnn.py, model, its settings, optimizer as the .weir file says it, learning rate, torch's class).
# Rates are those at which the losses move and rounding does not grow beyond the tolerance (see cnn.Recorder).
CASES = {
    "squeezenet_1.0_adadelta": ("squeezenet_1.0", "squeezenet", {"version": 1.0, "batch": 4, "height": 40, "width": 40}, "adadelta", 0.1, "Adadelta"),
    "squeezenet_1.1_adadelta": ("squeezenet_1.1", "squeezenet", {"version": 1.1, "batch": 4}, "adadelta", 0.1, "Adadelta"),
    "squeezenet_1.1_sgd": ("squeezenet_1.1", "squeezenet", {"version": 1.1, "batch": 4}, "sgd", 0.001, "SGD"),
    "mobilenet_v2_adadelta": ("mobilenet_v2", "mobilenet_v2", {"batch": 5}, "adadelta", 0.1, "Adadelta"),
    "mobilenet_v2_sgd": ("mobilenet_v2", "mobilenet_v2", {"batch": 5}, "sgd", 0.002, "SGD"),
}


def asImages(batches, size):
    """The batches as [n, size, size, 1], with a border of zeros around 28x28 pixels."""
    border = (size - 28) // 2
    pads = ((0, 0), (border, border), (border, border), (0, 0))
    return [(numpy.pad(images.reshape(-1, 28, 28, 1), pads), labels) for images, labels in batches]


def trainTorch(name, layers, batches, probe, optimizer, rate, double):
    """(losses, logits of `probe` in inference form) of torch."""
    net = TorchNet(name, layers, double)
    optimizer = getattr(torch.optim, optimizer)(net.parameters(), lr=rate)
    losses = []
    for images, labels in batches:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(torch.from_numpy(images)), torch.from_numpy(labels).long())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    net.training = False
    return numpy.array(losses), net(torch.from_numpy(probe)).detach().numpy()


def relative(losses, wanted):
    return numpy.abs(losses - wanted).max() / wanted.min()


def compare(case, name, options):
    net, model, settings, optimizer, rate, torchName = case
    settings = {"height": 28, "width": 28, **COMMON, **settings, "optimizer": f"{optimizer}(learning_rate: {rate})"}
    size = settings["height"]
    layers = makeLayers(net, (size, size, 1), settled=True)
    # Two batches in turns: the losses move because the net learns, not because the labels differ.
    batches = STEPS // 2 * asImages(makeBatches(2, settings["batch"]), size)
    probe = asImages(makeBatches(1, 7, seed=3), size)[0][0]
    wanted, wantedLogits = trainTorch(net, layers, batches, probe, torchName, rate, double=True)
    single, _ = trainTorch(net, layers, batches, probe, torchName, rate, double=False)
    ours = CompiledNet(options.weir, options.work / name, MODELS / f"{model}.weir", settings, flatten(layers), options.threads)
    losses = numpy.array([ours.trainStep(images, labels, rate) for images, labels in batches])
    difference = relative(losses, wanted)
    logits = numpy.abs(ours.infer(probe) - wantedLogits).max() / numpy.abs(wantedLogits).max()
    agrees = difference <= TOLERANCE and logits <= LOGIT_TOLERANCE
    verdict = "DIFFERS" if not agrees else "agrees" if wanted[0] - wanted.min() > 0.1 else "DOES NOT LEARN"
    print(
        f"{name:24} {verdict}: losses {difference:.1e} (torch in single precision {relative(single, wanted):.1e}), "
        f"logits afterwards {logits:.1e}, loss {losses[0]:.4f} -> {losses[-1]:.4f}",
        flush=True,
    )
    return verdict == "agrees"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", required=True)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("names", nargs="*", default=list(CASES))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    agreeing = sum(compare(CASES[name], name, options) for name in options.names)
    print(f"oracle: torch {torch.__version__}, {STEPS} steps, {agreeing} of {len(options.names)} agree")
    return 0 if agreeing == len(options.names) else 1


if __name__ == "__main__":
    sys.exit(main())
