// One training step by hand, before the passes after differentiate and behind each of them.
// RUN: weir-opt %s --differentiate --evaluate -o /dev/null | FileCheck --match-full-lines %s
// RUN: weir-opt %s --simplify --differentiate --simplify --evaluate -o /dev/null | FileCheck --match-full-lines %s
// RUN: weir-opt %s --simplify --differentiate --simplify --form-groups --evaluate -o /dev/null | FileCheck --match-full-lines %s
// RUN: weir-opt %s --simplify --differentiate --simplify --form-groups --plan-memory --evaluate -o /dev/null | FileCheck --match-full-lines %s

weir.variable @dense_1.weight : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @dense_1.bias : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter"}

// All weights are 0, so both classes have probability 1/2: the loss is log 2, and the first of the equals is no right
// answer. The logits' gradient is [0.5 -0.5], the weight's [1 2]^T times that, the bias' the same as the logits'.
// The learning rate is 2; sgd's velocity without momentum is the gradient.
// CHECK: train: 0.693147
// CHECK-NEXT: train: 0
// CHECK-DAG: train @dense_1.weight: -1 1 -2 2
// CHECK-DAG: train @dense_1.weight.sgd.velocity: 0.5 -0.5 1 -1
// CHECK-DAG: train @dense_1.bias: -1 1
// CHECK-DAG: train @dense_1.bias.sgd.velocity: 0.5 -0.5
func.func @train(%image: tensor<1x1x2x1xf32> {weir.value = dense<[[[[1.0], [2.0]]]]> : tensor<1x1x2x1xf32>},
                 %label: tensor<1xi32> {weir.value = dense<1> : tensor<1xi32>},
                 %rate: tensor<f32> {weir.value = dense<2.0> : tensor<f32>},
                 %counter: tensor<3xi32> {weir.value = dense<0> : tensor<3xi32>}) -> (tensor<f32>, tensor<i32>) {
  %w = weir.read @dense_1.weight : tensor<2x2xf32>
  %b = weir.read @dense_1.bias : tensor<2xf32>
  %x = weir.flatten %image : (tensor<1x1x2x1xf32>) -> tensor<1x2xf32>
  %y = weir.dense %x, %w, %b {units = 2 : i64} : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %loss, %correct = weir.cross_entropy %y, %label : (tensor<1x2xf32>, tensor<1xi32>) -> (tensor<f32>, tensor<i32>)
  weir.minimize %loss with "sgd" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return %loss, %correct : tensor<f32>, tensor<i32>
}
