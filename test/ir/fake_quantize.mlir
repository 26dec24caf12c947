// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Steps of 0.5 from -1 (zero point 2) to 126.5: halves go to the even integer of all: 0.25 is 2.5 -> 2, that is 0; 0.75 is 3.5 -> 4, that is 1;
// what lies outside to the ends.
// CHECK: values: 0 0 1 -1 -1 126.5 126.5
func.func @values(%x: tensor<7xf32> {weir.value = dense<[0.0, 0.25, 0.75, -0.75, -5.0, 126.6, 1000.0]> : tensor<7xf32>},
                  %l: tensor<f32> {weir.value = dense<-1.0> : tensor<f32>}, %h: tensor<f32> {weir.value = dense<126.5> : tensor<f32>}) -> tensor<7xf32> {
  %0 = weir.fake_quantize %x, %l, %h : (tensor<7xf32>, tensor<f32>, tensor<f32>) -> tensor<7xf32>
  return %0 : tensor<7xf32>
}

// A range that does not hold 0 is widened: 0 to 255 and -255 to 0.
// CHECK-NEXT: widened: 0 3 255
// CHECK-NEXT: widened: -2 0 0
func.func @widened(%x: tensor<3xf32> {weir.value = dense<[-1.6, 3.4, 300.0]> : tensor<3xf32>}, %l: tensor<f32> {weir.value = dense<100.0> : tensor<f32>},
                   %h: tensor<f32> {weir.value = dense<255.0> : tensor<f32>}, %m: tensor<f32> {weir.value = dense<-255.0> : tensor<f32>},
                   %n: tensor<f32> {weir.value = dense<-7.0> : tensor<f32>}) -> (tensor<3xf32>, tensor<3xf32>) {
  %0 = weir.fake_quantize %x, %l, %h : (tensor<3xf32>, tensor<f32>, tensor<f32>) -> tensor<3xf32>
  %1 = weir.fake_quantize %x, %m, %n : (tensor<3xf32>, tensor<f32>, tensor<f32>) -> tensor<3xf32>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}

// Symmetric, channel by channel: 127 steps to the larger end; a channel of nothing but 0.
// CHECK-NEXT: symmetric: 1 0 0 -127 3 0
func.func @symmetric(%x: tensor<2x3xf32> {weir.value = dense<[[1.4, 0.25, 0.0], [-130.0, 2.6, 5.0]]> : tensor<2x3xf32>},
                     %l: tensor<3xf32> {weir.value = dense<[-127.0, -1.0, 0.0]> : tensor<3xf32>}, %h: tensor<3xf32> {weir.value = dense<[3.0, 127.0, 0.0]> : tensor<3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.fake_quantize %x, %l, %h {symmetric = true} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// C1
func.func @range(%x: tensor<2x3xf32>, %l: tensor<2xf32>) {
  // expected-error@+1 {{'weir.fake_quantize' op expects a range of scalars or of one number a channel, but got 2 for values of 2x3}}
  %0 = weir.fake_quantize %x, %l, %l : (tensor<2x3xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}
