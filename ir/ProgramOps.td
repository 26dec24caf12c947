//===- ProgramOps.td - variables, training, kernels: the frame around the layers --------===//

#ifndef WEIR_IR_PROGRAM_OPS_TD
#define WEIR_IR_PROGRAM_OPS_TD

include "ir/Base.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

def VariableOp : Weir_Op<"variable", [Symbol]> {
  let summary = "A named tensor that outlives a step: a weight, a statistic, optimizer state";
  let description = [{
    `offset` is set by plan-memory: bytes into the block of all variables. `kind` is `parameter` (trained), `statistic` (running averages) or `optimizer` (state);
    `init` names the initialiser and its numbers, e.g. `{kind = "he_normal", fan_in = 784 : i64,
    fan_out = 80 : i64}`. The symbol's name is the layer path, e.g. `dense_1.weight`. `value` is there where
    the weights are known when the net is compiled (`weir compile --weights`): the program then holds them, and no function
    assigns the variable. Large values are `dense_resource`s, small ones may be `dense`. See ir/Values.h.

    ```mlir
    weir.variable @dense_1.weight : tensor<784x80xf32> {init = {kind = "zeros"}, kind = "parameter"}
    weir.variable @dense_1.bias : tensor<2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[0.5, -1.0]> : tensor<2xf32>}
    ```

    C1: `value` has the type's shape and stored element type.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Weir_Stored>:$type, StrAttr:$kind,
                       DictionaryAttr:$init, OptionalAttr<ElementsAttr>:$value, OptionalAttr<I64Attr>:$offset);
  let hasVerifier = 1;
  let assemblyFormat = "$sym_name `:` $type attr-dict";
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::Type":$type, "::llvm::StringRef":$kind,
                                 "::mlir::DictionaryAttr":$init)>];
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getTensorType() {
      return ::llvm::cast<::mlir::RankedTensorType>(getType());
    }
    bool isTrainable() { return getKind() == "parameter" && !getValue(); }
  }];
}

def ReadOp : Weir_Op<"read", [MemoryEffects<[MemRead]>,
                              DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The value of a variable";
  let description = [{
    C1: the variable exists. C2: the result has its type. A read sees the assignments before it in the function.
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable);
  let results = (outs Weir_Stored:$value);
  let assemblyFormat = "$variable attr-dict `:` type($value)";
}

def AssignOp : Weir_Op<"assign", [MemoryEffects<[MemWrite]>,
                                  DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Gives a variable a new value";
  let description = "C1: the variable exists. C2: the value has its type.";
  let arguments = (ins FlatSymbolRefAttr:$variable, Weir_F32:$value);
  let assemblyFormat = "$variable `,` $value attr-dict `:` type($value)";
}

def MinimizeOp : Weir_Op<"minimize", [MemoryEffects<[MemWrite]>]> {
  let summary = "Trains: asks for the gradient of a loss and one optimizer update per parameter";
  let description = [{
    `differentiate` replaces it with the backward pass and the updates. `optimizer` is the mnemonic of an
    op of category optimizer, `options` its attributes, `runtime` the scalars of kind Runtime that it
    takes (in the order of its operands), `counter` the step counter.

    C1: `loss` is a scalar. C2: `optimizer` names an optimizer op. C3: `runtime` are as many scalars
    as that op takes. C4: `options` are its attributes.
  }];
  let arguments = (ins Weir_F32:$loss, Variadic<Weir_F32>:$runtime, Weir_I32:$counter,
                       StrAttr:$optimizer, DictionaryAttr:$options);
  let assemblyFormat = [{
    $loss `with` $optimizer $options `at` $counter `(` $runtime `)` attr-dict `:`
    type($loss) `,` type($counter) `(` type($runtime) `)`
  }];
  let hasVerifier = 1;
}

/// A bare word in the text.
def Weir_StorageSpace : StringRefParameter<"argument, result, variables or arena"> {
  let parser = [{[&]() -> ::mlir::FailureOr<std::string> {
    std::string word;
    if (failed($_parser.parseKeywordOrString(&word)))
      return ::mlir::failure();
    return word;
  }()}];
  let printer = "$_printer.printKeywordOrString($_self)";
}

def StorageAttr : AttrDef<Weir_Dialect, "Storage"> {
  let mnemonic = "storage";
  let summary = "Where a kernel's operand or result lies";
  let description = [{
    `argument` and `result`: the function's, `offset` is the index. `variables` and `arena`: bytes into the
    block that holds all variables, or the function's temporaries. With a `pitch`, rows (the last dimension) begin that many elements
    apart: a part of a `concat`, or a `slice`, where it lies. Without one they follow each other.

    ```mlir
    #weir.storage<arena, 4096>
    #weir.storage<arena, 4352, pitch = 128>
    ```

    C1: the space is one of the four. C2: neither the offset nor the pitch is negative.
  }];
  let parameters = (ins Weir_StorageSpace:$space, "int64_t":$offset, DefaultValuedParameter<"int64_t", "0">:$pitch);
  let assemblyFormat = "`<` $space `,` $offset (`,` `pitch` `=` $pitch^)? `>`";
  let builders = [AttrBuilder<(ins "::llvm::StringRef":$space, "int64_t":$offset), [{
    return $_get($_ctxt, space, offset, /*pitch=*/0);
  }]>];
  let genVerifyDecl = 1;
}

def KernelOp : Weir_Op<"kernel", [IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects]> {
  let summary = "A fused group: one Halide pipeline, one object, one row in a profile";
  let description = [{
    The region's arguments are the operands; `weir.yield` names the results. `form-groups` makes
    kernels, `plan-memory` gives every operand and result its storage, kernels/ compiles the region to an object
    and sets `symbol`, which `lower-to-llvm` calls. A yielded block argument is a copy.

    C1: block arguments have the operands' types. C2: the yielded values have the results' types.
    C3: the body holds pure ops only. C4: rows of an operand or a result are no longer than its storage's pitch.
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$name,
                       OptionalAttr<StrAttr>:$symbol,
                       OptionalAttr<TypedArrayAttrBase<StorageAttr, "storage of each value">>:$input_storage,
                       OptionalAttr<TypedArrayAttrBase<StorageAttr, "storage of each value">>:$output_storage);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    YieldOp getYield();
    /// Elements from the beginning of a row of an operand (or a result) to that of the next one, where rows do not
    /// follow each other; else 0. Part of what a kernel is, beside its body.
    int64_t inputPitch(size_t index);
    int64_t outputPitch(size_t index);
  }];
}

def YieldOp : Weir_Op<"yield", [Pure, Terminator, ParentOneOf<["KernelOp"]>]> {
  let summary = "The results of a kernel";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def FillOp : Weir_PureOp<"fill"> {
  let summary = "A tensor of one repeated value";
  let description = "`y[..] = value`";
  let arguments = (ins F64Attr:$value);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$value attr-dict `:` type($result)";
}

#endif // WEIR_IR_PROGRAM_OPS_TD
