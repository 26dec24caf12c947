// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Through where the integer is one of 0 to 255, nothing where it was cut off: -1.25 is -2.5 -> -2 + 2 = 0 and still goes through, -1.3 is -3 + 2.
// CHECK: grad: 0 2 3 4 0
func.func @grad(%x: tensor<5xf32> {weir.value = dense<[-1.3, -1.25, 0.0, 126.7, 126.8]> : tensor<5xf32>},
                %l: tensor<f32> {weir.value = dense<-1.0> : tensor<f32>}, %h: tensor<f32> {weir.value = dense<126.5> : tensor<f32>},
                %dy: tensor<5xf32> {weir.value = dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>}) -> tensor<5xf32> {
  %0 = weir.fake_quantize_grad %x, %l, %h, %dy : (tensor<5xf32>, tensor<f32>, tensor<f32>, tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// CHECK-NEXT: symmetric: 0 2 3 0
func.func @symmetric(%x: tensor<4xf32> {weir.value = dense<[-128.0, -127.0, 127.0, 128.0]> : tensor<4xf32>},
                     %l: tensor<f32> {weir.value = dense<-1.0> : tensor<f32>}, %h: tensor<f32> {weir.value = dense<127.0> : tensor<f32>},
                     %dy: tensor<4xf32> {weir.value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>}) -> tensor<4xf32> {
  %0 = weir.fake_quantize_grad %x, %l, %h, %dy {symmetric = true} : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// C1
func.func @range(%x: tensor<2x3xf32>, %l: tensor<2xf32>) {
  // expected-error@+1 {{'weir.fake_quantize_grad' op expects a range of scalars or of one number a channel, but got 2 for values of 2x3}}
  %0 = weir.fake_quantize_grad %x, %l, %l, %x : (tensor<2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
