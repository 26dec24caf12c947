"""A whole script: read MNIST, train one epoch of mlp_80_60 in shuffled order, save the weights."""

import os
import sys

import torch
from safetensors.torch import save_file
from torch_net import makeStep

from mnist import loadMnist

BATCH = 32
torch.set_num_threads(len(os.sched_getaffinity(0)))
torch.manual_seed(1)
images, labels = (torch.from_numpy(part) for part in loadMnist("train"))
labels = labels.long()
net, step = makeStep("mlp_80_60", compiled=False)
total = torch.zeros(())
for batch in torch.randperm(len(labels)).split(BATCH):
    total += step(images[batch], labels[batch]).detach()
save_file(net.state_dict(), sys.argv[1])
print((total / (len(labels) // BATCH)).item())
