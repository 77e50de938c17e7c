#pragma once

namespace wembed::text {

/// Whether this module has every tokenizer there is. The core, which every page loads, leaves out what most pages never
/// need: BPE and patterns. Their code is then not linked, and building such a tokenizer is `unsupported`.
#ifdef WEMBED_CORE_MODULE
constexpr bool kEveryTokenizer = false;
#else
constexpr bool kEveryTokenizer = true;
#endif

}  // namespace wembed::text
