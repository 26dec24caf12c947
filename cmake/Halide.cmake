# Halide 21 from the Python wheel in the build's virtual environment: headers and libHalide.so.
# Only kernels/ links it (see test/layout).
find_package(Python3 COMPONENTS Interpreter REQUIRED)
if(NOT WEIR_HALIDE_ROOT)
  execute_process(
    COMMAND ${Python3_EXECUTABLE} -c "import halide, os; print(os.path.dirname(halide.__file__))"
    OUTPUT_VARIABLE WEIR_HALIDE_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()
set(HalideHelpers_DIR ${WEIR_HALIDE_ROOT}/lib64/cmake/HalideHelpers)
set(Halide_DIR ${WEIR_HALIDE_ROOT}/lib64/cmake/Halide)
find_package(HalideHelpers 21 REQUIRED CONFIG)
find_package(Halide 21 REQUIRED CONFIG COMPONENTS shared)
