"""mlp_80_60 in torch: the net and one training step (nadam, dropout 0.2, erf gelu, batch 32)."""

import torch
from torch import nn

BATCH = 32


def makeNet():
    return nn.Sequential(
        nn.Linear(784, 80), nn.GELU(), nn.Dropout(0.2), nn.Linear(80, 60), nn.GELU(), nn.Dropout(0.2), nn.Linear(60, 10)
    )


def makeStep(net, compiled):
    """A function (images [32, 784], labels [32]) -> loss that also updates the net."""
    optimizer = torch.optim.NAdam(net.parameters(), lr=1e-3, foreach=True)
    forward = torch.compile(lambda x, y: nn.functional.cross_entropy(net(x), y)) if compiled else (
        lambda x, y: nn.functional.cross_entropy(net(x), y)
    )

    def step(images, labels):
        optimizer.zero_grad(set_to_none=True)
        loss = forward(images, labels)
        loss.backward()
        optimizer.step()
        return loss

    return step
