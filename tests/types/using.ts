// `using` frees the memory at the end of the block.
import { EmbeddingLayer, EmbeddingTable, RemoteTable, TiedHead, Tokenizer, WordVectors } from 'wembed';
import { loadMini } from 'wembed/mini';

export async function main(): Promise<void> {
  using mini = await loadMini();
  using layer = await EmbeddingLayer.fromPretrained('org/name', { revision: 'main' });
  using tokenizer = await Tokenizer.fromPretrained('org/name');
  using table = await EmbeddingTable.from(new Float32Array(6), { rows: 2, dim: 3 });
  using head = new TiedHead(table);
  using remote = await RemoteTable.open('org/name', { tensor: 'embed_tokens.weight' });
  using vectors = await WordVectors.load('vectors.txt');
  void [mini, layer, tokenizer, head, remote, vectors];
}
