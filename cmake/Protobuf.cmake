# Debian's Protobuf: what weir keeps beside programs (tuning records, calibration tables). Produced programs do not link it.
find_package(Protobuf 3.21 REQUIRED)

# weir_protobuf(TARGET NAME.proto): a library of the message classes of one file, without this project's warnings.
function(weir_protobuf target file)
  cmake_path(GET file STEM name)
  protobuf_generate_cpp(sources headers ${file})
  add_library(${target} STATIC ${sources} ${headers})
  target_include_directories(${target} SYSTEM PUBLIC ${CMAKE_CURRENT_BINARY_DIR} ${Protobuf_INCLUDE_DIRS})
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
endfunction()
