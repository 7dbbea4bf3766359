/** The form in which a fact is written or changed. */

import { field, h, select } from "./dom.js";

/** Values of a choice of persons. No id of a user is like these. */
export const EVERYBODY = "everybody";
export const HOUSEHOLD = "household";

/**
 * Return whose a fact can be: the household's first.
 *
 * @param {import("./words.js").Words} words
 * @param {{id: string, name: string | null}[]} people a name is null if the user is no more.
 * @returns {[string, string][]} value and text.
 */
export function personOptions(words, people) {
  return [
    [HOUSEHOLD, words.text("household")],
    ...people.map(({ id, name }) => /** @type {[string, string]} */ ([id, name ?? words.text("gone")])),
  ];
}

/**
 * Return a moment as a field for a date and a time has it: this browser's time, to the minute.
 *
 * @param {string | null} iso
 * @returns {string}
 */
function local(iso) {
  if (!iso) {
    return "";
  }
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/**
 * Make the form. Enter saves, Escape leaves all as it was.
 *
 * @param {import("./words.js").Words} words
 * @param {object} about
 * @param {{text: string, person: string | null, expires: string | null}} about.fact
 * @param {[string, string][]} about.people
 * @param {number} about.limit characters a fact may have.
 * @param {(values: {text: string, person: string | null, expires: string | null}) => void} about.save
 * @param {() => void} about.cancel
 * @returns {HTMLElement}
 */
export function factForm(words, { fact, people, limit, save, cancel }) {
  const text = /** @type {HTMLTextAreaElement} */ (
    h("textarea", { rows: 2, required: true, maxlength: limit, "data-focus": "form:text" })
  );
  text.value = fact.text;
  const person = select(people, fact.person ?? HOUSEHOLD, { "data-focus": "form:person" });
  const expires = /** @type {HTMLInputElement} */ (
    h("input", { type: "datetime-local", "data-focus": "form:expires" })
  );
  expires.value = local(fact.expires);
  const form = /** @type {HTMLFormElement} */ (
    h(
      "form",
      { class: "fact-form card", "aria-label": words.text(fact.text ? "edit_title" : "add_title") },
      field(words.text("fact"), text),
      h(
        "div",
        { class: "filters" },
        field(words.text("person"), person),
        field(words.text("expiry"), expires, words.text("expiry_help")),
      ),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "submit", class: "primary" }, words.text("save")),
        h("button", { type: "button", onclick: cancel }, words.text("cancel")),
      ),
    )
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save({
      text: text.value,
      person: person.value === HOUSEHOLD ? null : person.value,
      expires: expires.value ? new Date(expires.value).toISOString() : null,
    });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      cancel();
    } else if (event.key === "Enter" && event.target === text && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  return form;
}
