// Statements and expressions. Calls are in EvaluatorCalls.cpp.
//
// See Evaluator.h. An error makes its value invalid and evaluation goes on, so that one run finds
// several errors; only a condition or a loop over something invalid ends its function, since nobody
// knows what it would have done.
#include "frontend/Evaluator.h"

#include "llvm/ADT/STLExtras.h"

namespace weir {

using llvm::StringRef;

namespace {

constexpr size_t maximumSteps = 1'000'000;
constexpr unsigned maximumDepth =
    1200; // of nested evaluation; each takes a few hundred bytes of stack

} // namespace

Diagnostic &Evaluator::error(const Frame &frame, SourceRange where, const llvm::Twine &message) {
  constexpr unsigned maximumNotes = 4;
  Diagnostic &diagnostic = diagnostics.error(where, message);
  unsigned notes = 0;
  for (const Frame *f = &frame; f->caller && notes < maximumNotes; f = f->caller, ++notes)
    diagnostic.context.push_back({f->calledAt, ("in '" + f->name + "', called here").str()});
  return diagnostic;
}

bool Evaluator::countSteps(const Frame &frame, SourceRange where, size_t more) {
  if (stopped)
    return false;
  steps += more;
  if (steps > maximumSteps)
    error(frame, where,
          "program expects to be evaluated in at most " + llvm::Twine(maximumSteps) +
              " steps, but takes more");
  else if (depth > maximumDepth)
    error(frame, where,
          "program expects at most " + llvm::Twine(maximumDepth) +
              " levels of nested evaluation, but takes more");
  else
    return true;
  stopped = true;
  return false;
}

// ---- Statements ----

Evaluator::Flow Evaluator::run(Frame &frame, const ast::Block &block) {
  ++depth;
  Flow flow = Flow::Next;
  for (const ast::StatementPtr &statement : block) {
    if (!countSteps(frame, statement->range, 1))
      flow = Flow::Stop;
    else
      flow = std::visit([&](const auto &node) { return run(frame, node); }, statement->node);
    if (flow != Flow::Next)
      break;
  }
  --depth;
  return flow;
}

Evaluator::Flow Evaluator::run(Frame &frame, const ast::Assignment &node) {
  frame.locals[node.target.text] = evaluate(frame, *node.value);
  return Flow::Next;
}

Evaluator::Flow Evaluator::run(Frame &frame, const ast::Return &node) {
  frame.result = node.value ? evaluate(frame, *node.value) : None{};
  return Flow::Return;
}

Evaluator::Flow Evaluator::run(Frame &frame, const ast::If &node) {
  for (const ast::If::Branch &branch : node.branches) {
    std::optional<bool> decision = true;
    if (branch.condition)
      decision = condition(frame, *branch.condition, "'if'");
    if (!decision)
      return Flow::Stop;
    if (*decision)
      return run(frame, branch.body);
  }
  return Flow::Next;
}

Evaluator::Flow Evaluator::run(Frame &frame, const ast::For &node) {
  Value list = evaluate(frame, *node.list);
  auto *elements = list.as<List>();
  if (!elements) {
    if (list.isValid())
      error(frame, node.list->range, "'for' expects a list, but got " + describe(list));
    return Flow::Stop;
  }
  for (const Value &element : **elements) {
    if (!countSteps(frame, node.list->range, 1) || !bindLoopVariables(frame, node, element))
      return Flow::Stop;
    if (Flow flow = run(frame, node.body); flow != Flow::Next)
      return flow;
  }
  return Flow::Next;
}

bool Evaluator::bindLoopVariables(Frame &frame, const ast::For &node, const Value &element) {
  size_t count = node.variables.size();
  if (count == 1) {
    frame.locals[node.variables.front().text] = element;
    return true;
  }
  auto *parts = element.as<List>();
  if (!parts || (*parts)->size() != count) {
    if (element.isValid())
      error(frame, node.list->range,
            "'for' expects lists of " + llvm::Twine(count) + " elements, but got " +
                describe(element));
    return false;
  }
  for (size_t i = 0; i < count; ++i)
    frame.locals[node.variables[i].text] = (**parts)[i];
  return true;
}

Evaluator::Flow Evaluator::run(Frame &frame, const ast::ExpressionStatement &node) {
  Value value = evaluate(frame, *node.value);
  if (value.isValid() && !value.is<None>())
    error(frame, node.value->range,
          "statement expects its value to be used, as in x = " +
              node.value->range.text().take_until([](char c) { return c == '\n'; }));
  return Flow::Next;
}

// ---- Expressions ----

Value Evaluator::evaluate(Frame &frame, const ast::Expression &expression) {
  ++depth;
  Value value;
  if (countSteps(frame, expression.range, 1))
    value = std::visit(
        [&](const auto &node) -> Value {
          if constexpr (requires { evaluate(frame, node, expression.range); })
            return evaluate(frame, node, expression.range);
          else if constexpr (requires { node.value; })
            return node.value;
          else
            return None{};
        },
        expression.node);
  --depth;
  return value;
}

Value Evaluator::evaluate(Frame &frame, const ast::ListLiteral &node, SourceRange) {
  std::vector<Value> elements;
  bool valid = true;
  for (const ast::ExpressionPtr &element : node.elements) {
    elements.push_back(evaluate(frame, *element));
    valid &= elements.back().isValid();
  }
  return valid ? Value::list(std::move(elements)) : Value();
}

Value Evaluator::evaluate(Frame &frame, const ast::NameReference &node, SourceRange range) {
  if (std::optional<Value> value = lookUp(frame, node.name))
    return *value;
  std::vector<StringRef> names = callableNames(*frame.file);
  for (const auto &local : frame.locals)
    names.push_back(local.getKey());
  llvm::sort(names); // a hash table's order must not choose the suggestion
  error(frame, range, "'" + node.name + "' is not known here").suggest(node.name, names);
  return Invalid{};
}

Value Evaluator::evaluate(Frame &frame, const ast::IndexAccess &node, SourceRange range) {
  Value list = evaluate(frame, *node.list), index = evaluate(frame, *node.index);
  if (!list.isValid() || !index.isValid())
    return Invalid{};
  auto *elements = list.as<List>();
  auto *position = index.as<int64_t>();
  if (!elements || !position) {
    error(frame, range,
          "indexing expects a list and an integer, but got " + describe(list) + " and " +
              describe(index));
    return Invalid{};
  }
  int64_t size = (*elements)->size();
  int64_t at = *position < 0 ? *position + size : *position; // -1 is the last one
  if (at < 0 || at >= size) {
    error(frame, node.index->range,
          "index expects to be less than the list's length " + llvm::Twine(size) + ", but got " +
              llvm::Twine(*position));
    return Invalid{};
  }
  return (**elements)[at];
}

Value Evaluator::evaluate(Frame &frame, const ast::PropertyAccess &node, SourceRange) {
  Value object = evaluate(frame, *node.object);
  if (!object.isValid())
    return Invalid{};
  StringRef name = node.property.text;
  auto *tensor = object.as<Tensor>();
  if (!tensor) {
    error(frame, node.property.range,
          "'." + name + "' expects a tensor before it, but got " + describe(object));
    return Invalid{};
  }
  bool isImage = tensor->shape.size() == 3; // height, width, channels
  if (name == "rank")
    return static_cast<int64_t>(tensor->shape.size());
  if (name == "shape")
    return Value::list(std::vector<Value>(tensor->shape.begin(), tensor->shape.end()));
  if (name == "channels" && !tensor->shape.empty())
    return tensor->shape.back();
  if (name == "height" && isImage)
    return tensor->shape[0];
  if (name == "width" && isImage)
    return tensor->shape[1];
  if (name == "height" || name == "width")
    error(frame, node.property.range,
          "'." + name + "' expects an image, but got " + describe(object))
        .note(tensor->origin, "it comes from '" + tensor->originName + "' here");
  else
    error(frame, node.property.range, "a tensor has no property '" + name + "'")
        .suggest(name, {"rank", "shape", "channels", "height", "width"});
  return Invalid{};
}

Value Evaluator::evaluate(Frame &frame, const ast::UnaryOperation &node, SourceRange range) {
  Value operand = evaluate(frame, *node.operand);
  if (!operand.isValid())
    return Invalid{};
  std::string message;
  Value value = applyUnary(node.op, operand, message);
  if (!message.empty())
    error(frame, range, message);
  return value;
}

/// The layer that an operator between tensors stands for, or an empty name.
static StringRef layerOf(ast::BinaryOperator op) {
  switch (op) {
  case ast::BinaryOperator::Add:
    return "add";
  case ast::BinaryOperator::Subtract:
    return "sub";
  case ast::BinaryOperator::Multiply:
    return "mul";
  case ast::BinaryOperator::Divide:
    return "div";
  default:
    return "";
  }
}

Value Evaluator::evaluate(Frame &frame, const ast::BinaryOperation &node, SourceRange) {
  if (node.op == ast::BinaryOperator::And || node.op == ast::BinaryOperator::Or)
    return evaluateLogical(frame, node);
  Value left = evaluate(frame, *node.left), right = evaluate(frame, *node.right);
  if (!left.isValid() || !right.isValid())
    return Invalid{};
  if (left.is<Tensor>() && right.is<Tensor>())
    if (StringRef op = layerOf(node.op); !op.empty())
      return call(
          frame, *findSignature(op), node.opRange,
          {{std::nullopt, left, node.left->range}, {std::nullopt, right, node.right->range}});
  std::string message;
  Value value = applyBinary(node.op, left, right, message);
  if (!message.empty())
    error(frame, node.opRange, message);
  else if (auto *list = value.as<List>())
    countSteps(frame, node.opRange, (*list)->size());
  else if (auto *string = value.as<std::string>())
    countSteps(frame, node.opRange, string->size() / 16);
  return value;
}

Value Evaluator::evaluateLogical(Frame &frame, const ast::BinaryOperation &node) {
  std::string what = ("'" + spelling(node.op) + "'").str();
  std::optional<bool> left = condition(frame, *node.left, what);
  if (!left)
    return Invalid{};
  if (*left == (node.op == ast::BinaryOperator::Or)) // decided already
    return *left;
  std::optional<bool> right = condition(frame, *node.right, what);
  return right ? Value(*right) : Value();
}

std::optional<bool> Evaluator::condition(Frame &frame, const ast::Expression &expression,
                                         const llvm::Twine &what) {
  std::string name = what.str();
  Value value = evaluate(frame, expression);
  if (auto *boolean = value.as<bool>())
    return *boolean;
  if (value.isValid())
    error(frame, expression.range, name + " expects true or false, but got " + describe(value));
  return std::nullopt;
}

// ---- Names ----

/// What a name stands for, if it is known.
std::optional<Value> Evaluator::lookUp(const Frame &frame, StringRef name) {
  if (auto local = frame.locals.find(name); local != frame.locals.end())
    return local->second;
  if (auto known = frame.file->names.find(name); known != frame.file->names.end()) {
    if (auto *let = std::get_if<const ast::Let *>(&known->second))
      return valueOf(**let, frame);
    return Callable{known->getKey(), std::get<const ast::Function *>(known->second)};
  }
  if (const Builtin *builtin = findBuiltin(name))
    return Callable{builtin->name, builtin};
  if (name == splitSignature().name)
    return Callable{splitSignature().name, &splitSignature()};
  if (const Signature *signature = findSignature(name);
      signature && signature->category == Category::Layer)
    return Callable{signature->name, signature};
  return std::nullopt;
}

/// The file that `let` stands in sees its own names, which need not be those of the file that uses
/// it.
static const ast::File *fileOf(const Program &program, const ast::Let &let) {
  for (const auto &file : program.files)
    if (file->source == let.name.range.file)
      return file.get();
  return &program.main();
}

Value Evaluator::valueOf(const ast::Let &let, const Frame &from) {
  auto [known, isNew] = lets.try_emplace(&let);
  if (!isNew && !known->second) {
    error(from, let.name.range, "'" + let.name.text + "' needs its own value");
    return Invalid{};
  }
  if (isNew) {
    // An override is written at the command line, where the main file's names are seen.
    const ast::Expression *replacement = overrides.lookup(&let);
    Frame frame{.file = replacement ? &program.main() : fileOf(program, let)};
    Value value = evaluate(frame, replacement ? *replacement : *let.value);
    lets[&let] = std::move(value); // `known` may be stale
  }
  return *lets[&let];
}

void Evaluator::evaluateLets() {
  Frame frame{.file = &program.main()};
  for (const auto &let : program.main().lets)
    valueOf(*let, frame);
}

Value Evaluator::evaluateConstant(const ast::Expression &expression) {
  Frame frame{.file = &program.main()};
  return evaluate(frame, expression);
}

std::vector<StringRef> Evaluator::callableNames(const ast::File &file) const {
  std::vector<StringRef> names;
  for (const auto &entry : file.names)
    names.push_back(entry.getKey());
  for (const Builtin &builtin : builtins())
    names.push_back(builtin.name);
  names.push_back(splitSignature().name);
  for (const Signature &signature : signatures())
    if (signature.category == Category::Layer)
      names.push_back(signature.name);
  llvm::sort(names);
  return names;
}

} // namespace weir
