// The status page: follows the agent's watch, and asks for the rest at an interval. Nothing is kept but the entities.

import {Charts} from '/charts.js';
import {element, EntityList, rows, since, visible} from '/table.js';

const INTERVAL = 2000;
const MOST_CHANGES = 100;

const part = id => document.getElementById(id);
const entities = new Map(); // id to {id, tags, text}
const changes = [];
const list = new EntityList(part('list'), id => explain(id, ''));
const charts = new Charts(part('charts'));
let isSynced = false;
let isDirty = false;
let explained = null;

async function json(path) {
  const answer = await fetch(path);
  const body = await answer.json();
  if (!answer.ok && !body.collectors) throw new Error(body.error ? body.error.message : answer.status);
  return body;
}

// --- entities, live --------------------------------------------------------------------------------------------------

function take(event) {
  if (event.type === 'synced') {
    isSynced = true;
  } else if (event.type === 'deleted') {
    if (entities.delete(event.entity)) note(event.type, event.entity, []);
  } else if (event.entity) {
    const isNew = !entities.has(event.entity);
    const tags = event.tags || [];
    entities.set(event.entity, {
      id: event.entity, tags, text: (event.entity + ' ' + tags.join(' ')).toLowerCase()
    });
    if (isSynced) note(isNew ? 'added' : 'modified', event.entity, tags);
    if (isSynced && event.entity === explained) explain(explained, part('name').value);
  }
  isDirty = true;
}

function note(type, entity, tags) {
  changes.unshift({time: new Date(), type, entity, tags});
  changes.length = Math.min(changes.length, MOST_CHANGES);
}

function draw() {
  if (isDirty && (isSynced || entities.size < 200)) {
    isDirty = false;
    search();
    part('change-rows').replaceChildren(...changes.map(change => element(
        'li', `${change.time.toLocaleTimeString()} ${change.type} ${change.entity} ${change.tags.join(' ')}`)));
    part('count').textContent = `${entities.size} entities`;
  }
  requestAnimationFrame(draw);
}

function search() {
  const words = part('search').value.toLowerCase().split(/\s+/).filter(word => word);
  const found = [];
  for (const entity of entities.values()) {
    if (words.every(word => entity.text.includes(word))) found.push(entity);
  }
  found.sort((a, b) => a.id < b.id ? -1 : 1);
  part('found').textContent = words.length ? `${found.length} found` : '';
  list.show(found);
}

async function watch() {
  try {
    const answer = await fetch('/v1/watch?cardinality=high');
    if (!answer.ok) throw new Error(answer.status);
    entities.clear();
    isSynced = false;
    badge('live', 'live', 'good');
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    while (true) {
      const {done, value} = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line.trim()) take(JSON.parse(line));
    }
  } catch (error) {
    console.warn('the watch has ended', error);
  }
  badge('live', 'not live', 'bad');
  setTimeout(watch, 1000);
}

// --- collectors, rates, settings ---------------------------------------------------------------------------------------

function badge(id, text, className) {
  const badge = part(id);
  badge.textContent = text;
  badge.className = 'badge ' + className;
}

async function poll() {
  try {
    const status = await json('/v1/collectors');
    badge('ready', status.ready ? 'ready' : 'not ready', status.ready ? 'good' : 'warn');
    const isUnused = one => one.state === 'absent' || one.state === 'stopped';
    rows(part('collector-rows'), status.collectors.filter(one => !isUnused(one)).map(one => [
      one.name, state(one), one.entities, one.failures, since(new Date(one.since)),
      one.reason || (one.last_error ? 'last error: ' + one.last_error : '')
    ]));
    const unused = status.collectors.filter(isUnused);
    part('unused').textContent = unused.map(one => one.name).join(', ');
    part('unused-rows').replaceChildren(...unused.map(one => element('li', `${one.name}: ${one.reason}`)));
    part('issues').replaceChildren(...status.issues.map(issue =>
      element('li', `${issue.severity}: ${issue.subject}: ${issue.message}`, issue.severity === 'error' ? 'bad' : 'warn')));
    charts.add(await (await fetch('/metrics')).text(), performance.now() / 1000);
  } catch (error) {
    badge('ready', 'no answer', 'bad');
  }
  setTimeout(poll, INTERVAL);
}

function state(collector) {
  const bad = ['waiting', 'failed'].includes(collector.state);
  return element('span', collector.state + (collector.degraded ? ', degraded' : ''),
      bad ? 'bad' : collector.degraded ? 'warn' : collector.state === 'running' ? 'good' : 'names');
}

async function settings() {
  try {
    const all = (await json('/v1/settings')).settings;
    const hasDefaults = part('defaults').checked;
    rows(part('setting-rows'), Object.entries(all)
        .filter(([, setting]) => hasDefaults || setting.origin !== 'default')
        .map(([key, setting]) => [key, setting.value, setting.origin]));
  } catch (error) {
    rows(part('setting-rows'), [[String(error.message), '', '']]);
  }
}

// --- one entity ------------------------------------------------------------------------------------------------------------

function from(origin) {
  return origin.from + (origin.rule ? (origin.from ? ' by ' : 'by ') + origin.rule : '');
}

async function explain(entity, name) {
  if (entity !== explained) part('name').value = name;
  explained = entity;
  part('explained').textContent = visible(entity);
  part('why').hidden = false;
  let answer;
  try {
    answer = await json('/v1/explain?' + new URLSearchParams(name ? {entity, name} : {entity}));
  } catch (error) {
    part('findings').replaceChildren(element('li', error.message, 'bad'));
    return;
  }
  if (explained !== entity) return;
  part('findings').replaceChildren(...answer.findings.map(finding => element('li', finding)));
  part('tags').hidden = answer.tags.length === 0;
  rows(part('tag-rows'), answer.tags.flatMap(tag => tag.origins.map((origin, i) =>
    [i ? '' : tag.tag, tag.cardinality, origin.source, from(origin)])));
  part('lost').hidden = answer.lost.length === 0;
  rows(part('lost-rows'), answer.lost.map(tag => [tag.tag, tag.origin.source, from(tag.origin), tag.why]));
  part('sources').replaceChildren(...answer.sources.filter(one => !one.answer.startsWith('is not used here')).map(source => {
    const item = element('li', `${source.name} ${source.answer}`);
    const kinds = new Map();
    for (const seen of source.seen) kinds.set(seen.kind, [...(kinds.get(seen.kind) || []), seen.name]);
    for (const [kind, names] of kinds) item.append(element('div', `${kind} names: ${names.sort().join(', ')}`, 'names'));
    return item;
  }));
}

// --- input ---------------------------------------------------------------------------------------------------------------

part('search').addEventListener('input', search);
part('search').addEventListener('keydown', event => {
  if (event.key === 'ArrowDown' || event.key === 'Enter') {
    event.preventDefault();
    part('list').focus();
    list.select(0);
  }
});
part('defaults').addEventListener('change', settings);
part('why').addEventListener('submit', event => {
  event.preventDefault();
  explain(explained, part('name').value.trim());
});
document.addEventListener('keydown', event => {
  if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    part('search').focus();
  }
});

watch();
poll();
settings();
requestAnimationFrame(draw);
