/* The C interface between a compiled net and this runtime.
 *
 * Before: the compiler writes one object that defines a `weir_program` (manifest text and entry
 * functions) and links it with kernels that were compiled without a runtime of their own. After:
 * Manifest.cpp reads the manifest, Net.cpp allocates the blocks named here and calls the entries.
 * Plain C, so that the generated header of a static library can show it to any compiler. */
#ifndef WEIR_RUNTIME_PROGRAM_H
#define WEIR_RUNTIME_PROGRAM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One compiled function.
 *
 * `context` is handed through to the kernels (Halide's user_context); it is a weir::Context here.
 * In code for a GPU the blocks and all arguments are addresses on its device.
 * `variables` is one 64-byte aligned block of the manifest's variables_bytes, `arena` one of the
 * entry's arena_bytes. `arguments` points to the inputs, then the results, in the function's order:
 *   infer_bN:   image f32[N,h,w,c]                                     -> logits f32[N,classes]
 *   train_step: image f32[N,h,w,c], label i32[N], learning_rate f32,
 *               rng i32[3] = {seed low, seed high, step}               -> loss f32, correct i32
 * Returns 0, or the error code of the kernel that failed. */
typedef struct weir_entry {
  const char *name;
  int (*run)(void *context, uint8_t *variables, uint8_t *arena, void *const *arguments);
  /* The same, and writes kernel count + 1 values of weir_now_ns() to `stamps`. */
  int (*run_timed)(void *context, uint8_t *variables, uint8_t *arena, void *const *arguments,
                   int64_t *stamps);
} weir_entry;

/* A compiled net for one target: an executable's object defines `weir_main_program`, a library's
 * `weir_program_<net>`. */
typedef struct weir_program {
  const char *manifest; /* JSON, see docs/training.md; not necessarily zero-terminated */
  uint64_t manifest_size;
  const weir_entry *entries;
  uint64_t entry_count;
  /* The same net for another target, or NULL. The first one's is a CPU. */
  const struct weir_program *next;
  /* The block of variables with the values that were compiled in, variables_bytes; NULL for a net
   * whose weights come from a file. */
  const uint8_t *values;
} weir_program;

/* Nanoseconds of a monotonic clock; called by run_timed between kernels. The second waits for the
 * context's device first. */
int64_t weir_now_ns(void);
int64_t weir_device_now_ns(void *context);

/* What a kernel calls to run `task` for min .. min + size - 1, and to report errors and get scratch
 * memory. The names and types are those of HalideRuntime.h; kernels are compiled with the feature
 * no_runtime. */
typedef int (*halide_task_t)(void *context, int index, uint8_t *closure);
int halide_do_par_for(void *context, halide_task_t task, int min, int size, uint8_t *closure);
void *halide_malloc(void *context, uint64_t bytes);
void halide_free(void *context, void *memory);
void halide_error(void *context, const char *message);

#ifdef __cplusplus
}
#endif

#endif
