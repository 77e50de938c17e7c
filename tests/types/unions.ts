// A caller whose variable may be one text or many, and one whose ids may be of any kind.
import type { EmbeddingLayer, EmbeddingTable, Matrix } from 'wembed';

export function encode(layer: EmbeddingLayer, texts: string | string[]): Float32Array | Matrix {
  return layer.encode(texts);
}

export function encodeOne(layer: EmbeddingLayer, text: string): Float32Array {
  return layer.encode(text, { normalize: true, dimensions: 64 });
}

export function encodeMany(layer: EmbeddingLayer, texts: readonly string[]): Matrix {
  return layer.encode(texts, { into: new Float32Array(1024) });
}

export function lookup(table: EmbeddingTable, ids: number[] | Uint32Array | Int32Array | BigInt64Array): Matrix {
  return table.lookup(ids);
}
