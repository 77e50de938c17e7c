// A caller that tells failures apart.
import { EmbeddingLayer, WembedError } from 'wembed';
import type { ErrorCode } from 'wembed';

export async function load(location: string): Promise<EmbeddingLayer | ErrorCode> {
  try {
    return await EmbeddingLayer.fromPretrained(location);
  } catch (error) {
    if (!(error instanceof WembedError)) throw error;
    const status: number | undefined = error.status;
    const url: string | undefined = error.url;
    const reason: string | undefined = error.reason;
    if ([status, url, reason].every((each) => each === undefined)) return error.code;
    // @ts-expect-error: a code that does not exist
    if (error.code === 'no_such_code') return 'network';
    return error.code;
  }
}
