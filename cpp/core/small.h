#pragma once

/// Before a function's definition: it runs seldom, and is compiled for size in a file that is compiled for speed.
#define WEMBED_SMALL [[clang::minsize]]
