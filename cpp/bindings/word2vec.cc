#include "train/word2vec.h"

#include "bindings/call.h"
#include "bindings/exports.h"
#include "text/hash_seed.h"

namespace wembed::bindings {

using train::Word2Vec;

uint32_t random_seed() {
  static uint64_t calls = 0;
  return static_cast<uint32_t>(train::SplitMix(text::hash_seed().high + ++calls).next());
}

uint32_t word2vec_create(uint32_t counts, uint32_t words, uint32_t integers, uint32_t numbers, uint32_t out) {
  const uint32_t* n = at<uint32_t>(integers);
  const double* x = at<double>(numbers);
  std::unique_ptr<Word2Vec> model;
  const Status status =
      Word2Vec::create(at<uint32_t>(counts), words,
                       {n[0], n[1], n[2], n[3] != 0, n[4] != 0, n[5] != 0, n[6] != 0, x[0], x[1], n[7]}, &model);
  *at<uint32_t>(out) = address_of(model.release());
  return report(status);
}
void word2vec_free(uint32_t model) { delete at<Word2Vec>(model); }
void word2vec_restart(uint32_t model) { at<Word2Vec>(model)->restart(); }
uint32_t word2vec_vectors(uint32_t model) { return address_of(at<Word2Vec>(model)->vectors()); }
uint32_t word2vec_outputs(uint32_t model) { return address_of(at<Word2Vec>(model)->outputs()); }
uint32_t word2vec_train(uint32_t model, uint32_t ids, uint32_t ends, uint32_t sentences, float alpha, uint32_t epoch,
                        uint32_t batch, uint32_t out) {
  return report(at<Word2Vec>(model)->train(at<uint32_t>(ids), at<uint32_t>(ends), sentences, alpha, epoch, batch,
                                           at<train::Word2VecProgress>(out)));
}

}  // namespace wembed::bindings
