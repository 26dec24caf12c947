// main() of a produced executable: the compiler's object beside it defines weir_main_program.
#include "runtime/CommandLine.h"
#include "runtime/Program.h"

extern "C" const weir_program weir_main_program;

int main(int argc, char **argv) { return weir::runProgram(weir_main_program, argc, argv); }
