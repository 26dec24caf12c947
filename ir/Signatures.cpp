//===- Signatures.cpp - see Signatures.h ------------------------------------------------------===//

#include "ir/Signatures.h"

#include "llvm/ADT/STLExtras.h"

namespace weir {
namespace {
#include "ir/Signatures.inc"
} // namespace

llvm::ArrayRef<Signature> signatures() { return allSignatures; }

const Signature *findSignature(llvm::StringRef name) {
  const Signature *found = llvm::lower_bound(
      signatures(), name, [](const Signature &s, llvm::StringRef n) { return s.name < n; });
  return found != signatures().end() && found->name == name ? found : nullptr;
}

const Argument *Signature::find(llvm::StringRef name) const {
  const Argument *found =
      llvm::find_if(arguments, [&](const Argument &a) { return a.name == name; });
  return found != arguments.end() ? found : nullptr;
}

} // namespace weir
