// A language model in three parts: wembed's table, a body that ONNX Runtime Web runs, wembed's head over the same table.
import { EmbeddingTable, Matrix, TiedHead } from 'wembed';

/** @typedef {{ InferenceSession: any, Tensor: any }} OnnxRuntime what `import * as ort from 'onnxruntime-web'` gives */

export class SplitModel {
  /**
   * @param {OnnxRuntime} ort
   * @param {any} session
   * @param {EmbeddingTable} table
   */
  constructor(ort, session, table) {
    this.ort = ort;
    this.session = session;
    this.table = table;
    this.head = new TiedHead(table); // the same rows that embed the ids
  }

  /**
   * @param {OnnxRuntime} ort
   * @param {Uint8Array} body an ONNX model, inputs_embeds (n, dim) → hidden (n, dim)
   * @param {Float32Array} rows (vocabSize, dim)
   * @param {number} dim
   */
  static async load(ort, body, rows, dim) {
    const session = await ort.InferenceSession.create(body, { executionProviders: ['wasm'] });
    return new SplitModel(ort, session, await EmbeddingTable.from(rows, { rows: rows.length / dim, dim }));
  }

  /**
   * @param {readonly number[]} ids
   * @returns {Promise<Matrix>} (ids.length, dim): what the head scores
   */
  async hidden(ids) {
    const { data, rows, dim } = this.table.lookup(ids);
    const inputs = { inputs_embeds: new this.ort.Tensor('float32', data, [rows, dim]) };
    const { hidden } = await this.session.run(inputs);
    return new Matrix(hidden.data, rows, dim);
  }

  /**
   * The most probable ids after some.
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
    this.head.dispose();
    this.table.dispose();
  }
}
