/* Calling a net that `weir compile --emit=lib` made into a static library, from C or C++.
 *
 * The generated header <net>.h declares the net's weir_program and wrappers named after the net;
 * this file declares the functions behind them. Link the library and the C++ runtime:  gcc main.c
 * lib<net>.a -lstdc++ -lm A weir_net may be used by one thread at a time; different nets are
 * independent. No C++ exception crosses this interface: functions return 0, or -1 (NULL) with a
 * sentence in weir_last_error(). */
#ifndef WEIR_H
#define WEIR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_program;
typedef struct weir_net weir_net;

/* A net with the first weights for `seed`, that computes with `threads` threads (1 to 256; results
 * do not depend on it). NULL if this machine's CPU lacks what the net was compiled for, or memory
 * is out. */
weir_net *weir_net_create(const struct weir_program *program, int threads, uint64_t seed);
void weir_net_destroy(weir_net *net);

/* Weights as safetensors, named by layer path; load also takes the checkpoints of a training run.
 */
int weir_net_load(weir_net *net, const char *path);
int weir_net_save(weir_net *net, const char *path);

/* The extents of images and logits: height, width, channels, and the number of classes. */
void weir_net_shape(const weir_net *net, int64_t shape[3], int64_t *classes);
/* The number of images a training step takes; 0 for a net without a train block. */
int64_t weir_net_train_batch(const weir_net *net);

/* Logits [count, classes] of `count` images [count, height, width, channels], f32, normalised as in
 * training: (pixel / 255 - mean) / deviation with the recipe's mean and deviation. Any count;
 * batches are combined. */
int weir_net_infer(weir_net *net, const float *images, uint64_t count, float *logits);

/* One training step on weir_net_train_batch() images and labels (0 .. classes - 1). Writes the mean
 * loss and the number of correct predictions before the update; either pointer may be NULL. Fails
 * if the loss is not finite. */
int weir_net_train_step(weir_net *net, const float *images, const int32_t *labels,
                        float learning_rate, float *loss, int32_t *correct);

/* What went wrong in the calling thread's last failed call. */
const char *weir_last_error(void);

#ifdef __cplusplus
}
#endif

#endif
