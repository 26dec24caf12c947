// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s

// The last assignment holds.
// CHECK: assign @w: 4 5
weir.variable @w : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @assign(%first: tensor<2xf32> {weir.value = dense<[1.0, 2.0]> : tensor<2xf32>},
                  %second: tensor<2xf32> {weir.value = dense<[4.0, 5.0]> : tensor<2xf32>}) {
  weir.assign @w, %first : tensor<2xf32>
  weir.assign @w, %second : tensor<2xf32>
  return
}

// -----

// C1
func.func @missing(%x: tensor<3xf32>) {
  // expected-error@+1 {{expects a variable, but there is no 'w'}}
  weir.assign @w, %x : tensor<3xf32>
  return
}

// -----

// C2
// expected-note@+1 {{the variable stands here}}
weir.variable @w : tensor<2x3xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @type(%x: tensor<3xf32>) {
  // expected-error@+1 {{expects type 'tensor<2x3xf32>' of variable 'w', but got 'tensor<3xf32>'}}
  weir.assign @w, %x : tensor<3xf32>
  return
}
