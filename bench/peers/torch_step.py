"""A training step in torch: torch_step.py NET SIZE BATCH eager|compiled LOSSES (torch.compile over forward and backward)."""

import os
import sys

import torch
from serve import memory, serve
from torch_net import makeStep

from images import loadImages

name, size, batch, mode, count = sys.argv[1], *map(int, sys.argv[2:4]), sys.argv[4], int(sys.argv[5])
torch.set_num_threads(len(os.sched_getaffinity(0)))
torch.manual_seed(1)
images, labels = (torch.from_numpy(part) for part in loadImages(size))
labels = labels.long()
before = memory("VmRSS")
net, step = makeStep(name, mode == "compiled", size)
position = 0


def runOnce():
    global position
    loss = step(images[position : position + batch], labels[position : position + batch])
    position = (position + batch) % (len(labels) - batch + 1)
    return loss


serve(f"torch {torch.__version__}", [runOnce().item() for _ in range(count)], runOnce, before=before)
