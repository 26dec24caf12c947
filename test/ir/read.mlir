// RUN: weir-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @read
// CHECK: weir.read @dense_1.weight : tensor<2x3xf32>
weir.variable @dense_1.weight : tensor<2x3xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @read() -> tensor<2x3xf32> {
  %0 = weir.read @dense_1.weight : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// C1
func.func @missing() {
  // expected-error@+1 {{expects a variable, but there is no 'w'}}
  %0 = weir.read @w : tensor<3xf32>
  return
}

// -----

// C1: a function is no variable.
func.func @function() {
  // expected-error@+1 {{expects a variable, but there is no 'function'}}
  %0 = weir.read @function : tensor<3xf32>
  return
}

// -----

// C2
// expected-note@+1 {{the variable stands here}}
weir.variable @w : tensor<2x3xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @type() {
  // expected-error@+1 {{expects type 'tensor<2x3xf32>' of variable 'w', but got 'tensor<3x2xf32>'}}
  %0 = weir.read @w : tensor<3x2xf32>
  return
}
