"""A training step in torch: `eager` or `compiled` (torch.compile over forward and backward)."""

import os
import sys

import torch
from serve import serve
from torch_net import BATCH, makeNet, makeStep

from mnist import loadMnist

torch.set_num_threads(len(os.sched_getaffinity(0)))
torch.manual_seed(1)
images, labels = (torch.from_numpy(part) for part in loadMnist("train"))
labels = labels.long()
step = makeStep(makeNet().train(), sys.argv[1] == "compiled")
position = 0


def runOnce():
    global position
    loss = step(images[position : position + BATCH], labels[position : position + BATCH])
    position = (position + BATCH) % len(labels)
    return loss


losses = [runOnce().item() for _ in range(1500)]
serve(f"torch {torch.__version__}", sum(losses[-500:]) / 500, runOnce)
