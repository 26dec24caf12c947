/* An example of a compiled net in a C program; also a test, see library.test. */
#include "mlp_80_60.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { batch = 32, pixels = 784, classes = 10 };

int main(void) {
  static float images[batch * pixels], before[batch * classes], after[batch * classes];
  int32_t labels[batch], correct = 0;
  float loss = 0;
  uint32_t random = 1;
  weir_net *net, *copy;
  int i;
  for (i = 0; i < batch * pixels; ++i) {
    random = random * 1664525u + 1013904223u;
    images[i] = (float)(random >> 8) / 16777216.0f - 0.5f;
  }
  for (i = 0; i < batch; ++i)
    labels[i] = i % classes;

  net = mlp_80_60_create(2, 7);
  if (!net) {
    printf("error: %s\n", weir_last_error());
    return 1;
  }
  for (i = 0; i < 300; ++i)
    if (mlp_80_60_train_step(net, images, labels, 0.003f, &loss, &correct) != 0) {
      printf("error: %s\n", weir_last_error());
      return 1;
    }
  /* Without dropout, as inference is, it knows every image. */
  mlp_80_60_infer(net, images, batch, before);
  for (correct = 0, i = 0; i < batch; ++i) {
    int best = 0, c;
    for (c = 1; c < classes; ++c)
      if (before[i * classes + c] > before[i * classes + best])
        best = c;
    correct += best == labels[i];
  }
  printf("learned %d of %d\n", (int)correct, (int)batch);

  if (weir_net_save(net, "weights.safetensors") != 0)
    return 1;
  copy = mlp_80_60_create(1, 8);
  if (!copy || weir_net_load(copy, "weights.safetensors") != 0)
    return 1;
  mlp_80_60_infer(copy, images, batch, after);
  printf("same logits after loading: %s\n",
         memcmp(before, after, sizeof before) == 0 ? "yes" : "no");
  if (weir_net_load(copy, "no-such-file") != 0)
    printf("error: %s\n", weir_last_error());
  weir_net_destroy(copy);
  weir_net_destroy(net);
  return 0;
}
