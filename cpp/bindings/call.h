#pragma once
#include <cstdint>

#include "core/status.h"

namespace wembed::bindings {

/// An address that JavaScript passes or receives, as a pointer.
template <class T>
T* at(uint32_t address) {
  return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
}
inline uint32_t address_of(const void* pointer) { return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer)); }

/// Stores a failed call's status for the error functions. @returns its code
uint32_t report(const Status& status);

}  // namespace wembed::bindings
