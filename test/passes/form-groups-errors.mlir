// RUN: weir-opt %s --form-groups --verify-diagnostics

// The backward pass has to be there.
weir.variable @w : tensor<3x3xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @train_step(%x: tensor<2x3xf32>, %label: tensor<2xi32>, %lr: tensor<f32>, %counter: tensor<3xi32>) -> (tensor<f32>, tensor<i32>) {
  %w = weir.read @w : tensor<3x3xf32>
  %y = weir.dense %x, %w {units = 3 : i64, use_bias = false} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x3xf32>
  %loss, %correct = weir.cross_entropy %y, %label : (tensor<2x3xf32>, tensor<2xi32>) -> (tensor<f32>, tensor<i32>)
  // expected-error @+1 {{'form-groups' expects IR that 'differentiate' has been run on}}
  weir.minimize %loss with "sgd" {momentum = 0.0} at %counter (%lr) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return %loss, %correct : tensor<f32>, tensor<i32>
}
