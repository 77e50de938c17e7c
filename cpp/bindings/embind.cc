// Hands the functions of bindings/boundary.txt to JavaScript: the only file that includes Emscripten's headers. Handles
// and addresses are plain unsigned numbers, which web/memory/ alone holds. A call that can fail returns its code, 0 for
// success; the error* functions say the rest. Calls that answer with more than one number write them to `out`, u32
// words.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include "bindings/exports.h"

EMSCRIPTEN_BINDINGS(wembed) {
#define WEMBED_REGISTER(NAME, FUNCTION) emscripten::function(NAME, &wembed::bindings::FUNCTION);
  WEMBED_FOR_EACH_EXPORT(WEMBED_REGISTER)
}

#ifdef WEMBED_OWN_EMBIND_TYPES  // CMakeLists.txt says where and why
extern "C" {

EMSCRIPTEN_KEEPALIVE const char* __getTypeName(const std::type_info*) { return nullptr; }  // asked of unbound types

EMSCRIPTEN_KEEPALIVE __attribute__((constructor)) void __embind_register_native_and_builtin_types() {
  using namespace emscripten::internal;
  _embind_register_void(TypeID<void>::get(), "void");
  _embind_register_bool(TypeID<bool>::get(), "bool", sizeof(bool), true, false);
  _embind_register_integer(TypeID<uint32_t>::get(), "uint32_t", sizeof(uint32_t), 0, UINT32_MAX);
  _embind_register_float(TypeID<float>::get(), "float", sizeof(float));
  _embind_register_float(TypeID<double>::get(), "double", sizeof(double));
}

}  // extern "C"
#endif
