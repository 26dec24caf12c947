"""The nets in torch, and one training step of each: mlp_80_60 with nadam and dropout 0.2, the CNNs with Adadelta 1.0."""

import torch
from cnn import NETS, makeLayers
from torch import nn
from torch_layers import TorchNet

from images import SIZES

# Compiled code of weir flushes denormal numbers to zero; so does torch here.
torch.set_flush_denormal(True)


def makeMlp():
    return nn.Sequential(
        nn.Linear(784, 80), nn.GELU(), nn.Dropout(0.2), nn.Linear(80, 60), nn.GELU(), nn.Dropout(0.2), nn.Linear(60, 10)
    )


def makeStep(name, compiled, size=28):
    """(the net, a function (images, labels [n]) -> loss that also updates the net)."""
    if name in NETS:
        net = logits = TorchNet(name, makeLayers(name, *SIZES[size], settled=True))
        # One parameter after the other is quicker than foreach here: a list of all of them leaves the cache.
        optimizer = torch.optim.Adadelta(net.parameters(), lr=1.0, foreach=False)
    else:
        net = makeMlp().train()
        logits = lambda x: net(x.view(len(x), -1))
        optimizer = torch.optim.NAdam(net.parameters(), lr=1e-3, foreach=True)
    forward = lambda x, y: nn.functional.cross_entropy(logits(x), y)
    if compiled:
        forward = torch.compile(forward)

    def step(images, labels):
        optimizer.zero_grad(set_to_none=True)
        loss = forward(images, labels)
        loss.backward()
        optimizer.step()
        return loss

    return net, step
