"""A training step in Keras on TensorFlow: keras_step.py NET SIZE BATCH STEPS LOSSES

What `fit` calls, without what it does around it: its compiled train function, STEPS steps in one call of it.
"""

import os
import sys

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="2")

import keras
import tensorflow
from cnn import makeLayers
from keras_layers import makeModel
from serve import memory, serve

from images import SIZES, loadImages

name, size, batch, stride, count = sys.argv[1], *map(int, sys.argv[2:6])
threads = len(os.sched_getaffinity(0))
tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
images, labels = loadImages(size)
before = memory("VmRSS")
model = makeModel(name, makeLayers(name, *SIZES[size], settled=True), SIZES[size][0])
# XLA's convolutions are the slower ones on a CPU.
model.compile(
    keras.optimizers.Adadelta(1.0, rho=0.9, epsilon=1e-6),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    jit_compile=False,
    steps_per_execution=stride,
)
batches = tensorflow.data.Dataset.from_tensor_slices((images, labels)).batch(batch, drop_remainder=True)
losses = []
for pair in batches.take(count):
    model.reset_metrics()
    losses.append(float(model.train_on_batch(*pair)))
model.make_train_function()
endless = iter(batches.repeat())


def runOnce():
    return model.train_function(endless)


serve(f"keras {keras.__version__}, tensorflow {tensorflow.__version__}", losses, runOnce, stride, before)
