// RUN: weir-opt %s --lower-to-llvm --split-input-file --verify-diagnostics | FileCheck %s

module attributes {weir.manifest = "{\22weir\22:1}", weir.program_symbol = "weir_main_program", weir.variables_bytes = 64 : i64} {

  // Straight-line code: describe the buffers, call one kernel after the other with the context, collect the status.
  // CHECK-LABEL: llvm.func internal @step(
  // CHECK-SAME: %[[CONTEXT:.*]]: !llvm.ptr, %[[VARIABLES:.*]]: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr, %[[POINTERS:.*]]: !llvm.ptr) -> i32
  // The first kernel reads the first argument and a variable, and writes the arena.
  // CHECK: %[[P0:.*]] = llvm.getelementptr %[[POINTERS]][0]
  // CHECK: %[[X:.*]] = llvm.load %[[P0]]
  // CHECK: llvm.store %[[X]],
  // CHECK: %[[W:.*]] = llvm.getelementptr %[[VARIABLES]][64]
  // CHECK: llvm.store %[[W]],
  // CHECK: %[[H:.*]] = llvm.getelementptr %[[ARENA]][128]
  // CHECK: llvm.store %[[H]],
  // CHECK: %[[FIRST:.*]] = llvm.call @kernel_a(%[[CONTEXT]], %{{.*}}, %{{.*}}, %{{.*}}) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
  // The second one writes the first result: behind the two arguments in the array of pointers, so 16 bytes in.
  // CHECK: %[[P2:.*]] = llvm.getelementptr %[[POINTERS]][16]
  // CHECK: %[[RESULT:.*]] = llvm.load %[[P2]]
  // CHECK: llvm.store %[[RESULT]],
  // CHECK: %[[SECOND:.*]] = llvm.call @kernel_b(%[[CONTEXT]],
  // CHECK: %[[BOTH:.*]] = llvm.or %{{.*}}, %[[SECOND]]
  // CHECK: llvm.return %[[BOTH]] : i32
  // Dimensions are innermost first: {min, extent, stride, flags}.
  // CHECK: llvm.mlir.global internal constant @weir.dims.2x3(dense<[0, 3, 1, 0, 0, 2, 3, 0]> : tensor<8xi32>)
  // CHECK: llvm.func @kernel_a(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32

  // The timed twin takes the time before, between and behind the kernels.
  // CHECK-LABEL: llvm.func internal @step_timed(
  // CHECK-SAME: %{{.*}}: !llvm.ptr, %[[STAMPS:[^:]*]]: !llvm.ptr) -> i32
  // CHECK: llvm.call @weir_now_ns() : () -> i64
  // CHECK: llvm.getelementptr %[[STAMPS]][0]
  // CHECK: llvm.call @kernel_a
  // CHECK: llvm.call @weir_now_ns() : () -> i64
  // CHECK: llvm.getelementptr %[[STAMPS]][8]
  // CHECK: llvm.call @kernel_b
  // CHECK: llvm.call @weir_now_ns() : () -> i64
  // CHECK: llvm.getelementptr %[[STAMPS]][16]
  // CHECK-NOT: llvm.call
  func.func @step(%x: tensor<2x3xf32>, %n: tensor<i32>) -> tensor<i32> {
    %w = weir.read @w : tensor<3x2xf32>
    %0 = weir.kernel "a"(%a = %x : tensor<2x3xf32>, %b = %w : tensor<3x2xf32>) -> (tensor<2x2xf32>)
        attributes {symbol = "kernel_a", input_storage = [#weir.storage<argument, 0>, #weir.storage<variables, 64>],
                    output_storage = [#weir.storage<arena, 128>]} {
      %1 = weir.dense %a, %b {units = 2 : i64} : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
      weir.yield %1 : tensor<2x2xf32>
    }
    %2 = weir.kernel "b"(%a = %n : tensor<i32>, %b = %0 : tensor<2x2xf32>) -> (tensor<i32>)
        attributes {symbol = "kernel_b", input_storage = [#weir.storage<argument, 1>, #weir.storage<arena, 128>],
                    output_storage = [#weir.storage<result, 0>]} {
      weir.yield %a : tensor<i32>
    }
    return %2 : tensor<i32>
  }
  weir.variable @w : tensor<3x2xf32> {init = {kind = "zeros"}, kind = "parameter", offset = 64 : i64}
}

// Nothing of weir is left, the manifest ends with a zero byte that its size does not count, and the table names both
// twins of the entry.
// CHECK-NOT: weir.variable
// CHECK-DAG: llvm.mlir.global internal constant @weir.manifest("{\22weir\22:1}\00")
// CHECK-DAG: llvm.mlir.global internal constant @weir.name.step("step\00")
// CHECK: llvm.mlir.global internal constant @weir.entries()
// CHECK: llvm.mlir.addressof @weir.name.step
// CHECK: llvm.mlir.addressof @step :
// CHECK: llvm.mlir.addressof @step_timed :
// CHECK: llvm.mlir.global external constant @weir_main_program()
// CHECK: llvm.mlir.addressof @weir.manifest
// CHECK: llvm.mlir.constant(10 : i64)
// CHECK: llvm.mlir.addressof @weir.entries
// CHECK: llvm.mlir.constant(1 : i64)

// -----

// expected-error@+1 {{'lower-to-llvm' expects attributes 'weir.manifest' and 'weir.program_symbol'}}
module {
}

// -----

module attributes {weir.manifest = "{}", weir.program_symbol = "weir_main_program"} {
  func.func @step() {
    // expected-error@+1 {{expects a symbol and storage before it is lowered}}
    weir.kernel "a"() -> () attributes {symbol = "kernel_a"} {
      weir.yield
    }
    return
  }
}

// -----

// On a device the same numbers are addresses there: the first field of a buffer, and no pointer. Time stamps wait for
// the device. The program goes on with the one for the next target.
module attributes {weir.device = "cuda", weir.manifest = "{}", weir.program_symbol = "weir_main_program_2", weir.next_symbol = "weir_main_program_3"} {
  // CHECK-LABEL: llvm.func internal @on_device(
  // CHECK-SAME: %[[CONTEXT:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i32
  // CHECK: %[[H:.*]] = llvm.getelementptr %[[ARENA]][512]
  // CHECK: %[[ADDRESS:.*]] = llvm.ptrtoint %[[H]] : !llvm.ptr to i64
  // CHECK: %[[WRITTEN:.*]] = llvm.mlir.constant(2 : i64)
  // CHECK: %[[FIELD:.*]] = llvm.getelementptr %[[BUFFER:.*]][0, 0]
  // CHECK: llvm.store %[[ADDRESS]], %[[FIELD]]
  // CHECK: %[[NULL:.*]] = llvm.getelementptr %[[BUFFER]][0, 2]
  // CHECK: llvm.store %{{.*}}, %[[NULL]]
  // What is written is flagged so: halide_buffer_flag_device_dirty.
  // CHECK: %[[FLAGS:.*]] = llvm.getelementptr %[[BUFFER]][0, 3]
  // CHECK: llvm.store %[[WRITTEN]], %[[FLAGS]]
  // CHECK-LABEL: llvm.func internal @on_device_timed(
  // CHECK-SAME: %[[CONTEXT:[^:]*]]: !llvm.ptr
  // CHECK: llvm.call @weir_device_now_ns(%[[CONTEXT]]) : (!llvm.ptr) -> i64
  // CHECK-NOT: @weir_now_ns
  // CHECK: llvm.mlir.global external hidden constant @weir_main_program_3()
  // CHECK: llvm.mlir.global external constant @weir_main_program_2()
  func.func @on_device(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = weir.kernel "a"(%a = %x : tensor<4xf32>) -> (tensor<4xf32>) attributes {symbol = "a__cuda75", input_storage = [#weir.storage<argument, 0>], output_storage = [#weir.storage<arena, 512>]} {
      weir.yield %a : tensor<4xf32>
    }
    %1 = weir.kernel "a"(%a = %0 : tensor<4xf32>) -> (tensor<4xf32>) attributes {symbol = "a__cuda75", input_storage = [#weir.storage<arena, 512>], output_storage = [#weir.storage<result, 0>]} {
      weir.yield %a : tensor<4xf32>
    }
    return %1 : tensor<4xf32>
  }
}

// -----

// Offsets at and beyond what an index of the LLVM dialect can hold.
module attributes {weir.manifest = "{}", weir.program_symbol = "weir_main_program"} {
  // CHECK-LABEL: llvm.func internal @large_arena(
  // CHECK-SAME: %[[ARENA:[^:]*]]: !llvm.ptr, %{{[^:]*}}: !llvm.ptr) -> i32
  // CHECK: llvm.getelementptr %[[ARENA]][268435392]
  // CHECK: %[[FAR:.*]] = llvm.mlir.constant(268435456 : i64)
  // CHECK: llvm.getelementptr %[[ARENA]][%[[FAR]]]
  // CHECK: %[[FARTHER:.*]] = llvm.mlir.constant(5000000000 : i64)
  // CHECK: llvm.getelementptr %[[ARENA]][%[[FARTHER]]]
  func.func @large_arena(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = weir.kernel "a"(%a = %x : tensor<4xf32>) -> (tensor<4xf32>) attributes {symbol = "a", input_storage = [#weir.storage<argument, 0>], output_storage = [#weir.storage<arena, 268435392>]} {
      weir.yield %a : tensor<4xf32>
    }
    %1 = weir.kernel "a"(%a = %0 : tensor<4xf32>) -> (tensor<4xf32>) attributes {symbol = "a", input_storage = [#weir.storage<arena, 268435456>], output_storage = [#weir.storage<arena, 5000000000>]} {
      weir.yield %a : tensor<4xf32>
    }
    return %1 : tensor<4xf32>
  }
}
