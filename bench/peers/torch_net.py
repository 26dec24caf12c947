"""The nets in torch, and one training step of each: mlp_80_60 with nadam and dropout 0.2, the CNNs with Adadelta 1.0."""

import torch
from cnn import NETS, makeLayers
from torch import nn
from torch_layers import TorchNet

# Compiled code of weir flushes denormal numbers to zero; so does torch here.
torch.set_flush_denormal(True)


def makeMlp():
    return nn.Sequential(
        nn.Linear(784, 80), nn.GELU(), nn.Dropout(0.2), nn.Linear(80, 60), nn.GELU(), nn.Dropout(0.2), nn.Linear(60, 10)
    )


def makeStep(name, compiled):
    """(the net, a function (images [n, 784], labels [n]) -> loss that also updates the net)."""
    if name in NETS:
        net = TorchNet(name, makeLayers(name, settled=True))
        logits = lambda x: net(x.view(-1, 28, 28, 1))
        # One parameter after the other is quicker than foreach here: a list of all of them leaves the cache.
        optimizer = torch.optim.Adadelta(net.parameters(), lr=1.0, foreach=False)
    else:
        net = logits = makeMlp().train()
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
