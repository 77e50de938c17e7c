import { type EmbeddingWorker, type Matrix, type WorkerIndex, createWorker } from 'wembed/worker';
import { serveWorker } from 'wembed/worker-thread';

export async function inWorker(texts: string[], signal: AbortSignal): Promise<Matrix> {
  const worker: EmbeddingWorker = await createWorker({
    model: 'org/name',
    dtype: 'i8',
    signal,
    env: { wasm: '/a.wasm' },
  });
  const one: Float32Array = await worker.encode('one');
  const index: WorkerIndex = await worker.index([{ id: 1, text: 'one', vector: one }], { dtype: 'i8', signal });
  const [{ id, score }] = await index.search('one', { topK: 1, filter: [1] });
  // @ts-expect-error a function cannot cross
  await index.search('one', { filter: () => true });
  const alike: number = await worker.similarity('a', one);
  const [first]: Uint32Array[] = await worker.tokenizer.encodeBatch(texts);
  const { loaded }: { loaded: number } = { loaded: Number(id) + score + alike + first.length };
  await index.add(
    texts.map((text, i) => ({ id: i + loaded, text })),
    { onProgress: ({ total }) => void total },
  );
  return worker.encode(texts, { normalize: true, onProgress: ({ status }) => void status });
}

serveWorker({ load: async () => (await import('wembed/mini')).loadMini() });
