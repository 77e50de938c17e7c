// examples/llama: a trained model through both ends of the library tells the story that llama2.c does.
import { readFileSync } from 'node:fs';
import { Llama } from '../../examples/llama/llama.js';
import { sharedData } from '../support/wembed.js';

const stories = sharedData('stories260K');
stories.test('the greedy text of stories260K is the published one', async () => {
  const read = (/** @type {string} */ extension) => readFileSync(`${stories.path}/stories260K.${extension}`);
  const published = read('md').toString().split('-t 0.0\n')[1].split('\n```')[0];
  expect(published.length).toBeGreaterThan(500);
  const file = new Uint8Array(read('gguf'));
  const model = await Llama.load(file);
  const { tokenizer } = model;
  const ids = [...tokenizer.encode('').ids];
  expect(ids).toEqual([1]);
  while (tokenizer.decode(ids).length < published.length) {
    const hidden = model.next(/** @type {number} */ (ids.at(-1)), ids.length - 1);
    ids.push(model.head.topK(hidden, 1).ids[0]);
  }
  expect(tokenizer.decode(ids)).toBe(published);
});
