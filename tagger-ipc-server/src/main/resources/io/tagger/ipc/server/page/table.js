// Text, rows and a list of many entities. Every text is set as text, never as HTML: tags are the text of strangers.

const harmful = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g;

/** A text with control characters and marks of direction as escapes. */
export function visible(text) {
  return String(text).replace(harmful, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
}

/** A new element with a text. */
export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = visible(text);
  if (className) made.className = className;
  return made;
}

/** Replaces the rows of a table's body; each row is a list of texts or elements. */
export function rows(body, lines) {
  const labels = [...body.closest('table').querySelectorAll('th')].map(th => th.textContent);
  body.replaceChildren(...lines.map(cells => {
    const row = document.createElement('tr');
    cells.forEach((cell, i) => {
      const td = element('td', cell instanceof Node ? undefined : cell);
      if (cell instanceof Node) td.append(cell);
      td.dataset.label = labels[i] || '';
      row.append(td);
    });
    return row;
  }));
}

/** A time in words: 5 s, 12 min, 3 h, 9 d. */
export function since(time) {
  const seconds = Math.max(0, (Date.now() - time) / 1000);
  return seconds < 60 ? Math.floor(seconds) + ' s' : seconds < 3600 ? Math.floor(seconds / 60) + ' min'
      : seconds < 86400 ? Math.floor(seconds / 3600) + ' h' : Math.floor(seconds / 86400) + ' d';
}

/** A list that draws only the visible part of its entities. */
export class EntityList {
  static HEIGHT = 44;

  constructor(box, onSelect) {
    this.box = box;
    this.onSelect = onSelect;
    this.shown = [];
    this.selected = null;
    this.space = element('div', undefined, 'space');
    box.append(this.space);
    box.addEventListener('scroll', () => this.draw(), {passive: true});
    box.addEventListener('keydown', event => this.key(event));
    new ResizeObserver(() => this.draw()).observe(box);
  }

  /** Shows entities: objects with an id and tags. */
  show(entities) {
    this.shown = entities;
    this.space.style.height = entities.length * EntityList.HEIGHT + 'px';
    this.draw();
  }

  select(index) {
    const entity = this.shown[index];
    if (!entity) return;
    this.selected = entity.id;
    const top = index * EntityList.HEIGHT;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    if (top + EntityList.HEIGHT > this.box.scrollTop + this.box.clientHeight) {
      this.box.scrollTop = top + EntityList.HEIGHT - this.box.clientHeight;
    }
    this.draw();
    this.onSelect(entity.id);
  }

  key(event) {
    const at = this.shown.findIndex(entity => entity.id === this.selected);
    const page = Math.max(1, Math.floor(this.box.clientHeight / EntityList.HEIGHT) - 1);
    const step = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page}[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? this.shown.length - 1
        : step === undefined ? undefined : Math.min(this.shown.length - 1, Math.max(0, at + step));
    if (to !== undefined) {
      event.preventDefault();
      this.select(to);
    }
  }

  draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / EntityList.HEIGHT) - 4);
    const count = Math.ceil(this.box.clientHeight / EntityList.HEIGHT) + 8;
    const parts = [this.space];
    for (let i = first; i < Math.min(this.shown.length, first + count); i++) {
      const entity = this.shown[i];
      const part = element('div', entity.id, 'entity');
      part.id = 'entity-' + i;
      part.setAttribute('role', 'option');
      part.setAttribute('aria-setsize', this.shown.length);
      part.setAttribute('aria-posinset', i + 1);
      part.setAttribute('aria-selected', entity.id === this.selected);
      part.style.top = i * EntityList.HEIGHT + 'px';
      part.append(element('span', entity.tags.join(' '), 'tags'));
      part.addEventListener('click', () => this.select(i));
      parts.push(part);
    }
    this.box.replaceChildren(...parts);
    const at = this.shown.findIndex(entity => entity.id === this.selected);
    if (at >= first && at < first + count) {
      this.box.setAttribute('aria-activedescendant', 'entity-' + at);
    } else {
      this.box.removeAttribute('aria-activedescendant');
    }
  }
}
