// RUN: weir-opt %s --plan-memory --split-input-file --verify-diagnostics | FileCheck %s

// Variables lie behind one another, each at a multiple of 64 bytes.
// CHECK: module attributes {weir.variables_bytes = 256 : i64}
// CHECK: weir.variable @a {{.*}} offset = 0 : i64
// CHECK: weir.variable @b {{.*}} offset = 64 : i64
// CHECK: weir.variable @c {{.*}} offset = 192 : i64
weir.variable @a : tensor<f32> {init = {kind = "zeros"}, kind = "statistic"}
weir.variable @b : tensor<17xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @c : tensor<16xf32> {init = {kind = "zeros"}, kind = "parameter"}

// -----

// A chain: each value dies when the next is made, so two places are enough for four values. Arguments and results stay
// where the caller has them.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: weir.arena_bound = 128 : i64, weir.arena_bytes = 128 : i64
// CHECK: weir.kernel "k0"{{.*}} attributes {input_storage = [#weir.storage<argument, 0>], output_storage = [#weir.storage<arena, [[A:[0-9]+]]>]}
// CHECK: weir.kernel "k1"{{.*}} attributes {input_storage = [#weir.storage<arena, [[A]]>], output_storage = [#weir.storage<arena, [[B:[0-9]+]]>]}
// CHECK: weir.kernel "k2"{{.*}} attributes {input_storage = [#weir.storage<arena, [[B]]>], output_storage = [#weir.storage<arena, [[A]]>]}
// CHECK: weir.kernel "k3"{{.*}} attributes {input_storage = [#weir.storage<arena, [[A]]>], output_storage = [#weir.storage<arena, [[B]]>]}
// CHECK: weir.kernel "k4"{{.*}} attributes {input_storage = [#weir.storage<arena, [[B]]>], output_storage = [#weir.storage<result, 0>]}
func.func @chain(%x: tensor<16xf32>) -> tensor<16xf32> {
  %0 = weir.kernel "k0"(%a = %x : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  %1 = weir.kernel "k1"(%a = %0 : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  %2 = weir.kernel "k2"(%a = %1 : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  %3 = weir.kernel "k3"(%a = %2 : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  %4 = weir.kernel "k4"(%a = %3 : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  return %4 : tensor<16xf32>
}

// -----

// A view is the same place, and keeps it alive: `k1` must not write where `k2` still reads through the view.
// CHECK-LABEL: func.func @views
// CHECK-SAME: weir.arena_bytes = 128 : i64
// CHECK: weir.kernel "k0"{{.*}} output_storage = [#weir.storage<arena, [[A:[0-9]+]]>]}
// CHECK: weir.kernel "k1"{{.*}} attributes {input_storage = [#weir.storage<argument, 0>], output_storage = [#weir.storage<arena, [[B:[0-9]+]]>]}
// CHECK: weir.kernel "k2"{{.*}} attributes {input_storage = [#weir.storage<arena, [[A]]>, #weir.storage<arena, [[B]]>], output_storage = [#weir.storage<result, 0>]}
func.func @views(%x: tensor<16xf32>) -> tensor<4x4xf32> {
  %0 = weir.kernel "k0"(%a = %x : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  %1 = weir.view %0 : tensor<16xf32> -> tensor<2x8xf32>
  %2 = weir.view %1 : tensor<2x8xf32> -> tensor<4x4xf32>
  %3 = weir.kernel "k1"(%a = %x : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  %4 = weir.kernel "k2"(%a = %2 : tensor<4x4xf32>, %b = %3 : tensor<16xf32>) -> (tensor<4x4xf32>) {
    weir.yield %a : tensor<4x4xf32>
  }
  return %4 : tensor<4x4xf32>
}

// -----

// A new value is written over the old one, and read from there; a result is read from where the caller has it. Nothing
// is left for the arena.
weir.variable @other : tensor<16xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @w : tensor<16xf32> {init = {kind = "zeros"}, kind = "parameter"}
// CHECK-LABEL: func.func @in_place
// CHECK-SAME: weir.arena_bytes = 0 : i64
// CHECK: weir.kernel "k0"{{.*}} attributes {input_storage = [#weir.storage<variables, 64>, #weir.storage<argument, 0>], output_storage = [#weir.storage<variables, 64>]}
// CHECK: weir.kernel "k1"{{.*}} attributes {input_storage = [#weir.storage<variables, 64>], output_storage = [#weir.storage<result, 0>]}
// CHECK: weir.kernel "k2"{{.*}} attributes {input_storage = [#weir.storage<result, 0>], output_storage = [#weir.storage<result, 1>]}
func.func @in_place(%x: tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>) {
  %w = weir.read @w : tensor<16xf32>
  %new = weir.kernel "k0"(%a = %w : tensor<16xf32>, %b = %x : tensor<16xf32>) -> (tensor<16xf32>) {
    %0 = weir.add %a, %b : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    weir.yield %0 : tensor<16xf32>
  }
  %1 = weir.kernel "k1"(%a = %new : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  %2 = weir.kernel "k2"(%a = %1 : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  weir.assign @w, %new : tensor<16xf32>
  return %1, %2 : tensor<16xf32>, tensor<16xf32>
}

// -----

// Somebody still wants the old value.
weir.variable @w : tensor<16xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @later_reader(%x: tensor<16xf32>) -> tensor<16xf32> {
  %w = weir.read @w : tensor<16xf32>
  // expected-error@+1 {{expects to be the last reader of 'w', whose new value it writes in place}}
  %new = weir.kernel "k0"(%a = %x : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  %1 = weir.kernel "k1"(%a = %w : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  weir.assign @w, %new : tensor<16xf32>
  return %1 : tensor<16xf32>
}

// -----

// The same through a view.
weir.variable @w : tensor<16xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @later_view(%x: tensor<16xf32>) -> tensor<4x4xf32> {
  %w = weir.read @w : tensor<16xf32>
  %square = weir.view %w : tensor<16xf32> -> tensor<4x4xf32>
  // expected-error@+1 {{expects to be the last reader of 'w', whose new value it writes in place}}
  %new = weir.kernel "k0"(%a = %x : tensor<16xf32>) -> (tensor<16xf32>) {
    weir.yield %a : tensor<16xf32>
  }
  %1 = weir.kernel "k1"(%a = %square : tensor<4x4xf32>) -> (tensor<4x4xf32>) {
    weir.yield %a : tensor<4x4xf32>
  }
  weir.assign @w, %new : tensor<16xf32>
  return %1 : tensor<4x4xf32>
}

// -----

// A matrix product reads each weight many times, so its result cannot be written over them meanwhile.
weir.variable @w : tensor<4x4xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @product(%x: tensor<4x4xf32>) {
  %w = weir.read @w : tensor<4x4xf32>
  // expected-error@+1 {{expects to read 'w' value by value, because it writes the new ones in place}}
  %new = weir.kernel "k0"(%a = %x : tensor<4x4xf32>, %b = %w : tensor<4x4xf32>) -> (tensor<4x4xf32>) {
    %0 = weir.dense %a, %b {units = 4 : i64} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    weir.yield %0 : tensor<4x4xf32>
  }
  weir.assign @w, %new : tensor<4x4xf32>
  return
}

// -----

// Without form-groups there is nothing to plan.
func.func @ungrouped(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{expects to stand in a kernel; run 'form-groups' first}}
  %0 = weir.relu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// A kernel's result has one place; two destinations want a copy, which form-groups makes.
func.func @twice(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = weir.kernel "k0"(%a = %x : tensor<4xf32>) -> (tensor<4xf32>) {
    weir.yield %a : tensor<4xf32>
  }
  // expected-error@+1 {{expects kernel results of its own; run 'form-groups' first}}
  return %0, %0 : tensor<4xf32>, tensor<4xf32>
}

// -----

// What runs on GPUs begins at multiples that every device can address.
// CHECK-LABEL: module attributes {weir.alignment = 512 : i64, weir.device = "cuda", weir.variables_bytes = 1024 : i64}
module attributes {weir.alignment = 512 : i64, weir.device = "cuda"} {
  weir.variable @v : tensor<16xf32> {init = {kind = "zeros"}, kind = "parameter"}
  // CHECK: weir.variable @w {{.*}}offset = 512
  weir.variable @w : tensor<16xf32> {init = {kind = "zeros"}, kind = "parameter"}
  // CHECK: func.func @aligned{{.*}}weir.arena_bytes = 512 : i64
  func.func @aligned(%x: tensor<16xf32>) -> tensor<16xf32> {
    %v = weir.read @v : tensor<16xf32>
    %w = weir.read @w : tensor<16xf32>
    %0 = weir.kernel "k0"(%a = %x : tensor<16xf32>, %b = %v : tensor<16xf32>) -> (tensor<16xf32>) {
      %s = weir.add %a, %b : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
      weir.yield %s : tensor<16xf32>
    }
    %1 = weir.kernel "k1"(%a = %0 : tensor<16xf32>, %b = %w : tensor<16xf32>) -> (tensor<16xf32>) {
      %s = weir.add %a, %b : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
      weir.yield %s : tensor<16xf32>
    }
    return %1 : tensor<16xf32>
  }
}

// -----

// Two of a concat's operands are one value, which has one place.
func.func @twice(%x: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %0 = weir.kernel "k0"(%a = %x : tensor<4x8xf32>) -> (tensor<4x8xf32>) {
    weir.yield %a : tensor<4x8xf32>
  }
  // expected-error@+1 {{expects to stand in a kernel; run 'form-groups' first}}
  %1 = weir.concat %0, %0 : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x16xf32>
  %2 = weir.kernel "k1"(%a = %1 : tensor<4x16xf32>) -> (tensor<4x16xf32>) {
    weir.yield %a : tensor<4x16xf32>
  }
  return %2 : tensor<4x16xf32>
}
