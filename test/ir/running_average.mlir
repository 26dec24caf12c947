// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// 0.9 * 1 + 0.1 * 4/3 * 3 = 1.3, 0.9 * 10 + 0.1 * 4/3 * 30 = 13.
// CHECK: average: 1.3 13
func.func @average(%old: tensor<2xf32> {weir.value = dense<[1.0, 10.0]> : tensor<2xf32>},
                   %batch: tensor<2xf32> {weir.value = dense<[3.0, 30.0]> : tensor<2xf32>})
    -> tensor<2xf32> {
  %0 = weir.running_average %old, %batch {correction = 1.3333333333333333, momentum = 0.1} : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// expected-note@+1 {{prior use here}}
func.func @types(%old: tensor<2xf32>, %batch: tensor<3xf32>) {
  // expected-error@+1 {{use of value '%old' expects different type than prior uses: 'tensor<3xf32>' vs 'tensor<2xf32>'}}
  %0 = weir.running_average %old, %batch {correction = 1.0, momentum = 0.1} : tensor<3xf32>
  return
}
