// Allocation without libc++'s handlers, which would link printf: an allocation that fails traps (core/array.h).
#include <cstdlib>
#include <new>

#include "core/array.h"

// What the libraries call where they give up: a trap, not a function of JavaScript's that one module would ask for and
// another would not.
extern "C" _Noreturn void abort() { __builtin_trap(); }

void* operator new(size_t bytes) {
  void* memory = std::malloc(bytes ? bytes : 1);
  if (!memory) wembed::trap_out_of_memory(bytes);
  return memory;
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return std::malloc(bytes ? bytes : 1); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
