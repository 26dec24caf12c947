// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics | FileCheck %s

// A kernel is its body, with its operands as block arguments. Storage changes nothing.
// CHECK: kernel: 3 5
// CHECK: kernel: 9 25
// CHECK-LABEL: func.func @kernel
// CHECK: weir.kernel "add_mul_f32_2"(%[[X:.*]] = %arg0 : tensor<2xf32>, %[[Y:.*]] = %arg1 : tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
// CHECK-SAME: attributes {input_storage = [#weir.storage<argument, 0>, #weir.storage<argument, 1>],
// CHECK-SAME: output_storage = [#weir.storage<arena, 64>, #weir.storage<result, 1>], symbol = "add_mul"}
// CHECK: %[[SUM:.*]] = weir.add %[[X]], %[[Y]]
// CHECK: weir.yield %[[SUM]], %{{.*}} : tensor<2xf32>, tensor<2xf32>
func.func @kernel(%x: tensor<2xf32> {weir.value = dense<[1.0, 2.0]> : tensor<2xf32>},
                  %y: tensor<2xf32> {weir.value = dense<[2.0, 3.0]> : tensor<2xf32>}) -> (tensor<2xf32>, tensor<2xf32>) {
  %0:2 = weir.kernel "add_mul_f32_2"(%a = %x : tensor<2xf32>, %b = %y : tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
      attributes {symbol = "add_mul",
                  input_storage = [#weir.storage<argument, 0>, #weir.storage<argument, 1>],
                  output_storage = [#weir.storage<arena, 64>, #weir.storage<result, 1>]} {
    %1 = weir.add %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %2 = weir.mul %1, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    weir.yield %1, %2 : tensor<2xf32>, tensor<2xf32>
  }
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xf32>
}

// Neither operands nor results are needed; a yielded argument is a copy.
// CHECK-LABEL: func.func @edges
// CHECK: weir.kernel "nothing"() -> () {
// CHECK: weir.kernel "copy"(%[[A:.*]] = %arg0 : tensor<i32>) -> (tensor<i32>) {
// CHECK: weir.yield %[[A]] : tensor<i32>
func.func @edges(%x: tensor<i32> {weir.value = dense<5> : tensor<i32>}) -> tensor<i32> {
  weir.kernel "nothing"() -> () {
    weir.yield
  }
  %0 = weir.kernel "copy"(%a = %x : tensor<i32>) -> (tensor<i32>) {
    weir.yield %a : tensor<i32>
  }
  return %0 : tensor<i32>
}

// -----

// C1
func.func @arguments(%x: tensor<2xf32>) {
  // expected-error@+1 {{expects block arguments of its operands' types}}
  "weir.kernel"(%x) <{name = "k"}> ({
  ^bb0(%a: tensor<3xf32>):
    weir.yield
  }) : (tensor<2xf32>) -> ()
  return
}

// -----

// C2
func.func @results(%x: tensor<2xf32>) {
  // expected-error@+1 {{expects 'weir.yield' of values of its results' types}}
  %0 = weir.kernel "k"(%a = %x : tensor<2xf32>) -> (tensor<3xf32>) {
    weir.yield %a : tensor<2xf32>
  }
  return
}

// -----

// C3
weir.variable @w : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @impure() {
  %0 = weir.kernel "k"() -> (tensor<2xf32>) {
    // expected-error@+1 {{expects to stand outside a kernel: it is no pure op}}
    %1 = weir.read @w : tensor<2xf32>
    weir.yield %1 : tensor<2xf32>
  }
  return
}

// -----

// The body sees its own arguments only.
func.func @isolated(%x: tensor<2xf32>) {
  // expected-note@+1 {{required by region isolation constraints}}
  %0 = weir.kernel "k"() -> (tensor<2xf32>) {
    // expected-error@+1 {{using value defined outside the region}}
    weir.yield %x : tensor<2xf32>
  }
  return
}

// -----

// Storage, C1
func.func @space() {
  // expected-error@+1 {{'storage' expects argument, result, variables or arena, but got 'stack'}}
  weir.kernel "k"() -> () attributes {input_storage = [#weir.storage<stack, 0>]} {
    weir.yield
  }
  return
}

// -----

// Storage, C2
func.func @offset() {
  // expected-error@+1 {{'storage' expects an offset of at least 0, but got -64}}
  weir.kernel "k"() -> () attributes {input_storage = [#weir.storage<arena, -64>]} {
    weir.yield
  }
  return
}

// -----

// C4; the text of a storage with a pitch is what it was parsed from.
// CHECK-LABEL: func.func @pitch
// CHECK: attributes {input_storage = [#weir.storage<argument, 0>], output_storage = [#weir.storage<arena, 32, pitch = 12>]}
func.func @pitch(%x: tensor<3x4xf32>  {weir.value = dense<1.0> : tensor<3x4xf32>}) {
  %0 = weir.kernel "k"(%a = %x : tensor<3x4xf32>) -> (tensor<3x4xf32>)
      attributes {input_storage = [#weir.storage<argument, 0>], output_storage = [#weir.storage<arena, 32, pitch = 12>]} {
    weir.yield %a : tensor<3x4xf32>
  }
  return
}

// -----

func.func @long_rows(%x: tensor<3x4xf32>) {
  // expected-error@+1 {{expects rows that are no longer than their pitch, but got 'tensor<3x4xf32>' at #weir.storage<argument, 0, pitch = 3>}}
  %0 = weir.kernel "k"(%a = %x : tensor<3x4xf32>) -> (tensor<3x4xf32>)
      attributes {input_storage = [#weir.storage<argument, 0, pitch = 3>], output_storage = [#weir.storage<arena, 0>]} {
    weir.yield %a : tensor<3x4xf32>
  }
  return
}

// -----

func.func @one_storage(%x: tensor<4xf32>) {
  // expected-error@+1 {{expects storage of 1 values, but got []}}
  %0 = weir.kernel "k"(%a = %x : tensor<4xf32>) -> (tensor<4xf32>) attributes {input_storage = [], output_storage = []} {
    weir.yield %a : tensor<4xf32>
  }
  return
}
