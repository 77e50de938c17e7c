// The section of the benchmarks that compares tokenizers.
import { existsSync } from 'node:fs';
import { inFreshProcess } from './measure.mjs';

/**
 * @param {{ quick: boolean }} options
 * @param {{ table: (header: string[], rows: string[][]) => string, ratio: (value: number) => string }} as report.mjs has them
 * @returns {import('./report.mjs').Section}
 */
export function tokenizers({ quick }, { table, ratio }) {
  const title = '### Text to ids';
  if (!existsSync(new URL('../../shared/data/tokenizers', import.meta.url)))
    return { text: `${title}\n\nNot measured: the files of ranks in ../shared/data are not there.`, targets: [] };
  const { speeds, ready } = inFreshProcess('cases/tokenizers.mjs', quick ? ['--quick'] : []);
  const peers = [...new Set(speeds.map((/** @type {{ peer: string }} */ each) => each.peer))];
  /** @param {any[]} list @param {(each: any) => string} rowOf @param {(each: any) => string} cellOf */
  const rowsOf = (list, rowOf, cellOf) =>
    [...new Set(list.map(rowOf))].map((row) => [
      row,
      ...peers.map((peer) => cellOf(list.find((each) => rowOf(each) === row && each.peer === peer))),
    ]);
  const speedRows = rowsOf(
    speeds,
    ({ vocabulary, text }) => `${vocabulary}, ${text}`,
    ({ speed, same }) => `${speed < 10 ? speed.toFixed(1) : speed.toFixed(0)}${same ? '' : ' (other ids)'}`,
  );
  const readyRows = rowsOf(
    ready,
    ({ vocabulary }) => vocabulary,
    ({ time, saved }) => time.toFixed(0) + (saved === undefined ? '' : `, saved ${saved.toFixed(0)}`),
  );
  const targets = speedRows.map(([what], row) => {
    const [ours, theirs] = ['wembed', 'hypertok'].map(
      (peer) => speeds.filter((/** @type {{ peer: string }} */ each) => each.peer === peer)[row].speed,
    );
    return {
      what: `text → ids against hypertok: ${what}`,
      target: '≥ 1.2 ×',
      reached: `${ratio(ours / theirs)} ×`,
      met: ours >= 1.2 * theirs,
    };
  });
  const text = [
    title,
    'MB of UTF-8 a second of the processor’s time, a text met before; slow peers measured once.',
    table(['', ...peers], speedRows),
    'Ready, from the file of each package in memory, ms of the processor’s time; `saved`: from what `save` wrote.',
    table(['', ...peers], readyRows),
  ];
  return { text: text.join('\n\n'), targets };
}
