// Allocation without libc++'s handlers, which would link printf: an allocation that fails traps (core/array.h).
#include <cstdlib>
#include <new>

#include "core/array.h"

void* operator new(size_t bytes) {
  void* memory = std::malloc(bytes ? bytes : 1);
  if (!memory) wembed::trap_out_of_memory(bytes);
  return memory;
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return std::malloc(bytes ? bytes : 1); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
