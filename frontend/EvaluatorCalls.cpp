// Calls: functions are inlined, builtins computed, layers handed to the builder.
#include "frontend/Evaluator.h"

#include "llvm/ADT/StringExtras.h"

namespace weir {

using llvm::StringRef;

namespace {

constexpr unsigned maximumCallDepth = 256;
constexpr size_t stepsOfLayer = 100; // a layer is dearer than an addition

/// True if `word` stands in `text` by itself.
bool mentions(StringRef text, StringRef word) {
  auto isLetter = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  for (size_t at = text.find(word); at != StringRef::npos; at = text.find(word, at + 1)) {
    bool startsWord = at == 0 || !isLetter(text[at - 1]);
    size_t end = at + word.size();
    if (startsWord && (end == text.size() || !isLetter(text[end])))
      return true;
  }
  return false;
}

/// Where to point for an error of the dialect: at the argument that it names, if the user wrote it,
/// else at the op.
SourceRange culprit(const LayerCall &call, StringRef message) {
  for (const auto &[argument, bound] : llvm::zip(call.signature.arguments, call.arguments))
    if (argument.isAttribute() && bound.value && mentions(message, argument.name))
      return bound.range;
  return call.where;
}

/// "'x' is 28x28x1 because of 'image' here" for each tensor of the call, up to a few of a list.
void explainTensors(Diagnostic &diagnostic, const LayerCall &call) {
  constexpr size_t maximumOfList = 6;
  auto explain = [&](const Value &value, SourceRange written, const llvm::Twine &otherwise) {
    const Tensor &tensor = *value.as<Tensor>();
    StringRef text = written.text();
    bool isName =
        !text.empty() && llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
    std::string subject = isName ? "'" + text.str() + "'" : otherwise.str();
    diagnostic.note(tensor.origin, subject + " is " + sizesText(tensor.shape) + " because of '" +
                                       tensor.originName + "' here");
  };
  for (const auto &[argument, bound] : llvm::zip(call.signature.arguments, call.arguments)) {
    if (argument.kind == ArgumentKind::Tensor && bound.value)
      explain(*bound.value, bound.range, "its input");
    if (argument.kind == ArgumentKind::TensorList && bound.value)
      for (auto [index, element] :
           llvm::enumerate(llvm::ArrayRef(**bound.value->as<List>()).take_front(maximumOfList)))
        explain(element, {}, "input " + llvm::Twine(index + 1));
  }
}

} // namespace

Value Evaluator::evaluate(Frame &frame, const ast::Call &node, SourceRange) {
  std::vector<GivenArgument> given;
  for (const ast::Argument &argument : node.arguments)
    given.push_back({argument.name, evaluate(frame, *argument.value), argument.value->range});
  std::optional<Callable> callable = resolveCall(frame, node.callee);
  if (!callable || stopped)
    return Invalid{};
  if (auto *function = std::get_if<const ast::Function *>(&callable->target))
    return call(frame, **function, node.callee, given);
  if (auto *builtin = std::get_if<const Builtin *>(&callable->target))
    return call(frame, **builtin, node.callee, given);
  return call(frame, *std::get<const Signature *>(callable->target), node.callee.range, given);
}

std::optional<Callable> Evaluator::resolveCall(Frame &frame, const ast::Identifier &callee) {
  StringRef name = callee.text;
  std::optional<Value> value = lookUp(frame, name);
  // A variable may be called like an op without hiding it: `dropout(x, dropout)`.
  if (value && !value->is<Callable>())
    if (std::optional<Value> other = lookUp(Frame{.file = frame.file}, name);
        other && other->is<Callable>())
      value = std::move(other);
  if (value && value->is<Callable>())
    return *value->as<Callable>();
  if (value) {
    if (value->isValid())
      error(frame, callee.range,
            "call expects a function, but '" + name + "' is " + describe(*value));
    return std::nullopt;
  }
  Diagnostic &diagnostic = error(frame, callee.range, "there is no function or op '" + name + "'");
  if (const Signature *signature = findSignature(name))
    diagnostic.message +=
        (" that a net can call; '" + signature->name + "' belongs into 'train'").str();
  else
    diagnostic.suggest(name, callableNames(*frame.file));
  return std::nullopt;
}

Value Evaluator::runFunction(Frame &frame, const ast::Block &body) {
  return run(frame, body) == Flow::Stop ? Value() : std::move(frame.result);
}

Value Evaluator::call(Frame &frame, const ast::Function &function, const ast::Identifier &callee,
                      llvm::ArrayRef<GivenArgument> given) {
  StringRef name = function.name.text;
  if (frame.depth + 1 > maximumCallDepth) {
    error(frame, callee.range,
          "calls expect to be nested at most " + llvm::Twine(maximumCallDepth) + " deep, but '" +
              name + "' goes deeper; does it call itself?");
    stopped = true;
    return Invalid{};
  }
  std::string instance = name.str() + "_" + std::to_string(++frame.instances[name]);
  Frame inner{.file = function.file,
              .path = frame.path + instance + ".",
              .caller = &frame,
              .calledAt = callee.range,
              .name = name,
              .depth = frame.depth + 1};

  bool complete = true;
  auto fail = [&](SourceRange where, const llvm::Twine &message) -> Diagnostic & {
    complete = false;
    return error(frame, where, message).note(function.name.range, "it is declared here");
  };
  size_t position = 0;
  for (const GivenArgument &argument : given) {
    const ast::Parameter *parameter = nullptr;
    if (!argument.name) {
      if (position < function.parameters.size())
        parameter = &function.parameters[position++];
      else
        fail(argument.range, "'" + name + "' expects at most " +
                                 llvm::Twine(function.parameters.size()) +
                                 " arguments, but got more");
    } else {
      std::vector<StringRef> names;
      for (const ast::Parameter &candidate : function.parameters) {
        names.push_back(candidate.name.text);
        if (candidate.name.text == argument.name->text)
          parameter = &candidate;
      }
      if (!parameter)
        fail(argument.name->range, "'" + name + "' has no argument '" + argument.name->text + "'")
            .suggest(argument.name->text, names);
    }
    if (parameter && !inner.locals.try_emplace(parameter->name.text, argument.value).second)
      fail(argument.range, "argument '" + parameter->name.text + "' is given twice");
  }
  for (const ast::Parameter &parameter : function.parameters) {
    if (!complete || inner.locals.contains(parameter.name.text))
      continue;
    if (!parameter.defaultValue) {
      fail(callee.range,
           "'" + name + "' expects the argument '" + parameter.name.text + "', but got none");
      continue;
    }
    // Defaults see the file of the function, not the call's variables.
    Frame outside{.file = function.file,
                  .caller = &frame,
                  .calledAt = callee.range,
                  .name = name,
                  .depth = frame.depth + 1};
    inner.locals[parameter.name.text] = evaluate(outside, *parameter.defaultValue);
  }
  return complete ? runFunction(inner, function.body) : Value();
}

Value Evaluator::call(Frame &frame, const Builtin &builtin, const ast::Identifier &callee,
                      llvm::ArrayRef<GivenArgument> given) {
  std::vector<Value> arguments;
  for (const GivenArgument &argument : given) {
    if (!argument.value.isValid())
      return Invalid{};
    if (argument.name) {
      error(frame, argument.name->range, "'" + builtin.name + "' has no named arguments");
      return Invalid{};
    }
    arguments.push_back(argument.value);
  }
  if (arguments.size() < builtin.minimum || arguments.size() > builtin.maximum) {
    error(frame, callee.range,
          "'" + builtin.name + "' expects " + llvm::Twine(builtin.minimum) +
              (builtin.maximum == builtin.minimum ? ""
               : builtin.maximum == 2             ? " or 2"
                                                  : " or more") +
              (builtin.maximum == 1 ? " argument" : " arguments") + ", but got " +
              llvm::Twine(arguments.size()));
    return Invalid{};
  }
  std::string message;
  Value value = builtin.evaluate(arguments, message);
  if (!message.empty()) {
    error(frame, callee.range, message);
    stopped |= builtin.isFatal;
  } else if (auto *list = value.as<List>()) {
    countSteps(frame, callee.range, (*list)->size());
  }
  return value;
}

Value Evaluator::call(Frame &frame, const Signature &signature, SourceRange where,
                      llvm::ArrayRef<GivenArgument> given) {
  if (&signature == &splitSignature())
    return split(frame, where, given);
  std::string path =
      frame.path + signature.name.str() + "_" + std::to_string(++frame.instances[signature.name]);
  std::optional<BoundArguments> bound = bindArguments(
      signature, where, given, [&](SourceRange at, const llvm::Twine &message) -> Diagnostic & {
        return error(frame, at, message);
      });
  if (!bound || !countSteps(frame, where, stepsOfLayer))
    return Invalid{};
  LayerCall call{signature, *bound, std::move(path), where};
  std::string message;
  if (std::optional<Tensor> tensor = builder->build(call, message)) {
    tensor->origin = where;
    tensor->originName = signature.name;
    return *tensor;
  }
  explainTensors(error(frame, culprit(call, message), message), call);
  return Invalid{};
}

Value Evaluator::runNet(LayerBuilder &layerBuilder, const Tensor &input) {
  const ast::Net &net = *program.main().net;
  builder = &layerBuilder;
  steps = 0;
  Frame frame{.file = &program.main(), .name = net.name.text};
  frame.locals[net.input.text] = input;
  Value result = runFunction(frame, net.body);
  builder = nullptr;
  return result;
}

} // namespace weir
