#pragma once
// The WebAssembly SIMD intrinsics: the compiler's own for wasm, SIMDe's for native builds, so that sanitizers and
// fuzzers run the code that ships. The only file that knows both.
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#else
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/wasm/simd128.h>
#endif
