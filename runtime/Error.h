// The two kinds of failure of a produced program, and printf-style text for them.
//
// UserError is what the user can repair (exit 1, one line on stderr). InternalError is a defect of
// the compiler or of this runtime (exit 70). CommandLine.cpp and Library.cpp are the only places
// that catch them.
#ifndef WEIR_RUNTIME_ERROR_H
#define WEIR_RUNTIME_ERROR_H

#include <stdexcept>
#include <string>

namespace weir {

class UserError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

class InternalError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Text made as by printf.
std::string format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/// Throws a UserError with text made as by printf.
[[noreturn]] void fail(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/// Throws an InternalError with text made as by printf.
[[noreturn]] void failInternally(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/// The text of an errno value ("no space left on device"), in lower case as all our messages.
std::string systemError(int number);

/// 60000 -> "60,000".
std::string withCommas(unsigned long long number);

} // namespace weir

#endif
