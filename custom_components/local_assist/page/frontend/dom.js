/**
 * Builds the page. Whatever is shown goes in as text: nothing is ever parsed as HTML, so a fact, a
 * file or a model can be named as it likes.
 */

/** Attributes that must be set as properties to take effect after the element was used. */
const PROPERTIES = new Set(["checked", "disabled", "open", "value"]);

/**
 * Make an element.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `onclick` and the like take a function; true is an
 *   attribute without a value; false, null and undefined leave it out.
 * @param {...(Node | string | number | null | undefined | false)} children strings become text.
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (PROPERTIES.has(name)) {
      element[name] = value;
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(element, children);
  return element;
}

/**
 * Put children into an element, leaving out what is not there.
 *
 * @param {Element} element
 * @param {unknown[]} children
 */
function append(element, children) {
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child instanceof Node ? child : String(child));
    }
  }
}

/**
 * Change what is in an element; what had the focus has it again afterwards, if it is still there
 * under the same `data-focus`.
 *
 * @param {Element} element
 * @param {() => void} change
 */
export function keepFocus(element, change) {
  const root = /** @type {ShadowRoot} */ (element.getRootNode());
  const focused = /** @type {HTMLElement | null} */ (root.activeElement ?? null);
  const key = focused && element.contains(focused) ? focused.dataset.focus : undefined;
  change();
  if (key && root.activeElement !== focused) {
    focusOn(element, key);
  }
}

/**
 * Show something else in an element, in the way of `keepFocus`.
 *
 * @param {Element} element
 * @param {...unknown} children
 */
export function replace(element, ...children) {
  keepFocus(element, () => {
    element.replaceChildren();
    append(element, children);
  });
}

/**
 * Give the focus to what has this `data-focus`.
 *
 * @param {Element} element
 * @param {string} key
 * @returns {boolean} whether it is there.
 */
export function focusOn(element, key) {
  const wanted = [...element.querySelectorAll("[data-focus]")].find(
    (candidate) => /** @type {HTMLElement} */ (candidate).dataset.focus === key,
  );
  /** @type {HTMLElement | undefined} */ (wanted)?.focus();
  return wanted !== undefined;
}

/** @type {number} */
let ids = 0;

/**
 * Return an id that nothing on the page has.
 *
 * @returns {string}
 */
export function freshId() {
  ids += 1;
  return `field-${ids}`;
}

/**
 * Make a labelled field.
 *
 * @param {string} label
 * @param {HTMLElement} input gets an id if it has none.
 * @param {string} [help] what is said below the field.
 * @returns {HTMLElement}
 */
export function field(label, input, help) {
  input.id ||= freshId();
  const parts = [h("label", { for: input.id }, label), input];
  if (help) {
    const id = freshId();
    input.setAttribute("aria-describedby", id);
    parts.push(h("p", { id, class: "help" }, help));
  }
  return h("div", { class: "field" }, ...parts);
}

/**
 * Make a select.
 *
 * @param {[string, string][]} options value and text.
 * @param {string} value the chosen one.
 * @param {Record<string, unknown>} [attributes]
 * @returns {HTMLSelectElement}
 */
export function select(options, value, attributes = {}) {
  const element = h(
    "select",
    attributes,
    ...options.map(([key, text]) => h("option", { value: key }, text)),
  );
  /** @type {HTMLSelectElement} */ (element).value = value;
  return /** @type {HTMLSelectElement} */ (element);
}

/**
 * @param {string | false} text
 * @returns {HTMLElement}
 */
function head(text) {
  return text === false ? h("td", { "aria-hidden": "true" }) : h("th", { scope: "col" }, text);
}

/**
 * Make a table that scrolls by itself where it is too wide, also by keyboard.
 *
 * @param {string} caption
 * @param {(string | false)[]} columns the head of each; of one that only the eye needs, false.
 * @param {HTMLElement[]} rows
 * @returns {HTMLElement}
 */
export function table(caption, columns, rows) {
  const id = freshId();
  return h(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-labelledby": id },
    h(
      "table",
      {},
      h("caption", { id }, caption),
      h("thead", {}, h("tr", {}, ...columns.map(head))),
      h("tbody", {}, ...rows),
    ),
  );
}
