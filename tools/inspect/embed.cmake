# cmake -DOUTPUT=PageFiles.h -DFOLDER=page -P embed.cmake: the files of the page as strings of C++.
# Parts of a script are named in the order in which they are joined.
set(text "// Written by CMake from tools/inspect/page/.\n#pragma once\n#include <string>\nnamespace weir::page {\n")
function(embed name file)
  file(READ ${FOLDER}/${file} content)
  # Compilers allow long literals; readers of errors like short ones: one per file.
  set(text "${text}inline constexpr const char *${name} = R\"__page__(${content})__page__\";\n" PARENT_SCOPE)
endfunction()
embed(index index.html)
embed(style style.css)
set(sum "")
foreach(part colours diff pieces source passes groups memory main)
  embed(script_${part} ${part}.js)
  string(APPEND sum " + script_${part}")
endforeach()
string(APPEND text "inline std::string script() { return std::string()${sum}; }\n} // namespace weir::page\n")
file(WRITE ${OUTPUT} "${text}")
