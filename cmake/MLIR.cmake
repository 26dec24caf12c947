# Debian's MLIR and LLVM 22, linked as the two shared libraries libMLIR.so and libLLVM.so.
set(WEIR_LLVM_ROOT /usr/lib/llvm-22 CACHE PATH "where Debian's LLVM 22 packages are installed")
find_package(MLIR 22.1 REQUIRED CONFIG PATHS ${WEIR_LLVM_ROOT}/lib/cmake/mlir NO_DEFAULT_PATH)
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# One interface library carries the headers (as system headers) and both shared libraries. Debian builds LLVM with
# RTTI, without assertions: NDEBUG must match, since it changes the layout of mlir::Pass::Statistic.
add_library(weir_mlir INTERFACE)
target_include_directories(weir_mlir SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_link_libraries(weir_mlir INTERFACE MLIR LLVM)
target_compile_definitions(weir_mlir INTERFACE NDEBUG)
