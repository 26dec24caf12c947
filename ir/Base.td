//===- Base.td - the weir dialect: types, argument kinds, op classes -------------------===//
//
// What every op file builds on. An operand's or attribute's kind, together with the op's
// category, is all the language needs to know: `ir/generate_signatures.py` reads these records
// and writes the table behind `ir/Signatures.h`, so call names, keyword arguments and defaults
// stand here and nowhere else.
//
//===------------------------------------------------------------------------------------===//

#ifndef WEIR_IR_BASE_TD
#define WEIR_IR_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/Interfaces.td"

def Weir_Dialect : Dialect {
  let name = "weir";
  let cppNamespace = "::weir";
  let summary = "Nets, their gradients and their optimizers on statically shaped tensors";
  let description = [{
    Tensors are ranked, static and dense: `f32` values, `i32` labels and counters, and quantized values of MLIR's
    quant dialect (ir/Quantization.h). Images are NHWC: `[batch, height, width, channels]`. A net's weights are module-level `weir.variable`
    symbols that an entry point (`func.func`) reads and assigns; everything else is pure.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::quant::QuantDialect"];
}

//===------------------------------------------------------------------------------------===//
// Argument kinds. `kind` decides how a call in the language fills the operand.
//===------------------------------------------------------------------------------------===//

class Weir_Operand<Type base, string argumentKind, string argumentDefault = "">
    : Type<base.predicate, base.summary, base.cppType> {
  string kind = argumentKind;
  string default = argumentDefault;
}

def Weir_F32 : StaticShapeTensorOf<[F32]>;
def Weir_I32 : StaticShapeTensorOf<[I32]>;

/// Quantized elements: values between layers, weights, sums of products (and biases).
def Weir_Q8 : Type<CPred<"::weir::isQuantizedValue($_self)">, "8-bit quantized values of one scale">;
def Weir_QWeight : Type<CPred<"::weir::isQuantizedWeight($_self)">, "symmetric signed 8-bit quantized values">;
def Weir_QSum : Type<CPred<"::weir::isQuantizedSum($_self)">, "symmetric signed 32-bit quantized values">;
def Weir_QTensor : StaticShapeTensorOf<[Weir_Q8]>;
def Weir_F32OrQ8 : StaticShapeTensorOf<[F32, Weir_Q8]>;
def Weir_F32OrSum : StaticShapeTensorOf<[F32, Weir_QSum]>;
def Weir_Any : StaticShapeTensorOf<[F32, Weir_Q8, Weir_QWeight, Weir_QSum]>;
/// What a variable may hold: also the integers of packed weights.
def Weir_Stored : StaticShapeTensorOf<[F32, I8, I32, Weir_Q8, Weir_QWeight, Weir_QSum]>;

/// A value of the net, positional in the language.
def Weir_Tensor : Weir_Operand<Weir_F32, "Tensor">;
/// The same, of an op that is defined for 8-bit values as well; and of one that moves whatever it is given.
def Weir_Value : Weir_Operand<Weir_F32OrQ8, "Tensor">;
def Weir_AnyValue : Weir_Operand<Weir_Any, "Tensor">;
/// A weight: the layer makes the variable, `LayerOpInterface::inferParameters` says its shape.
def Weir_Parameter : Weir_Operand<Weir_F32, "Parameter">;
/// The same, of an op that is defined for quantized operands as well: its weight and its bias.
def Weir_LayerWeight : Weir_Operand<StaticShapeTensorOf<[F32, Weir_QWeight]>, "Parameter">;
def Weir_LayerBias : Weir_Operand<Weir_F32OrSum, "Parameter">;
/// Class indices, `[batch]`.
def Weir_Labels : Weir_Operand<Weir_I32, "Labels">;
/// `[seed low, seed high, step]`: key and counter of all random numbers, and the step count.
def Weir_Counter : Weir_Operand<Weir_I32, "Counter">;
/// A scalar that the training loop supplies at every step; the default stands in the recipe.
class Weir_Runtime<string value> : Weir_Operand<Weir_F32, "Runtime", value>;
/// Optimizer state of the weight's shape, with its initial value.
class Weir_State<string initial> : Weir_Operand<Weir_F32, "State", initial>;
/// Optimizer state of one number per weight, with its initial value.
class Weir_ScalarState<string initial> : Weir_Operand<Weir_F32, "ScalarState", initial>;

/// Tells apart the random numbers of a net's layers; numbered by the frontend, not written by the user.
def Weir_StreamAttr : DefaultValuedAttr<I64Attr, "0"> {
  string kind = "Stream";
}

/// True in the training function, false in inference; set by the frontend, not written by the user.
def Weir_TrainingAttr : DefaultValuedAttr<BoolAttr, "false"> {
  string kind = "Training";
}
/// One number, or one for each direction (vertical, horizontal); the language takes `3` for `[3]`.
class Weir_Sizes<string numbers> : DefaultValuedAttr<DenseI64ArrayAttr, "{" # numbers # "}"> {
  string kind = "IntList";
  string default = "[" # numbers # "]";
}
/// What stands around an image: one number, [vertical, horizontal] or [top, bottom, left, right]; "same" is -1:
/// the output has ceil(input / stride) positions and the odd pixel goes to the bottom and right.
def Weir_Padding : DefaultValuedAttr<DenseI64ArrayAttr, "{0}"> {
  string kind = "Padding";
  string default = "\"valid\"";
}

//===------------------------------------------------------------------------------------===//
// What an op tells form-groups about its loop nest
//===------------------------------------------------------------------------------------===//

class Weir_Trait<string name> : NativeOpTrait<name> {
  let cppNamespace = "::weir";
}
/// Each value of the result depends on the operands' values at the same place (broadcast, or scalars).
def Weir_Pointwise : Weir_Trait<"Pointwise">;
/// A loop nest into which pointwise ops on its result can be fused.
def Weir_TakesEpilogue : Weir_Trait<"TakesEpilogue">;
/// Defined for quantized operands, too.
def Weir_TakesQuantized : Weir_Trait<"TakesQuantized">;
/// A weight's gradient, behind which the optimizer's update can be fused.
def Weir_TakesUpdate : Weir_Trait<"TakesUpdate">;

//===------------------------------------------------------------------------------------===//
// What an op does to a signal that passes through it
//===------------------------------------------------------------------------------------===//

/// An activation that weakens values below zero and lets those above pass: layers in front of it start by He's rule.
def Weir_Rectifier : Weir_Trait<"Rectifier">;

//===------------------------------------------------------------------------------------===//
// Op classes
//===------------------------------------------------------------------------------------===//

class Weir_Op<string mnemonic, list<Trait> traits = []> : Op<Weir_Dialect, mnemonic, traits> {
  // What the op is to the language: "layer", "loss", "optimizer", or "internal" (not callable).
  string category = "internal";
}

/// A pure op with reference semantics (`evaluate`).
class Weir_PureOp<string mnemonic, list<Trait> traits = []>
    : Weir_Op<mnemonic, !listconcat([Pure, Weir_ReferenceOp], traits)>;

/// A pure op that can be differentiated and called in the language.
class Weir_LayerOp<string mnemonic, list<Trait> traits = []>
    : Weir_PureOp<mnemonic, !listconcat([Weir_DifferentiableOp], traits)> {
  let category = "layer";
}

#endif // WEIR_IR_BASE_TD
