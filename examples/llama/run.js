// node examples/llama/run.js stories260K.gguf ["Once upon a time"] [temperature]
import { readFileSync } from 'node:fs';
import { Llama } from './llama.js';

const [path, prompt = '', temperature = '0'] = process.argv.slice(2);
if (!path) {
  console.error('node examples/llama/run.js model.gguf [prompt] [temperature]');
  process.exit(1);
}
const file = new Uint8Array(readFileSync(path));
const model = await Llama.load(file);
const { tokenizer } = model;
const prompted = tokenizer.encode(prompt).ids; // begins with <s>
const ids = [prompted[0]];
for (let position = 0, shown = ''; position < 256; position++) {
  const hidden = model.next(ids[position], position);
  const next =
    prompted[position + 1] ?? model.head.sample(hidden, { temperature: Number(temperature), seed: position });
  if (next === prompted[0]) break; // a new story
  ids.push(next);
  const text = tokenizer.decode(ids);
  process.stdout.write(text.slice(shown.length));
  shown = text;
}
process.stdout.write('\n');
