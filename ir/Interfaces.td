//===- Interfaces.td - what an op of the dialect must answer -----------------------------===//
//
// Three questions: what does it compute (ReferenceOp), what is its gradient (DifferentiableOp),
// which weights does it own (LayerOp). The answers stand together in ir/semantics/<Family>.cpp.
//
//===------------------------------------------------------------------------------------===//

#ifndef WEIR_IR_INTERFACES_TD
#define WEIR_IR_INTERFACES_TD

include "mlir/IR/OpBase.td"

def ReferenceOpInterface : OpInterface<"ReferenceOpInterface"> {
  let cppNamespace = "::weir";
  let description = [{
    Reference semantics by naive loops in float64: the oracle that kernels, passes and gradients
    are compared with. It shares no code with the kernels.
  }];
  let methods = [InterfaceMethod<[{
      Computes `results` (shaped as the op's results, zero-filled) from `operands`, in op order.
    }], "void", "evaluate",
    (ins "::llvm::ArrayRef<::weir::reference::Tensor>":$operands,
         "::llvm::MutableArrayRef<::weir::reference::Tensor>":$results)>];
}

def DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::weir";
  let description = [{
    The op's row in the gradient table: a vector-Jacobian product, built as ops.
  }];
  let methods = [InterfaceMethod<[{
      Appends, for each operand, the gradient of the loss with respect to it, given those with
      respect to the results; a null value where there is none (labels, counters) or where
      `wanted` is false for that operand.
    }], "::llvm::SmallVector<::mlir::Value>", "buildGradient",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$resultGradients,
         "::llvm::ArrayRef<bool>":$wanted)>];
}

def LayerOpInterface : OpInterface<"LayerOpInterface"> {
  let cppNamespace = "::weir";
  let description = [{
    A layer that owns weights: it says which, and how many multiply-accumulates one image costs.
  }];
  let methods = [
    StaticInterfaceMethod<[{
      The weights of a layer called with tensors of types `inputs` and attributes `attributes`, one
      per operand of kind Parameter that is wanted. Emits an error through `emitError` and fails
      where the call makes no sense.
    }], "::llvm::FailureOr<::llvm::SmallVector<::weir::ParameterSpec>>", "inferParameters",
    (ins "::mlir::TypeRange":$inputs, "::mlir::DictionaryAttr":$attributes,
         "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError)>,
    InterfaceMethod<"Multiply-accumulate operations for one image of the batch.",
                    "int64_t", "countMacs">];
}

def Weir_ReferenceOp : DeclareOpInterfaceMethods<ReferenceOpInterface>;
def Weir_DifferentiableOp : DeclareOpInterfaceMethods<DifferentiableOpInterface>;
def Weir_LayerInterface : DeclareOpInterfaceMethods<LayerOpInterface>;

#endif // WEIR_IR_INTERFACES_TD
