#include "text/bpe_json.h"

#include <cstring>

#include "text/decimal.h"
#include "text/tekken_token.h"

namespace wembed::text {

size_t BpeJson::read(uint8_t* json, size_t size, bool last) {
  json_ = json;
  done_ = 0;
  if (!vocab_.end) lists_.room(size);
  // What is not there as a whole is read again in the next call.
  while (!failed_ && state_ != State::end) {
    JsonScanner in{json + done_, json + size};
    if (!step(&in)) break;
    done_ = static_cast<size_t>(in.p - json);
  }
  if (last && !failed_) {
    JsonScanner in{json + done_, json + size};
    in.peek();
    if (state_ != State::end || in.p != in.end || !vocab_.end) failed_ = true;
  }
  before_ += done_;
  return failed_ ? kCannot : done_;
}

bool BpeJson::read_vocab(uint8_t* json, size_t size) {
  json_ = json;
  done_ = 0;
  lists_.room(size);
  JsonScanner in{json, json + size};
  if (!in.take('{')) return false;
  state_ = State::vocab;
  if (!entries(&in) || state_ != State::in_model) return false;
  in.peek();
  return in.p == in.end;
}

/// What comes next, if it is all there. `in` is passed on only then.
bool BpeJson::step(JsonScanner* in) {
  switch (state_) {
    case State::file:
    case State::model:
      in->expect('{');
      return next_key(in, state_ == State::file ? State::in_file : State::in_model);
    case State::in_file:
    case State::in_model:
      if (in->take('}')) {
        state_ = state_ == State::in_file ? State::end : State::in_file;
        return true;
      }
      in->expect(',');
      return next_key(in, state_);
    default:
      return entries(in);
  }
}

/// A key and, unless it is the model or one of its lists, its value.
bool BpeJson::next_key(JsonScanner* in, State after) {
  if (in->peek() == '}') {  // an object of nothing
    state_ = after;
    return in->ok;
  }
  const Bytes key = in->key();
  const uint8_t first = in->peek();
  if (!in->ok || !first) return false;
  // A key may be spelled with escapes: who parses the whole file knows it then.
  if (key.size && std::memchr(key.data, '\\', key.size)) return cannot();
  const bool model = after == State::in_file && is_key(key, "model");
  if (model) {
    if (models_++ || vocab_.end || first != '{') return cannot();
    state_ = State::model;
    return true;
  }
  const bool vocab = is_key(key, "vocab");
  if (vocab && after == State::in_file)
    return first == '[' && !models_ ? begin_list(in, Form::ranked, false) : cannot();
  if (vocab) return begin_list(in, first == '[' ? Form::scored : Form::plain, false);
  if (after == State::in_model && is_key(key, "merges")) return first == '[' ? begin_list(in, form_, true) : cannot();
  in->skip_value();
  if (!in->ok || !in->peek()) return false;
  state_ = after;
  return true;
}

bool BpeJson::begin_list(JsonScanner* in, Form form, bool merges) {
  VocabRange& range = merges ? merges_ : vocab_;
  if (range.begin || (merges && !vocab_.end)) return cannot();
  form_ = form;
  range.begin = before_ + static_cast<size_t>(in->p - json_);
  if (form == Form::plain && !merges && *in->p != '{') return cannot();
  in->p++;
  empty_ = true;
  state_ = merges ? State::merges : State::vocab;
  return true;
}

bool BpeJson::entries(JsonScanner* in) {
  const bool vocab = state_ == State::vocab;
  const uint8_t close = vocab && form_ == Form::plain ? '}' : ']';
  uint8_t* begin = json_ + (in->p - json_);
  if (in->peek() != close || vocab || !empty_) {
    do {
      if (!entry(in)) {
        // All entries before it are done with.
        in->p = begin;
        in->ok = true;
        return begin != json_ + done_;
      }
      begin = json_ + (in->p - json_);
      empty_ = false;
    } while (in->p[-1] == ',');
  } else {
    in->p++;
  }
  (vocab ? vocab_ : merges_).end = before_ + static_cast<size_t>(in->p - json_);
  state_ = form_ == Form::ranked ? State::in_file : State::in_model;
  return !vocab || lists_.close() || cannot();
}

bool BpeJson::entry(JsonScanner* in) {
  if (state_ == State::merges) return merge_entry(in);
  return form_ == Form::plain ? vocab_entry(in) : form_ == Form::scored ? piece_entry(in) : ranked_entry(in);
}

/// An entry and what follows it: a comma, or the end of the list. False where it is not all there.
bool BpeJson::vocab_entry(JsonScanner* in) {
  in->expect('"');
  if (!in->ok) return false;
  uint8_t* end = in->string(lists_.end());
  in->expect(':');
  const uint32_t id = in->number();
  const uint8_t next = in->peek();
  if (!in->ok || (next != ',' && next != '}')) return false;
  lists_.add_piece(end, id);
  in->p++;
  return true;
}

bool BpeJson::piece_entry(JsonScanner* in) {
  in->expect('[');
  in->expect('"');
  if (!in->ok) return false;
  uint8_t* end = in->string(lists_.end());
  in->expect(',');
  double score;
  in->peek();
  if (!in->ok || !read_decimal(&in->p, in->end, &score)) return false;
  in->expect(']');
  const uint8_t next = in->peek();
  if (!in->ok || (next != ',' && next != ']')) return false;
  lists_.add_score(score);
  lists_.add_piece(end, lists_.count());
  in->p++;
  return true;
}

bool BpeJson::ranked_entry(JsonScanner* in) {
  TekkenToken token(lists_.end());
  const TekkenToken::Read read = token.read(in, &lists_);
  if (read == TekkenToken::Read::not_all) return false;
  const uint8_t next = in->peek();
  if (read == TekkenToken::Read::cannot || (next && next != ',' && next != ']')) return cannot();
  if (!next) return false;
  lists_.add_piece(token.end(), lists_.count());
  in->p++;
  return true;
}

bool BpeJson::merge_entry(JsonScanner* in) {
  const bool pair = in->take('[');
  in->expect('"');
  if (!in->ok) return false;
  // Strings are read again if the entry is not all there: what is written must not be what is read.
  uint8_t *const begin = lists_.spell(static_cast<size_t>(in->end - in->p)), *end = in->string(begin), *space = end;
  if (pair) {
    in->expect(',');
    in->expect('"');
    if (!in->ok) return false;
    end = in->string(end);
    in->expect(']');
  }
  const uint8_t next = in->peek();
  if (!in->ok || (next != ',' && next != ']')) return false;
  const bool good = pair ? lists_.add_merge(begin, size_t(space - begin), size_t(end - space))
                         : lists_.add_pair(begin, size_t(end - begin));
  if (!good) return cannot();
  in->p++;
  return true;
}

}  // namespace wembed::text
