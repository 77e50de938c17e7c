// How fast one thread of this machine reads memory: for every input line it sums the number of bytes given by the first
// argument, and prints the milliseconds.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  const size_t n = std::strtoull(argv[1], nullptr, 10) / 8 / 64 * 64;
  std::vector<uint64_t> words(n, 1);
  char line[64];
  while (std::fgets(line, sizeof line, stdin)) {
    const auto start = std::chrono::steady_clock::now();
    uint64_t sums[64] = {};  // independent, so that all vector registers are in use
    for (size_t i = 0; i < n; i += 64) {
      for (size_t k = 0; k < 64; ++k) sums[k] += words[i + k];
    }
    uint64_t total = 0;
    for (const uint64_t sum : sums) total += sum;
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    if (total != n) return 1;
    std::printf("%.6f\n", time.count());
    std::fflush(stdout);
  }
}
