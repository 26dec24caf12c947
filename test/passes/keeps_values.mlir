// Grouping and planning change where values are computed and kept, not what they are.
// RUN: weir-opt %s --evaluate -o /dev/null | FileCheck --match-full-lines %s
// RUN: weir-opt %s --simplify --evaluate -o /dev/null | FileCheck --match-full-lines %s
// RUN: weir-opt %s --form-groups --evaluate -o /dev/null | FileCheck --match-full-lines %s
// RUN: weir-opt %s --simplify --form-groups --plan-memory --evaluate -o /dev/null | FileCheck --match-full-lines %s

weir.variable @a : tensor<2xf32> {init = {kind = "zeros"}, kind = "statistic", weir.value = dense<[10.0, 20.0]> : tensor<2xf32>}
weir.variable @b : tensor<2xf32> {init = {kind = "zeros"}, kind = "statistic"}

// The old value, the new value twice.
// CHECK: assigned: 10 20
// CHECK-NEXT: assigned: 11 22
// CHECK-NEXT: assigned @a: 11 22
// CHECK-NEXT: assigned @b: 11 22
func.func @assigned(%x: tensor<2xf32> {weir.value = dense<[1.0, 2.0]> : tensor<2xf32>}) -> (tensor<2xf32>, tensor<2xf32>) {
  %old = weir.read @a : tensor<2xf32>
  %new = weir.add %old, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  weir.assign @a, %new : tensor<2xf32>
  weir.assign @b, %new : tensor<2xf32>
  return %old, %new : tensor<2xf32>, tensor<2xf32>
}

// Two steps in one: 10 + 1 + 11, 20 + 2 + 22.
// CHECK-NEXT: forwarded: 22 44
// CHECK-NEXT: forwarded @a: 22 44
func.func @forwarded(%x: tensor<2xf32> {weir.value = dense<[1.0, 2.0]> : tensor<2xf32>}) -> tensor<2xf32> {
  %0 = weir.read @a : tensor<2xf32>
  %1 = weir.add %0, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  weir.assign @a, %1 : tensor<2xf32>
  %2 = weir.read @a : tensor<2xf32>
  %3 = weir.add %1, %2 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  weir.assign @a, %3 : tensor<2xf32>
  %4 = weir.read @a : tensor<2xf32>
  return %4 : tensor<2xf32>
}

// Arguments, constants and views, returned and assigned.
// CHECK-NEXT: moved: 1 2
// CHECK-NEXT: moved: 7
// CHECK-NEXT: moved: 1 2
// CHECK-NEXT: moved @a: 1 2
// CHECK-NEXT: moved @b: 3 3
func.func @moved(%x: tensor<2xf32> {weir.value = dense<[1.0, 2.0]> : tensor<2xf32>}) -> (tensor<2xf32>, tensor<f32>, tensor<2x1xf32>) {
  %seven = weir.fill 7.0 : tensor<f32>
  %three = weir.fill 3.0 : tensor<1x2xf32>
  %row = weir.view %three : tensor<1x2xf32> -> tensor<2xf32>
  %column = weir.view %x : tensor<2xf32> -> tensor<2x1xf32>
  weir.assign @a, %x : tensor<2xf32>
  weir.assign @b, %row : tensor<2xf32>
  return %x, %seven, %column : tensor<2xf32>, tensor<f32>, tensor<2x1xf32>
}

// Each of the two products feeds an op that is the other's epilogue as well: [1 2] * 2 and [1 2] * 3.
// CHECK-NEXT: crosswise: 5 10
// CHECK-NEXT: crosswise: 6 24
func.func @crosswise(%x: tensor<2x1xf32> {weir.value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>},
                     %v: tensor<1x1xf32> {weir.value = dense<2.0> : tensor<1x1xf32>},
                     %w: tensor<1x1xf32> {weir.value = dense<3.0> : tensor<1x1xf32>}) -> (tensor<2x1xf32>, tensor<2x1xf32>) {
  %a = weir.dense %x, %v {units = 1 : i64} : (tensor<2x1xf32>, tensor<1x1xf32>) -> tensor<2x1xf32>
  %b = weir.dense %x, %w {units = 1 : i64} : (tensor<2x1xf32>, tensor<1x1xf32>) -> tensor<2x1xf32>
  %sum = weir.add %a, %b : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  %product = weir.mul %b, %a : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  return %sum, %product : tensor<2x1xf32>, tensor<2x1xf32>
}
