"""The layers of cnn.py in torch: tensors in torch's own layout, in the order in which the net asks for them."""

import torch
from torch.nn import functional

from cnn import NETS, isTrained


def toTorch(op, values):
    """A weight in weir's layout -> torch's."""
    order = {("conv2d", 4): (3, 2, 0, 1), ("depthwise_conv2d", 3): (2, 0, 1), ("dense", 2): (1, 0)}.get((op, values.ndim))
    tensor = torch.from_numpy(values.transpose(order).copy() if order else values.copy())
    return tensor.unsqueeze(1) if tensor.ndim == 3 else tensor


class TorchNet:
    """A net of cnn.py with given first values. Calling it takes images [n, h, w, c] and gives logits [n, classes].

    `channelsLast` keeps activations in memory as NHWC, which is the quicker way for some of torch's kernels.
    """

    def __init__(self, name, layers, double=False, channelsLast=False):
        self.function, self.training, self.double = NETS[name], True, double
        self.format = torch.channels_last if channelsLast else torch.contiguous_format
        self.tensors = []
        for op, tensors in layers:
            for role, values in tensors.items():
                tensor = toTorch(op, values).to(torch.float64 if double else torch.float32)
                if tensor.ndim == 4:
                    tensor = tensor.contiguous(memory_format=self.format)
                self.tensors.append(tensor.requires_grad_(isTrained(role)))
        self.classes = layers[-1][1]["bias"].size

    def parameters(self):
        return [tensor for tensor in self.tensors if tensor.requires_grad]

    def __call__(self, images):
        self.next = iter(self.tensors)
        x = images.permute(0, 3, 1, 2).contiguous(memory_format=self.format)
        return self.function(self, x.double() if self.double else x, classes=self.classes)

    def conv(self, x, units, kernel, stride=1, padding=0, bias=True):
        return functional.conv2d(x, next(self.next), next(self.next) if bias else None, stride, padding)

    def depthwise(self, x, kernel, stride, padding):
        return functional.conv2d(x, next(self.next), None, stride, padding, groups=x.shape[1])

    def dense(self, x, units):
        return functional.linear(x, next(self.next), next(self.next))

    def batchNorm(self, x):
        scale, offset, mean, variance = (next(self.next) for _ in range(4))
        return functional.batch_norm(x, mean, variance, scale, offset, self.training, momentum=0.1, eps=1e-5)

    def maxPool(self, x):
        return functional.max_pool2d(x, 3, 2, ceil_mode=True)

    def globalPool(self, x):
        return x.mean((2, 3))

    def concat(self, a, b):
        return torch.cat((a, b), 1)

    def add(self, x, y):
        return x + y

    def channels(self, x):
        return x.shape[1]

    relu, relu6 = staticmethod(functional.relu), staticmethod(functional.relu6)
