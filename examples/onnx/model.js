// A language model in three parts: wembed's input embeddings, a body that ONNX Runtime Web runs, wembed's head.
import { EmbeddingLayer, Matrix } from 'wembed';

/** @typedef {{ InferenceSession: any, Tensor: any }} OnnxRuntime what `import * as ort from 'onnxruntime-web'` gives */

export class SplitModel {
  /**
   * @param {OnnxRuntime} ort
   * @param {any} session
   * @param {EmbeddingLayer} layer
   */
  constructor(ort, session, layer) {
    this.ort = ort;
    this.session = session;
    this.layer = layer;
  }

  /**
   * @param {OnnxRuntime} ort
   * @param {Uint8Array} body an ONNX model, inputs_embeds (n, dim) → hidden (n, dim)
   * @param {Parameters<typeof EmbeddingLayer.fromPretrained>[0]} ends the checkpoint's location
   */
  static async load(ort, body, ends) {
    const session = await ort.InferenceSession.create(body, { executionProviders: ['wasm'] });
    return new SplitModel(ort, session, await EmbeddingLayer.fromPretrained(ends));
  }

  /** The head, which scores hidden states with the embedding's own rows, because the checkpoint ties the two. */
  get head() {
    return /** @type {import('wembed').TiedHead} */ (this.layer.head);
  }

  /**
   * @param {readonly number[]} ids
   * @returns {Promise<Matrix>} (ids.length, dim): the head's input
   */
  async hidden(ids) {
    const { data, rows, dim } = this.layer.embed(ids);
    const inputs = { inputs_embeds: new this.ort.Tensor('float32', data, [rows, dim]) };
    const { hidden } = await this.session.run(inputs);
    return new Matrix(hidden.data, rows, dim);
  }

  /**
   * The most probable continuation of a prompt.
   * @param {readonly number[]} prompt
   * @param {number} count
   * @returns {Promise<number[]>} prompt and continuation
   */
  async continue(prompt, count) {
    const ids = [...prompt];
    while (ids.length < prompt.length + count) {
      const hidden = await this.hidden(ids);
      ids.push(this.head.topK(hidden.row(ids.length - 1), 1).ids[0]);
    }
    return ids;
  }

  dispose() {
    this.layer.dispose();
  }
}
