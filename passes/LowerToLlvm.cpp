//===- LowerToLlvm.cpp - host functions that call the kernels --------------------------------===//
//
// Comes last: after plan-memory (places) and the compilation of the kernels (symbols). Each entry
// point becomes straight-line code that fills in buffer descriptions and calls one kernel after the
// other; the program's table and manifest become globals. runtime/Program.h is the other side of
// this interface.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Builders.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_LOWERTOLLVM
#include "passes/Passes.h.inc"

namespace {

/// halide_type_t in memory: {code, bits, lanes}, as one little-endian word.
int32_t halideType(Type element) {
  const Storage storage = storageOf(element);
  const int32_t code = storage.kind == Storage::Kind::Float      ? 2  // halide_type_float
                       : storage.kind == Storage::Kind::Unsigned ? 1  // halide_type_uint
                                                                 : 0; // halide_type_int
  return code | static_cast<int32_t>(storage.bits) << 8 | 1 << 16;
}

/// Globals and types that all functions share.
class ModuleWriter {
public:
  explicit ModuleWriter(ModuleOp module)
      : module(module), builder(module.getContext()), onDevice(module->hasAttr("weir.device")) {
    MLIRContext *context = module.getContext();
    pointer = LLVM::LLVMPointerType::get(context);
    i32 = IntegerType::get(context, 32);
    i64 = IntegerType::get(context, 64);
    // halide_buffer_t: device, device_interface, host, flags, type, dimensions, dim, padding.
    buffer = LLVM::LLVMStructType::getLiteral(
        context, {i64, pointer, pointer, i64, i32, i32, pointer, pointer});
  }

  LLVM::LLVMFuncOp declare(StringRef name, Type result, ArrayRef<Type> arguments) {
    if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
      return known;
    builder.setInsertionPointToEnd(module.getBody());
    return LLVM::LLVMFuncOp::create(builder, module.getLoc(), name,
                                    LLVM::LLVMFunctionType::get(result, arguments));
  }

  /// The global array of halide_dimension_t {min, extent, stride, flags}, innermost dimension
  /// first, of a value whose rows begin `pitch` elements apart (0: they follow each other).
  LLVM::GlobalOp dimensions(ArrayRef<int64_t> shape, int64_t pitch) {
    std::string name = "weir.dims." + (shape.empty() ? "scalar" : shapeText(shape));
    if (pitch != 0)
      name += ".pitch" + std::to_string(pitch);
    if (auto known = module.lookupSymbol<LLVM::GlobalOp>(name))
      return known;
    SmallVector<int32_t> words;
    int64_t stride = 1;
    for (int64_t extent : llvm::reverse(shape)) {
      words.append({0, static_cast<int32_t>(extent), static_cast<int32_t>(stride), 0});
      stride = pitch != 0 && words.size() == 4 ? pitch : stride * extent;
    }
    if (words.empty())
      words.assign(4, 0);
    builder.setInsertionPointToEnd(module.getBody());
    return LLVM::GlobalOp::create(
        builder, module.getLoc(), LLVM::LLVMArrayType::get(i32, words.size()),
        /*isConstant=*/true, LLVM::Linkage::Internal, name, builder.getI32TensorAttr(words));
  }

  LLVM::GlobalOp text(StringRef name, StringRef value) {
    builder.setInsertionPointToEnd(module.getBody());
    std::string terminated = value.str() + '\0';
    return LLVM::GlobalOp::create(
        builder, module.getLoc(),
        LLVM::LLVMArrayType::get(IntegerType::get(builder.getContext(), 8), terminated.size()),
        /*isConstant=*/true, LLVM::Linkage::Internal, name, builder.getStringAttr(terminated));
  }

  /// A constant global whose value is a struct built by `fill`.
  LLVM::GlobalOp constant(StringRef name, Type type, LLVM::Linkage linkage,
                          function_ref<Value(OpBuilder &)> fill) {
    builder.setInsertionPointToEnd(module.getBody());
    auto global = LLVM::GlobalOp::create(builder, module.getLoc(), type, /*isConstant=*/true,
                                         linkage, name, Attribute());
    OpBuilder inside = OpBuilder::atBlockEnd(&global.getInitializerRegion().emplaceBlock());
    LLVM::ReturnOp::create(inside, module.getLoc(), fill(inside));
    return global;
  }

  /// Something that another object defines.
  void external(StringRef name) {
    builder.setInsertionPointToEnd(module.getBody());
    auto global =
        LLVM::GlobalOp::create(builder, module.getLoc(), builder.getI8Type(),
                               /*isConstant=*/true, LLVM::Linkage::External, name, Attribute());
    global.setVisibility_(LLVM::Visibility::Hidden);
  }

  ModuleOp module;
  OpBuilder builder;
  LLVM::LLVMPointerType pointer;
  IntegerType i32, i64;
  LLVM::LLVMStructType buffer;
  bool onDevice; ///< values' addresses are a device's
};

/// Writes one entry point, with or without a time stamp between kernels.
class FunctionWriter {
public:
  FunctionWriter(ModuleWriter &module, func::FuncOp source, bool timed)
      : module(module), source(source), timed(timed), builder(module.builder.getContext()),
        location(source.getLoc()) {}

  void write() {
    SmallVector<Type> arguments(timed ? 5 : 4, module.pointer);
    auto function = module.declare((source.getSymName() + (timed ? "_timed" : "")).str(),
                                   module.i32, arguments);
    function.setLinkage(LLVM::Linkage::Internal);
    Block *entry = function.addEntryBlock(module.builder);
    context = entry->getArgument(0);
    variables = entry->getArgument(1);
    arena = entry->getArgument(2);
    pointers = entry->getArgument(3);
    builder.setInsertionPointToStart(entry);

    Value status = integer(module.i32, 0);
    int32_t number = 0;
    stamp(entry, number++);
    for (auto kernel : source.getOps<KernelOp>()) {
      location = kernel.getLoc();
      Value code = call(kernel);
      status = LLVM::OrOp::create(builder, location, status, code);
      stamp(entry, number++);
    }
    LLVM::ReturnOp::create(builder, location, status);
  }

private:
  Value integer(Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, location, type, builder.getIntegerAttr(type, value));
  }
  Value addressAt(Value base, int64_t bytes) {
    // A constant index has 29 bits, and more would wrap around without a word.
    if (bytes >> (LLVM::kGEPConstantBitWidth - 1) != 0)
      return LLVM::GEPOp::create(builder, location, module.pointer, builder.getI8Type(), base,
                                 ArrayRef<LLVM::GEPArg>{integer(module.i64, bytes)});
    return LLVM::GEPOp::create(builder, location, module.pointer, builder.getI8Type(), base,
                               ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(bytes)});
  }

  void stamp(Block *entry, int32_t number) {
    if (!timed)
      return;
    LLVM::LLVMFuncOp now = module.onDevice
                               ? module.declare("weir_device_now_ns", module.i64, {module.pointer})
                               : module.declare("weir_now_ns", module.i64, {});
    const SmallVector<Value> arguments(module.onDevice ? 1 : 0, context);
    Value time = LLVM::CallOp::create(builder, location, now, arguments).getResult();
    LLVM::StoreOp::create(builder, location, time, addressAt(entry->getArgument(4), number * 8));
  }

  /// The address of a value, from its storage.
  Value address(StorageAttr storage) {
    const int64_t offset = storage.getOffset();
    if (storage.getSpace() == "variables")
      return addressAt(variables, offset);
    if (storage.getSpace() == "arena")
      return addressAt(arena, offset);
    // Arguments first, then results, in one array of pointers.
    const int64_t index = storage.getSpace() == "result"
                              ? offset + static_cast<int64_t>(source.getNumArguments())
                              : offset;
    return LLVM::LoadOp::create(builder, location, module.pointer,
                                addressAt(pointers, index * static_cast<int64_t>(sizeof(void *))));
  }

  Value call(KernelOp kernel) {
    SmallVector<Value> arguments{context};
    auto append = [&](ValueRange values, ArrayAttr places, bool written) {
      for (auto [value, place] : llvm::zip_equal(values, places))
        arguments.push_back(
            describe(cast<RankedTensorType>(value.getType()), cast<StorageAttr>(place), written));
    };
    append(kernel.getInputs(), *kernel.getInputStorage(), /*written=*/false);
    append(kernel.getResults(), *kernel.getOutputStorage(), /*written=*/true);
    auto callee = module.declare(*kernel.getSymbol(), module.i32,
                                 SmallVector<Type>(arguments.size(), module.pointer));
    return LLVM::CallOp::create(builder, location, callee, arguments).getResult();
  }

  /// A halide_buffer_t on the stack. All fields but the address are constants. The runtime's hooks
  /// ask for no device_interface, and of the flags for what is written on a device.
  Value describe(RankedTensorType type, StorageAttr storage, bool written) {
    constexpr int64_t deviceDirty = 2; // halide_buffer_flag_device_dirty
    OpBuilder atEntry = OpBuilder::atBlockBegin(builder.getBlock());
    Value one =
        LLVM::ConstantOp::create(atEntry, location, module.i32, atEntry.getI32IntegerAttr(1));
    Value buffer = LLVM::AllocaOp::create(atEntry, location, module.pointer, module.buffer, one);
    Value null = LLVM::ZeroOp::create(builder, location, module.pointer);
    Value dims = LLVM::AddressOfOp::create(builder, location,
                                           module.dimensions(type.getShape(), storage.getPitch()));
    Value place = address(storage), device = integer(module.i64, 0);
    if (module.onDevice) {
      device = LLVM::PtrToIntOp::create(builder, location, module.i64, place);
      place = null;
    }
    const Value fields[] = {device,
                            null,
                            place,
                            integer(module.i64, module.onDevice && written ? deviceDirty : 0),
                            integer(module.i32, halideType(type.getElementType())),
                            integer(module.i32, type.getRank()),
                            dims,
                            null};
    for (auto [index, field] : llvm::enumerate(fields)) {
      Value slot = LLVM::GEPOp::create(builder, location, module.pointer, module.buffer, buffer,
                                       ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
      LLVM::StoreOp::create(builder, location, field, slot);
    }
    return buffer;
  }

  ModuleWriter &module;
  func::FuncOp source;
  bool timed;
  OpBuilder builder;
  Location location;
  Value context, variables, arena, pointers;
};

/// The `weir_program` of runtime/Program.h: {manifest, size, entries, count, next, values}. The
/// next one and the values are other objects', if they have symbols.
void writeProgram(ModuleWriter &module, ArrayRef<std::string> entries, StringRef manifest,
                  StringRef symbol, StringRef nextSymbol, StringRef valuesSymbol) {
  Location location = module.module.getLoc();
  LLVM::GlobalOp manifestText = module.text("weir.manifest", manifest);
  MLIRContext *context = module.module.getContext();
  auto entryType = LLVM::LLVMStructType::getLiteral(context, SmallVector<Type>(3, module.pointer));
  auto tableType = LLVM::LLVMArrayType::get(entryType, entries.size());
  for (const std::string &entry : entries)
    module.text("weir.name." + entry, entry);
  auto addressOf = [&](OpBuilder &builder, const std::string &name) -> Value {
    return LLVM::AddressOfOp::create(builder, location, module.pointer, name);
  };
  LLVM::GlobalOp table =
      module.constant("weir.entries", tableType, LLVM::Linkage::Internal, [&](OpBuilder &builder) {
        Value value = LLVM::UndefOp::create(builder, location, tableType);
        for (auto [index, entry] : llvm::enumerate(entries)) {
          const std::string names[] = {"weir.name." + entry, entry, entry + "_timed"};
          for (auto [field, name] : llvm::enumerate(names))
            value = LLVM::InsertValueOp::create(
                builder, location, value, addressOf(builder, name),
                ArrayRef<int64_t>{static_cast<int64_t>(index), static_cast<int64_t>(field)});
        }
        return value;
      });
  auto programType =
      LLVM::LLVMStructType::getLiteral(context, {module.pointer, module.i64, module.pointer,
                                                 module.i64, module.pointer, module.pointer});
  for (StringRef other : {nextSymbol, valuesSymbol})
    if (!other.empty())
      module.external(other);
  module.constant(symbol, programType, LLVM::Linkage::External, [&](OpBuilder &builder) {
    auto number = [&](size_t value) -> Value {
      return LLVM::ConstantOp::create(builder, location, module.i64,
                                      builder.getI64IntegerAttr(static_cast<int64_t>(value)));
    };
    const auto other = [&](StringRef name) {
      return name.empty() ? LLVM::ZeroOp::create(builder, location, module.pointer).getResult()
                          : addressOf(builder, name.str());
    };
    const Value fields[] = {LLVM::AddressOfOp::create(builder, location, manifestText),
                            number(manifest.size()),
                            LLVM::AddressOfOp::create(builder, location, table),
                            number(entries.size()),
                            other(nextSymbol),
                            other(valuesSymbol)};
    Value value = LLVM::UndefOp::create(builder, location, programType);
    for (auto [index, field] : llvm::enumerate(fields))
      value = LLVM::InsertValueOp::create(builder, location, value, field,
                                          ArrayRef<int64_t>{static_cast<int64_t>(index)});
    return value;
  });
}

LogicalResult checkPlanned(ModuleOp module) {
  WalkResult result = module.walk([](KernelOp kernel) {
    if (kernel.getSymbol() && kernel.getInputStorage() && kernel.getOutputStorage())
      return WalkResult::advance();
    kernel.emitOpError("expects a symbol and storage before it is lowered");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

struct LowerToLlvm : impl::LowerToLlvmBase<LowerToLlvm> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto manifest = module->getAttrOfType<StringAttr>("weir.manifest");
    auto symbol = module->getAttrOfType<StringAttr>("weir.program_symbol");
    if (!manifest || !symbol) {
      module.emitError(
          "'lower-to-llvm' expects attributes 'weir.manifest' and 'weir.program_symbol'");
      return signalPassFailure();
    }
    if (failed(checkPlanned(module)))
      return signalPassFailure();
    auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
    for (func::FuncOp function : functions)
      function->remove(); // its name goes to the host function
    ModuleWriter writer(module);
    std::vector<std::string> entries;
    for (func::FuncOp function : functions) {
      entries.push_back(function.getSymName().str());
      FunctionWriter(writer, function, /*timed=*/false).write();
      FunctionWriter(writer, function, /*timed=*/true).write();
    }
    const bool hasValues = llvm::any_of(module.getOps<VariableOp>(),
                                        [](VariableOp variable) { return variable.getValue(); });
    auto next = module->getAttrOfType<StringAttr>("weir.next_symbol");
    writeProgram(writer, entries, manifest.getValue(), symbol.getValue(),
                 next ? next.getValue() : StringRef(),
                 hasValues ? valuesSymbol(symbol.getValue()) : "");
    for (func::FuncOp function : functions)
      function->destroy();
    for (auto variable : llvm::make_early_inc_range(module.getOps<VariableOp>()))
      variable.erase();
    module->setAttrs(DictionaryAttr::get(&getContext())); // all of it is in the manifest
  }
};

} // namespace
} // namespace weir
