// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s

// A read sees the assignment before it; variables that nothing gave a value start at zero.
// CHECK: twice: 1 2 3
// CHECK-NEXT: twice: 2 4 6
// CHECK-NEXT: twice: 0 0
// CHECK-NEXT: twice @a: 2 4 6
weir.variable @a : tensor<3xf32> {init = {kind = "zeros"}, kind = "parameter", weir.value = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>}
weir.variable @b : tensor<2xf32> {init = {kind = "zeros"}, kind = "optimizer"}
func.func @twice() -> (tensor<3xf32>, tensor<3xf32>, tensor<2xf32>) {
  %old = weir.read @a : tensor<3xf32>
  %sum = weir.add %old, %old : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  weir.assign @a, %sum : tensor<3xf32>
  %new = weir.read @a : tensor<3xf32>
  %b = weir.read @b : tensor<2xf32>
  return %old, %new, %b : tensor<3xf32>, tensor<3xf32>, tensor<2xf32>
}

// Each function starts with the module's values.
// CHECK-NEXT: again: 1 2 3
func.func @again() -> tensor<3xf32> {
  %0 = weir.read @a : tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

// One name, one variable.
// expected-note@+1 {{see existing symbol definition here}}
weir.variable @a : tensor<3xf32> {init = {kind = "zeros"}, kind = "parameter"}
// expected-error@+1 {{redefinition of symbol named 'a'}}
weir.variable @a : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter"}

// -----

// expected-error@+1 {{attribute 'type' failed to satisfy constraint}}
weir.variable @a : tensor<?xf32> {init = {kind = "zeros"}, kind = "parameter"}

// -----

// Values that are written in the IR, of each type that a variable may have; large ones stand at the end of the text.
// CHECK: value: 0.5 -1
// CHECK-NEXT: value: 3 3 3
// CHECK-NEXT: value: -128 127
// CHECK-NEXT: value: 1 -2
weir.variable @f : tensor<2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[0.5, -1.0]> : tensor<2xf32>}
weir.variable @splat : tensor<3xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<3.0> : tensor<3xf32>}
weir.variable @i8 : tensor<2xi8> {init = {kind = "embedded"}, kind = "parameter", value = dense<[-128, 127]> : tensor<2xi8>}
weir.variable @i32 : tensor<2xi32> {init = {kind = "embedded"}, kind = "parameter", value = dense_resource<numbers> : tensor<2xi32>}
func.func @value() -> (tensor<2xf32>, tensor<3xf32>, tensor<2xi8>, tensor<2xi32>) {
  %0 = weir.read @f : tensor<2xf32>
  %1 = weir.read @splat : tensor<3xf32>
  %2 = weir.read @i8 : tensor<2xi8>
  %3 = weir.read @i32 : tensor<2xi32>
  return %0, %1, %2, %3 : tensor<2xf32>, tensor<3xf32>, tensor<2xi8>, tensor<2xi32>
}

{-#
  dialect_resources: {
    builtin: {
      numbers: "0x0400000001000000FEFFFFFF"
    }
  }
#-}

// -----

// C1
// expected-error@+1 {{expects a value of type 'tensor<2xf32>', but got 'tensor<3xf32>'}}
weir.variable @f : tensor<2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<0.0> : tensor<3xf32>}

// -----

// C1
// expected-error@+1 {{expects a value of type 'tensor<2xi8>', but got 'tensor<2xi32>'}}
weir.variable @f : tensor<2xi8> {init = {kind = "embedded"}, kind = "parameter", value = dense<0> : tensor<2xi32>}
