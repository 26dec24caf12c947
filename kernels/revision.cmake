# Writes Revision.cpp (see Revision.h). Arguments: OUTPUT, HALIDE_VERSION, SOURCES (separated by '|').
string(REPLACE "|" ";" SOURCES "${SOURCES}")
set(hashes "")
foreach(source IN LISTS SOURCES)
  file(SHA256 ${source} hash)
  string(APPEND hashes ${hash})
endforeach()
string(SHA256 revision "${hashes}")
file(WRITE ${OUTPUT} "#include \"kernels/Revision.h\"\n\n"
     "const char *weir::kernels::revision() { return \"${revision} halide ${HALIDE_VERSION}\"; }\n")
