// RUN: weir-opt %s --form-groups --split-input-file | FileCheck %s
// RUN: weir-opt %s --form-groups --plan-memory --split-input-file | FileCheck %s --check-prefix=PLAN
// RUN: weir-opt %s --form-groups --plan-memory --remarks-filter="memory" --split-input-file --verify-diagnostics -o /dev/null

// Both expands of a fire module write their halves of the concat's rows: no kernel joins them, and one buffer holds all.
// The gradient's slices are read where they lie.
weir.variable @a : tensor<16x64xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @b : tensor<16x32xf32> {init = {kind = "zeros"}, kind = "parameter"}
// CHECK-LABEL: func.func @fire
// CHECK: %[[X:.*]] = weir.kernel "relu_f32_18x16"
// CHECK: %[[A:.*]] = weir.kernel "dense_relu_f32_18x16x64_into96"
// CHECK: weir.kernel "dense_relu_f32_18x16x32_into96"
// CHECK: %[[WHOLE:.*]] = weir.concat %{{.*}}, %{{.*}} : (tensor<2x3x3x64xf32>, tensor<2x3x3x32xf32>) -> tensor<2x3x3x96xf32>
// CHECK: weir.kernel "max_pool2d_f32_2x1x1x96"(%{{.*}} = %[[WHOLE]] : tensor<2x3x3x96xf32>)
// CHECK: %[[DY:.*]] = weir.kernel "max_pool2d_grad_f32_2x3x3x96"
// CHECK: weir.slice %[[DY]]
// CHECK: weir.kernel "relu_grad_f32_18x64_from96"
// CHECK: weir.kernel "relu_grad_f32_18x32_from96"
// CHECK-NOT: weir.kernel "concat
// CHECK-NOT: weir.kernel "slice
// 1152 bytes of %x, 6912 of the concat.
// PLAN-LABEL: func.func @fire
// PLAN: weir.kernel "dense_relu_f32_18x16x64_into96"{{.*}}output_storage = [#weir.storage<arena, 0, pitch = 96>]
// PLAN: weir.kernel "dense_relu_f32_18x16x32_into96"{{.*}}output_storage = [#weir.storage<arena, 256, pitch = 96>]
// PLAN: weir.kernel "max_pool2d_f32_2x1x1x96"{{.*}} attributes {input_storage = [#weir.storage<arena, 0>]
// PLAN: weir.kernel "max_pool2d_grad_f32_2x3x3x96"{{.*}}output_storage = [#weir.storage<arena, [[DY:[0-9]+]]>]
// PLAN: weir.kernel "relu_grad_f32_18x64_from96"{{.*}}input_storage = [#weir.storage<arena, 0, pitch = 96>, #weir.storage<arena, [[DY]], pitch = 96>]
func.func @fire(%image: tensor<18x16xf32>, %dz: tensor<2x1x1x96xf32>) -> (tensor<2x1x1x96xf32>, tensor<16x64xf32>, tensor<16x32xf32>) {
  %wa = weir.read @a : tensor<16x64xf32>
  %wb = weir.read @b : tensor<16x32xf32>
  %x = weir.relu %image : tensor<18x16xf32>
  %0 = weir.dense %x, %wa {units = 64 : i64, use_bias = false} : (tensor<18x16xf32>, tensor<16x64xf32>) -> tensor<18x64xf32>
  %1 = weir.relu %0 : tensor<18x64xf32>
  %2 = weir.view %1 : tensor<18x64xf32> -> tensor<2x3x3x64xf32>
  %3 = weir.dense %x, %wb {units = 32 : i64, use_bias = false} : (tensor<18x16xf32>, tensor<16x32xf32>) -> tensor<18x32xf32>
  %4 = weir.relu %3 : tensor<18x32xf32>
  %5 = weir.view %4 : tensor<18x32xf32> -> tensor<2x3x3x32xf32>
  // expected-remark@+1 {{'concat' moves no data: what it joins is written to its place in it}}
  %y = weir.concat %2, %5 : (tensor<2x3x3x64xf32>, tensor<2x3x3x32xf32>) -> tensor<2x3x3x96xf32>
  %z, %index = weir.max_pool2d %y {kernel = array<i64: 3>, stride = array<i64: 3>} : (tensor<2x3x3x96xf32>) -> (tensor<2x1x1x96xf32>, tensor<2x1x1x96xi32>)
  %dy = weir.max_pool2d_grad %dz, %index {kernel = array<i64: 3>, stride = array<i64: 3>, padding = array<i64: 0>} : (tensor<2x1x1x96xf32>, tensor<2x1x1x96xi32>) -> tensor<2x3x3x96xf32>
  // expected-remark@+1 {{'slice' moves no data: it is read where it lies}}
  %6 = weir.slice %dy {begin = 0 : i64, end = 64 : i64} : (tensor<2x3x3x96xf32>) -> tensor<2x3x3x64xf32>
  %7 = weir.view %6 : tensor<2x3x3x64xf32> -> tensor<18x64xf32>
  %8 = weir.relu_grad %1, %7 : tensor<18x64xf32>
  %da = weir.dense_weight_grad %x, %8 : (tensor<18x16xf32>, tensor<18x64xf32>) -> tensor<16x64xf32>
  // expected-remark@+1 {{'slice' moves no data: it is read where it lies}}
  %9 = weir.slice %dy {begin = 64 : i64, end = 96 : i64} : (tensor<2x3x3x96xf32>) -> tensor<2x3x3x32xf32>
  %10 = weir.view %9 : tensor<2x3x3x32xf32> -> tensor<18x32xf32>
  %11 = weir.relu_grad %4, %10 : tensor<18x32xf32>
  %db = weir.dense_weight_grad %x, %11 : (tensor<18x16xf32>, tensor<18x32xf32>) -> tensor<16x32xf32>
  return %z, %da, %db : tensor<2x1x1x96xf32>, tensor<16x64xf32>, tensor<16x32xf32>
}

// -----

// What nobody writes in place is copied to its place: an argument, a variable, what is returned, what stands in another
// concat (or in this one twice), what is read in other rows.
weir.variable @v : tensor<4x8xf32> {init = {kind = "zeros"}, kind = "statistic"}
// CHECK-LABEL: func.func @copied
// CHECK: weir.kernel "copy_f32_4x8_into64"(%{{.*}} = %arg0 : tensor<4x8xf32>)
// CHECK: weir.kernel "copy_f32_4x8_into64"(%{{.*}} = %0 : tensor<4x8xf32>)
// CHECK: weir.concat
// CHECK: weir.kernel "copy_f32_4x8_from64_into24"
// CHECK: weir.concat
func.func @copied(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x64xf32>, tensor<4x24xf32>, tensor<2x16xf32>) {
  %v = weir.read @v : tensor<4x8xf32>
  %out = weir.relu %x : tensor<4x8xf32>
  %a = weir.tanh %x : tensor<4x8xf32>
  %b = weir.sigmoid %x : tensor<4x8xf32>
  %square = weir.view %b : tensor<4x8xf32> -> tensor<2x16xf32>
  %c = weir.elu %square : tensor<2x16xf32>
  %d = weir.swish %x : tensor<4x8xf32>
  // expected-remark@+6 {{'concat' moves no data}}
  // expected-remark@+5 {{operand 1 of 'concat' is copied into its place: it is an argument}}
  // expected-remark@+4 {{operand 2 of 'concat' is copied into its place: it is a variable}}
  // expected-remark@+3 {{operand 3 of 'concat' is copied into its place: its value is returned or assigned}}
  // expected-remark@+2 {{operand 5 of 'concat' is copied into its place: it is used in a shape with other rows}}
  // expected-remark@+1 {{operand 6 of 'concat' is copied into its place: it has a place in a concat already}}
  %y = weir.concat %x, %v, %out, %a, %b, %a, %d, %d : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x64xf32>
  // expected-remark@-1 {{operand 8 of 'concat' is copied into its place: it has a place in a concat already}}
  %f = weir.hard_swish %x : tensor<4x8xf32>
  %g = weir.gelu %x : tensor<4x8xf32>
  // expected-remark@+2 {{'concat' moves no data}}
  // expected-remark@+1 {{operand 1 of 'concat' is copied into its place: it has a place in a concat already}}
  %z = weir.concat %a, %f, %g : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x24xf32>
  %y2 = weir.relu %y : tensor<4x64xf32>
  %z2 = weir.relu %z : tensor<4x24xf32>
  return %out, %y2, %z2, %c : tensor<4x8xf32>, tensor<4x64xf32>, tensor<4x24xf32>, tensor<2x16xf32>
}

// -----

// Not at all: where nothing can be written in place, where the whole is returned, where ranges are no ranges of rows.
// CHECK-LABEL: func.func @together
// CHECK: weir.kernel "concat_f32_4x16"
// CHECK: weir.kernel "concat_f32_4x16"
// CHECK: weir.kernel "concat_f32_2x4x3"
// CHECK: weir.kernel "slice_f32_4x3"
// CHECK: weir.kernel "slice_f32_4x5"
// CHECK: weir.kernel "slice_f32_2x1x3"
func.func @together(%x: tensor<4x8xf32>, %i: tensor<2x2x3xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>, tensor<2x4x3xf32>, tensor<4x3xf32>, tensor<4x5xf32>, tensor<2x1x3xf32>) {
  %a = weir.relu %x : tensor<4x8xf32>
  %b = weir.tanh %x : tensor<4x8xf32>
  // expected-remark@+1 {{'concat' is copied together: its value is returned or assigned}}
  %0 = weir.concat %a, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x16xf32>
  // expected-remark@+1 {{'concat' is copied together: of operand 1, it is an argument}}
  %1 = weir.concat %x, %x : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x16xf32>
  %c = weir.relu %i : tensor<2x2x3xf32>
  %d = weir.tanh %i : tensor<2x2x3xf32>
  // expected-remark@+1 {{'concat' is copied together: its operands are no ranges of its rows}}
  %2 = weir.concat %c, %d {axis = 0 : i64} : (tensor<2x2x3xf32>, tensor<2x2x3xf32>) -> tensor<2x4x3xf32>
  // expected-remark@+1 {{'slice' is copied out: its value is returned or assigned}}
  %3 = weir.slice %a {begin = 0 : i64, end = 3 : i64} : (tensor<4x8xf32>) -> tensor<4x3xf32>
  // expected-remark@+1 {{'slice' is copied out: of what it is a part of, it is an argument}}
  %4 = weir.slice %x {begin = 0 : i64, end = 5 : i64} : (tensor<4x8xf32>) -> tensor<4x5xf32>
  %5 = weir.gelu %4 : tensor<4x5xf32>
  // expected-remark@+1 {{'slice' is copied out: it is no range of each row}}
  %6 = weir.slice %d {axis = 0 : i64, begin = 1 : i64, end = 2 : i64} : (tensor<2x2x3xf32>) -> tensor<2x1x3xf32>
  %7 = weir.gelu %6 : tensor<2x1x3xf32>
  %8 = weir.gelu %1 : tensor<4x16xf32>
  %9 = weir.gelu %2 : tensor<2x4x3xf32>
  return %0, %8, %9, %3, %5, %7 : tensor<4x16xf32>, tensor<4x16xf32>, tensor<2x4x3xf32>, tensor<4x3xf32>, tensor<4x5xf32>, tensor<2x1x3xf32>
}

// -----

// A concat in a concat, and slices of slices: one buffer of 4 rows of 24 values. Ranges of a single image's rows follow
// each other: no pitch.
// PLAN-LABEL: func.func @nested
// PLAN-SAME: weir.arena_bound = 384 : i64, weir.arena_bytes = 384 : i64
// PLAN: weir.kernel "relu_f32_4x8_into24"{{.*}}output_storage = [#weir.storage<arena, 0, pitch = 24>]
// PLAN: weir.kernel "tanh_f32_4x8_into24"{{.*}}output_storage = [#weir.storage<arena, 32, pitch = 24>]
// PLAN: weir.kernel "elu_f32_4x8_into24"{{.*}}output_storage = [#weir.storage<arena, 64, pitch = 24>]
// PLAN: weir.kernel "gelu_f32_4x2_from24"{{.*}}input_storage = [#weir.storage<arena, 44, pitch = 24>]
func.func @nested(%x: tensor<4x8xf32>) -> tensor<4x2xf32> {
  %a = weir.relu %x : tensor<4x8xf32>
  %b = weir.tanh %x : tensor<4x8xf32>
  // expected-remark@+1 {{'concat' moves no data}}
  %0 = weir.concat %a, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x16xf32>
  %c = weir.elu %x : tensor<4x8xf32>
  // expected-remark@+1 {{'concat' moves no data}}
  %1 = weir.concat %0, %c : (tensor<4x16xf32>, tensor<4x8xf32>) -> tensor<4x24xf32>
  // expected-remark@+1 {{'slice' moves no data}}
  %2 = weir.slice %1 {begin = 10 : i64, end = 20 : i64} : (tensor<4x24xf32>) -> tensor<4x10xf32>
  // expected-remark@+1 {{'slice' moves no data}}
  %3 = weir.slice %2 {begin = 1 : i64, end = 3 : i64} : (tensor<4x10xf32>) -> tensor<4x2xf32>
  %4 = weir.gelu %3 : tensor<4x2xf32>
  return %4 : tensor<4x2xf32>
}
// PLAN-LABEL: func.func @one_image
// PLAN: weir.kernel "relu_f32_1x2x3"{{.*}}output_storage = [#weir.storage<arena, 0>]
// PLAN: weir.kernel "tanh_f32_1x2x3"{{.*}}output_storage = [#weir.storage<arena, 24>]
// PLAN: weir.kernel "gelu_f32_1x1x3"{{.*}}input_storage = [#weir.storage<arena, 12>]
func.func @one_image(%x: tensor<1x2x3xf32>) -> (tensor<1x4x3xf32>, tensor<1x1x3xf32>) {
  %a = weir.relu %x : tensor<1x2x3xf32>
  %b = weir.tanh %x : tensor<1x2x3xf32>
  // expected-remark@+1 {{'concat' moves no data}}
  %0 = weir.concat %a, %b {axis = 0 : i64} : (tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<1x4x3xf32>
  %1 = weir.elu %0 : tensor<1x4x3xf32>
  // expected-remark@+1 {{'slice' moves no data}}
  %2 = weir.slice %0 {axis = 0 : i64, begin = 1 : i64, end = 2 : i64} : (tensor<1x4x3xf32>) -> tensor<1x1x3xf32>
  %3 = weir.gelu %2 : tensor<1x1x3xf32>
  return %1, %3 : tensor<1x4x3xf32>, tensor<1x1x3xf32>
}

// -----

// Rows of a variable are read where they lie, before its new value is written over them.
weir.variable @table : tensor<1x4x3xf32> {init = {kind = "zeros"}, kind = "parameter"}
// CHECK-LABEL: func.func @of_variable
// CHECK-NOT: weir.kernel "slice
// CHECK: weir.kernel "add_f32_1x2x3"
// CHECK: weir.kernel "mul_f32_1x4x3"
// PLAN-LABEL: func.func @of_variable
// PLAN: weir.kernel "add_f32_1x2x3"{{.*}}input_storage = [{{.*}}#weir.storage<variables, 12>]
// PLAN: weir.kernel "mul_f32_1x4x3"{{.*}}output_storage = [#weir.storage<variables, 0>]
func.func @of_variable(%x: tensor<1x2x3xf32>, %y: tensor<1x4x3xf32>) -> tensor<1x2x3xf32> {
  %table = weir.read @table : tensor<1x4x3xf32>
  // expected-remark@+1 {{writes 'table' in place}}
  %new = weir.mul %table, %y : (tensor<1x4x3xf32>, tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  weir.assign @table, %new : tensor<1x4x3xf32>
  // expected-remark@+1 {{'slice' moves no data}}
  %rows = weir.slice %table {axis = 0 : i64, begin = 1 : i64, end = 3 : i64} : (tensor<1x4x3xf32>) -> tensor<1x2x3xf32>
  %sum = weir.add %x, %rows : (tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  return %sum : tensor<1x2x3xf32>
}

// -----

// Sub-buffers of OpenCL begin at multiples of 512 bytes.
module attributes {weir.alignment = 512 : i64, weir.device = "opencl"} {
  // CHECK-LABEL: func.func @sub_buffers
  // CHECK: weir.kernel "concat_f32_4x16"
  // CHECK: weir.kernel "relu_f32_4x128_into136"
  // CHECK: weir.kernel "tanh_f32_4x8_into136"
  func.func @sub_buffers(%x: tensor<4x8xf32>, %w: tensor<4x128xf32>) -> (tensor<4x16xf32>, tensor<4x136xf32>) {
    %a = weir.relu %x : tensor<4x8xf32>
    %b = weir.tanh %x : tensor<4x8xf32>
    // expected-remark@+1 {{'concat' is copied together: operand 2 would begin 32 bytes behind the first, and the device wants multiples of 512}}
    %0 = weir.concat %a, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x16xf32>
    %1 = weir.gelu %0 : tensor<4x16xf32>
    %c = weir.relu %w : tensor<4x128xf32>
    %d = weir.tanh %x : tensor<4x8xf32>
    // expected-remark@+1 {{'concat' moves no data}}
    %2 = weir.concat %c, %d : (tensor<4x128xf32>, tensor<4x8xf32>) -> tensor<4x136xf32>
    %3 = weir.gelu %2 : tensor<4x136xf32>
    return %1, %3 : tensor<4x16xf32>, tensor<4x136xf32>
  }
}

