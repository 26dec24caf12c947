// A second function hands out every layer's result; weights, constants and views are none.
// RUN: weir-opt %s --observe | FileCheck %s
// RUN: weir-opt %s --observe --form-groups --plan-memory | FileCheck %s --check-prefix=PLAN

weir.variable @dense_1.weight : tensor<4x2xf32> {init = {kind = "zeros"}, kind = "parameter"}

// CHECK-LABEL: func.func @infer_b1
// CHECK: return %{{.*}} : tensor<1x2xf32>
// CHECK-LABEL: func.func @observe
// CHECK-SAME: -> (tensor<1x2x2x1xf32>, tensor<1x2xf32>, tensor<1x2xf32>)
// CHECK: %[[RELU:.*]] = weir.relu %arg0
// CHECK: %[[DENSE:.*]] = weir.dense
// CHECK: %[[SUM:.*]] = weir.add
// CHECK: return %[[RELU]], %[[DENSE]], %[[SUM]]

// One kernel writes both results behind the view.
// PLAN-LABEL: func.func @observe
// PLAN: weir.kernel "{{.*}}relu{{.*}}output_storage = [#weir.storage<result, 0>]
// PLAN: weir.kernel "dense{{.*}}output_storage = [#weir.storage<result, 1>, #weir.storage<result, 2>]
func.func @infer_b1(%image: tensor<1x2x2x1xf32>) -> tensor<1x2xf32> {
  %w = weir.read @dense_1.weight : tensor<4x2xf32>
  %c = weir.fill 0.5 : tensor<1x2xf32>
  %0 = weir.relu %image : tensor<1x2x2x1xf32>
  %1 = weir.view %0 : tensor<1x2x2x1xf32> -> tensor<1x4xf32>
  %2 = weir.dense %1, %w {units = 2 : i64} : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  %3 = weir.add %2, %c : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %3 : tensor<1x2xf32>
}
