// Small charts of the agent's metrics: the counters of /metrics as rates, and the latency of lookups.

import {element} from '/table.js';

const MOST = 60;
const SVG = 'http://www.w3.org/2000/svg';

/** The samples of a text in the format of Prometheus, by name with labels. */
export function parse(text) {
  const samples = new Map();
  for (const line of text.split('\n')) {
    const end = line.lastIndexOf(' ');
    if (end > 0 && !line.startsWith('#')) samples.set(line.slice(0, end), Number(line.slice(end + 1)));
  }
  return samples;
}

/** The sum of all samples whose name begins so. */
function sum(samples, begin) {
  let sum = 0;
  for (const [name, value] of samples) if (name.startsWith(begin)) sum += value;
  return sum;
}

function chart(title, unit) {
  const figure = element('figure');
  const caption = element('figcaption', title);
  const value = element('b', '–');
  caption.append(value);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${MOST - 1} 100`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', title);
  const line = document.createElementNS(SVG, 'polyline');
  svg.append(line);
  figure.append(caption, svg);
  const points = [];
  return {
    figure,
    add(number) {
      points.push(number);
      if (points.length > MOST) points.shift();
      const most = Math.max(...points, 1e-9);
      const begin = MOST - points.length;
      line.setAttribute('points', points.map((y, x) => `${begin + x},${97 - 94 * y / most}`).join(' '));
      value.textContent = number.toPrecision(3).replace(/\.?0+$/, '') + ' ' + unit;
    }
  };
}

/** The charts, in a box. */
export class Charts {
  constructor(box) {
    this.all = {
      requests: chart('Requests', '/s'),
      updates: chart('Updates', '/s'),
      misses: chart('Misses', '/s'),
      latency: chart('Lookup', 'ms'),
      watchers: chart('Watchers', ''),
      memory: chart('Memory', 'MB')
    };
    box.replaceChildren(...Object.values(this.all).map(one => one.figure));
  }

  /** Takes the text of one scrape. */
  add(text, seconds) {
    const samples = parse(text);
    const now = {
      requests: sum(samples, 'tagger_ipc_requests_total'),
      updates: sum(samples, 'tagger_updates_total'),
      misses: sum(samples, 'tagger_misses_total'),
      lookups: sum(samples, 'tagger_ipc_lookup_seconds_count'),
      lookupSeconds: sum(samples, 'tagger_ipc_lookup_seconds_sum'),
      seconds
    };
    const before = this.before;
    this.before = now;
    this.all.watchers.add(sum(samples, 'tagger_ipc_watchers'));
    this.all.memory.add(sum(samples, 'process_resident_memory_bytes') / 1e6);
    if (!before) return;
    const time = Math.max(.001, now.seconds - before.seconds);
    for (const name of ['requests', 'updates', 'misses']) this.all[name].add((now[name] - before[name]) / time);
    const lookups = now.lookups - before.lookups;
    this.all.latency.add(lookups === 0 ? 0 : 1000 * (now.lookupSeconds - before.lookupSeconds) / lookups);
  }
}
