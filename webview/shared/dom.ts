type Attributes = Record<string, string | number | boolean | undefined>;

/** Make an element; texts become text nodes, so that nothing of the data is ever read as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/** An element of a drawing. Presentation goes by attributes and classes: the page's policy allows no styles of elements. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

export function button(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', onClick);
  return made;
}

export function select(
  label: string,
  options: readonly { value: string; text: string }[],
  chosen: string,
  onChange: (value: string) => void,
): HTMLLabelElement {
  const made = element('select', { 'aria-label': label });
  for (const { value, text } of options) {
    made.append(element('option', { value, selected: value === chosen }, text));
  }
  made.addEventListener('change', () => onChange(made.value));
  return element('label', { class: 'field' }, `${label} `, made);
}

/** Show a value that was changed elsewhere; one that is no option of its own becomes the one called `text`. */
export function showSelected(field: HTMLLabelElement, value: string, text: string): void {
  const list = field.querySelector('select');
  if (!list) return;
  list.querySelector('option[data-between]')?.remove();
  if (![...list.options].some((option) => option.value === value)) {
    list.prepend(element('option', { value, 'data-between': true }, text));
  }
  list.value = value;
}

/** The page's only element; every page draws itself into it. */
export function root(): HTMLElement {
  const found = document.getElementById('root');
  if (!found) throw new Error('the page has no root');
  return found;
}
