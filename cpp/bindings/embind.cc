// Exports the functions of bindings/boundary.txt to JavaScript: the only file that includes Emscripten's headers.
// Handles and addresses are plain unsigned numbers, which only web/memory/ holds. A call that can fail returns its
// code, 0 for success; the error* functions give the details. Calls with more than one result number write them to
// `out` as u32 words.
#include <emscripten/bind.h>

#include "bindings/exports.h"

EMSCRIPTEN_BINDINGS(wembed) {
#define WEMBED_REGISTER(NAME, FUNCTION) emscripten::function(NAME, &wembed::bindings::FUNCTION);
#ifdef WEMBED_TEXT_MODULE
  WEMBED_FOR_EACH_TEXT_EXPORT(WEMBED_REGISTER)
#elif defined(WEMBED_TRAIN_MODULE)
  WEMBED_FOR_EACH_TRAIN_EXPORT(WEMBED_REGISTER)
#else
  WEMBED_FOR_EACH_CORE_EXPORT(WEMBED_REGISTER)
#endif
}
