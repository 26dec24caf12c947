// Prints a syntax tree for `--emit=ast` and for tests.
//
// One node a line: what it is, its name or value, and for declarations and calls the position.
#include "frontend/Ast.h"

#include "llvm/Support/raw_ostream.h"

namespace weir {

namespace ast {

llvm::StringRef spelling(UnaryOperator op) { return op == UnaryOperator::Negate ? "-" : "not"; }

llvm::StringRef spelling(BinaryOperator op) {
  static constexpr llvm::StringRef spellings[] = {"or", "and", "==", "!=", "<", "<=", ">",
                                                  ">=", "+",   "-",  "*",  "/", "//", "%"};
  return spellings[static_cast<size_t>(op)];
}

const Setting *Settings::find(llvm::StringRef name) const {
  for (const Setting &setting : settings)
    if (setting.name.text == name)
      return &setting;
  return nullptr;
}

} // namespace ast

namespace {

class Dumper {
public:
  explicit Dumper(llvm::raw_ostream &os) : os(os) {}

  void file(const ast::File &file) {
    line() << "file " << file.source->name() << "\n";
    Indent inside(*this);
    for (const ast::Import &import : file.imports)
      line() << "import \"" << import.path << "\"\n";
    for (const auto &let : file.lets) {
      line() << "let " << let->name.text << at(let->name.range) << "\n";
      child(*let->value);
    }
    for (const auto &function : file.functions) {
      line() << "function " << function->name.text << at(function->name.range) << "\n";
      Indent inside(*this);
      for (const ast::Parameter &parameter : function->parameters) {
        line() << "parameter " << parameter.name.text << "\n";
        if (parameter.defaultValue)
          child(*parameter.defaultValue);
      }
      block("body", function->body);
    }
    if (file.net) {
      line() << "net " << file.net->name.text << at(file.net->name.range) << "\n";
      Indent inside(*this);
      line() << "input " << file.net->input.text << "\n";
      child(*file.net->inputShape);
      block("body", file.net->body);
    }
    settings("train", file.train.get());
    settings("sweep", file.sweep.get());
    settings("quantize", file.quantize.get());
  }

private:
  /// Indents by one level for as long as it lives.
  struct Indent {
    explicit Indent(Dumper &dumper) : dumper(dumper) { ++dumper.level; }
    ~Indent() { --dumper.level; }
    Dumper &dumper;
  };

  llvm::raw_ostream &line() { return os.indent(2 * level); }

  static std::string at(SourceRange range) {
    SourcePosition position = range.file->position(range.begin);
    return " <" + std::to_string(position.line) + ":" + std::to_string(position.column) + ">";
  }

  void settings(llvm::StringRef keyword, const ast::Settings *settings) {
    if (!settings)
      return;
    line() << keyword << "\n";
    Indent inside(*this);
    for (const ast::Setting &setting : settings->settings) {
      line() << "setting " << setting.name.text << at(setting.name.range) << "\n";
      child(*setting.value);
    }
  }

  void block(llvm::StringRef title, const ast::Block &block) {
    line() << title << "\n";
    Indent inside(*this);
    for (const ast::StatementPtr &statement : block)
      std::visit([&](const auto &node) { print(node); }, statement->node);
  }

  void print(const ast::Assignment &node) {
    line() << "assign " << node.target.text << "\n";
    child(*node.value);
  }
  void print(const ast::Return &node) {
    line() << "return\n";
    if (node.value)
      child(*node.value);
  }
  void print(const ast::If &node) {
    line() << "if\n";
    Indent inside(*this);
    for (const ast::If::Branch &branch : node.branches) {
      if (branch.condition)
        expression(*branch.condition);
      block(branch.condition ? "then" : "else", branch.body);
    }
  }
  void print(const ast::For &node) {
    line() << "for";
    for (const ast::Identifier &variable : node.variables)
      os << " " << variable.text;
    os << "\n";
    child(*node.list);
    Indent inside(*this);
    block("body", node.body);
  }
  void print(const ast::ExpressionStatement &node) { expression(*node.value); }

  void child(const ast::Expression &value) {
    Indent inside(*this);
    expression(value);
  }
  void expression(const ast::Expression &value) {
    std::visit([&](const auto &node) { print(node, value.range); }, value.node);
  }

  void print(const ast::NoneLiteral &, SourceRange) { line() << "none\n"; }
  void print(const ast::BooleanLiteral &node, SourceRange) {
    line() << (node.value ? "true" : "false") << "\n";
  }
  void print(const ast::IntegerLiteral &node, SourceRange) {
    line() << "integer " << node.value << "\n";
  }
  void print(const ast::FloatLiteral &, SourceRange range) {
    line() << "float " << range.text() << "\n";
  }
  void print(const ast::StringLiteral &node, SourceRange) {
    line() << '"';
    os.write_escaped(node.value) << "\"\n";
  }
  void print(const ast::ListLiteral &node, SourceRange) {
    line() << "list\n";
    for (const ast::ExpressionPtr &element : node.elements)
      child(*element);
  }
  void print(const ast::NameReference &node, SourceRange) {
    line() << "name " << node.name << "\n";
  }
  void print(const ast::IndexAccess &node, SourceRange) {
    line() << "index\n";
    child(*node.list);
    child(*node.index);
  }
  void print(const ast::PropertyAccess &node, SourceRange) {
    line() << "property " << node.property.text << "\n";
    child(*node.object);
  }
  void print(const ast::UnaryOperation &node, SourceRange) {
    line() << "unary " << spelling(node.op) << "\n";
    child(*node.operand);
  }
  void print(const ast::BinaryOperation &node, SourceRange) {
    line() << "binary " << spelling(node.op) << "\n";
    child(*node.left);
    child(*node.right);
  }
  void print(const ast::Call &node, SourceRange) {
    line() << "call " << node.callee.text << at(node.callee.range) << "\n";
    Indent inside(*this);
    for (const ast::Argument &argument : node.arguments) {
      if (!argument.name) {
        expression(*argument.value);
        continue;
      }
      line() << "argument " << argument.name->text << "\n";
      child(*argument.value);
    }
  }

  llvm::raw_ostream &os;
  unsigned level = 0;
};

} // namespace

void dumpAst(const ast::File &file, llvm::raw_ostream &os) { Dumper(os).file(file); }

} // namespace weir
