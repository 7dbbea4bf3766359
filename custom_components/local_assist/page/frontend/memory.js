/** The facts, by person: search, add, edit in place, forget, take along, bring back. */

import { confirmed } from "./dialog.js";
import { field, focusOn, h, keepFocus, replace, select } from "./dom.js";
import { EVERYBODY, HOUSEHOLD, factForm, personOptions } from "./fact_form.js";
import { download, importParts } from "./files.js";
import { Section } from "./section.js";

/** Milliseconds without a key pressed until a search begins. */
const PAUSE = 250;
const NEW = "new";

/** @typedef {import("./api.js").Fact} Fact */

/** The section "Memory". */
export class MemorySection extends Section {
  /** @type {{facts: Fact[], people: {id: string, name: string}[], total: number, limits: any}} */
  #list = { facts: [], people: [], total: 0, limits: {} };
  /** @type {Set<string>} the ids of the facts that are ticked. */
  #ticked = new Set();
  /** @type {{id: string, form: HTMLElement} | undefined} the fact that is being edited. */
  #editing;
  #search = /** @type {HTMLInputElement} */ (
    h("input", { type: "search", oninput: () => this.#searched(), "data-focus": "search" })
  );
  #person = select([], "", { onchange: () => this.refresh(), "data-focus": "person" });
  #buttons = h("div", { class: "buttons" });
  #facts = h("div");
  /** @type {number | undefined} */
  #timer;

  /** @param {import("./section.js").Page} page */
  constructor(page) {
    super(page, "memory");
    const filters = h(
      "div",
      { class: "filters", role: "search" },
      field(this.text("search"), this.#search),
      field(this.text("person"), this.#person),
    );
    this.body.append(filters, this.#buttons, this.#facts);
    this.#renderPeople();
  }

  /** @override */
  async listen() {
    await this.keep(this.page.api.listen("memory/subscribe", () => this.refresh()));
  }

  /** @override */
  hide() {
    window.clearTimeout(this.#timer);
    super.hide();
  }

  /** @override */
  async load() {
    const person = this.#person.value;
    this.#list = await this.page.api.call("memory/list", {
      ...(this.#search.value.trim() && { query: this.#search.value.trim() }),
      ...(person !== EVERYBODY && { person: person === HOUSEHOLD ? null : person }),
    });
    const there = new Set(this.#list.facts.map((fact) => fact.id));
    this.#ticked = new Set([...this.#ticked].filter((id) => there.has(id)));
    this.#renderPeople();
    this.#render();
  }

  #searched() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(async () => {
      await this.refresh();
      this.page.announce(this.text("found", { count: this.#list.total }));
    }, PAUSE);
  }

  #renderPeople() {
    const chosen = this.#person.value || EVERYBODY;
    const options = [[EVERYBODY, this.text("everybody")], ...this.#people()];
    this.#person.replaceChildren(
      ...options.map(([value, text]) => h("option", { value }, text)),
    );
    this.#person.value = chosen;
  }

  #people() {
    return personOptions(this.page.words, this.#list.people);
  }

  #render() {
    // A form that is open moves to its new place already while the lists are made.
    keepFocus(this.body, () => this.#renderAll());
  }

  #renderAll() {
    this.#renderButtons();
    const { facts, total } = this.#list;
    const lists = this.#people().map(([person, name]) =>
      this.#ofPerson(name, facts.filter((fact) => (fact.person ?? HOUSEHOLD) === person)),
    );
    replace(
      this.#facts,
      this.#editing?.id === NEW && this.#editing.form,
      facts.length === 0 && h("p", { class: "empty" }, this.text("no_facts")),
      ...lists,
      facts.length < total &&
        h("p", {}, this.text("more_facts", { shown: facts.length, total })),
    );
  }

  #renderButtons() {
    const button = (/** @type {string} */ key, /** @type {object} */ attributes) =>
      h("button", { "data-focus": key, ...attributes }, this.text(key));
    const choose = /** @type {HTMLInputElement} */ (
      h("input", { type: "file", accept: ".json,application/json", hidden: true })
    );
    choose.addEventListener("change", () => this.#import(choose.files?.[0]));
    const count = this.#ticked.size;
    const all = this.#list.facts.length;
    replace(
      this.#buttons,
      button("add", { class: "primary", onclick: () => this.#edit(NEW) }),
      button("select_all", {
        disabled: all === 0,
        "aria-pressed": String(all > 0 && count === all),
        onclick: () => this.#tickAll(count < all),
      }),
      h(
        "button",
        {
          "data-focus": "delete_selected",
          disabled: count === 0,
          onclick: () => this.#forget([...this.#ticked], "delete_selected"),
        },
        this.text("delete_selected", { count }),
      ),
      button("export", { onclick: () => this.#export() }),
      button("import", { onclick: () => choose.click() }),
      choose,
    );
  }

  /**
   * @param {string} name of the person.
   * @param {Fact[]} facts
   * @returns {HTMLElement | false} nothing for nothing.
   */
  #ofPerson(name, facts) {
    if (!facts.length) {
      return false;
    }
    const heading = h("h3", {}, name);
    heading.id = `person-${facts[0].person ?? HOUSEHOLD}`;
    return h(
      "div",
      { class: "card" },
      heading,
      h(
        "ul",
        { class: "facts", "aria-labelledby": heading.id },
        ...facts.map((fact) => h("li", {}, ...this.#fact(fact))),
      ),
    );
  }

  /**
   * @param {Fact} fact
   * @returns {HTMLElement[]}
   */
  #fact(fact) {
    if (this.#editing?.id === fact.id) {
      return [this.#editing.form];
    }
    const { words } = this.page;
    const tick = (/** @type {Event} */ event) => {
      const { checked } = /** @type {HTMLInputElement} */ (event.target);
      this.#ticked[checked ? "add" : "delete"](fact.id);
      this.#renderButtons();
    };
    const about = [
      words.textOr(`source_${fact.source}`, fact.source),
      this.text("told", { time: words.time(fact.created) }),
      fact.expires && this.text("expires", { time: words.time(fact.expires) }),
      fact.used && this.text("used", { time: words.time(fact.used) }),
    ];
    return [
      h("input", {
        type: "checkbox",
        checked: this.#ticked.has(fact.id),
        "aria-label": this.text("select_fact", { fact: fact.text }),
        "data-focus": `tick:${fact.id}`,
        onchange: tick,
      }),
      h(
        "div",
        { class: "fact" },
        h("p", {}, fact.text),
        h("p", { class: "help" }, about.filter(Boolean).join(" · ")),
      ),
      this.#action(fact, "edit", () => this.#edit(fact.id)),
      this.#action(fact, "delete", () => this.#forget([fact.id], `delete:${fact.id}`)),
    ];
  }

  /**
   * @param {Fact} fact
   * @param {string} key
   * @param {() => void} onclick
   * @returns {HTMLElement}
   */
  #action(fact, key, onclick) {
    return h(
      "button",
      {
        "data-focus": `${key}:${fact.id}`,
        "aria-label": this.text(`${key}_fact`, { fact: fact.text }),
        onclick,
      },
      this.text(key),
    );
  }

  /**
   * Open the form of a fact, in its place.
   *
   * @param {string} id NEW for one that is not there yet.
   */
  #edit(id) {
    const person = this.#person.value === EVERYBODY ? HOUSEHOLD : this.#person.value;
    const fact = this.#list.facts.find((other) => other.id === id);
    const form = factForm(this.page.words, {
      fact: fact ?? { text: "", person: person === HOUSEHOLD ? null : person, expires: null },
      people: this.#people(),
      limit: this.#list.limits.text,
      save: (values) => this.#save(id, values),
      cancel: () => this.#close(),
    });
    this.#editing = { id, form };
    this.#render();
    form.querySelector("textarea")?.focus();
  }

  /**
   * @param {string} id
   * @param {{text: string, person: string | null, expires: string | null}} values
   */
  async #save(id, values) {
    const { api } = this.page;
    const saved = await this.attempt(
      () =>
        id === NEW
          ? api.call("memory/add", values)
          : api.call("memory/update", { fact_id: id, ...values }),
      this.text("saved"),
    );
    if (saved) {
      this.#editing = undefined;
      await this.refresh();
      this.#focusBack(id);
    }
  }

  #close() {
    const id = this.#editing?.id ?? NEW;
    this.#editing = undefined;
    this.#render();
    this.#focusBack(id);
  }

  /** @param {string} id of the fact whose form was open. */
  #focusBack(id) {
    focusOn(this.body, `edit:${id}`) || focusOn(this.body, "add");
  }

  /** @param {boolean} on */
  #tickAll(on) {
    this.#ticked = new Set(on ? this.#list.facts.map((fact) => fact.id) : []);
    this.#render();
  }

  /**
   * Forget facts, once it is confirmed.
   *
   * @param {string[]} ids
   * @param {string} focus what was pressed.
   */
  async #forget(ids, focus) {
    const only = this.#list.facts.find((fact) => fact.id === ids[0]);
    const sure = await confirmed(this.page.root, {
      title: this.text("delete_title"),
      text:
        ids.length === 1
          ? this.text("delete_one", { fact: only?.text ?? "" })
          : this.text("delete_many", { count: ids.length }),
      yes: this.text("delete"),
      no: this.text("cancel"),
    });
    if (!sure) {
      return;
    }
    const order = this.#list.facts.map((fact) => fact.id);
    const next = order.slice(order.indexOf(ids[0])).find((id) => !ids.includes(id));
    const gone = await this.attempt(
      () => this.page.api.call("memory/delete", { fact_ids: ids }),
      this.text("deleted", { count: ids.length }),
    );
    await this.refresh();
    // What was pressed is gone; the next fact's button is where the person already was.
    if (gone) {
      (next && focusOn(this.body, `delete:${next}`)) || focusOn(this.body, "add");
    } else {
      focusOn(this.body, focus);
    }
  }

  async #export() {
    await this.attempt(async () => {
      const { file_name: name, content } = await this.page.api.call("memory/export");
      download(this.page.root, name, content);
    }, this.text("exported"));
  }

  /** @param {File | undefined} file */
  async #import(file) {
    if (!file) {
      return;
    }
    await this.attempt(async () => {
      const counts = { added: 0, changed: 0, unchanged: 0 };
      for (const content of importParts(await file.text(), this.text("not_json"))) {
        const result = await this.page.api.call("memory/import", { content });
        for (const kind of Object.keys(counts)) {
          counts[kind] += result[kind];
        }
      }
      this.page.announce(this.text("imported", counts));
    });
    await this.refresh();
    focusOn(this.body, "import");
  }
}
