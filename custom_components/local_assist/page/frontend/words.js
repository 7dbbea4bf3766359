/** The page's words in the language of the person, and how numbers and times are written in it. */

const DOMAIN = "local_assist";
const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Words and formats of one language. */
export class Words {
  #hass;
  #localize;

  /**
   * @param {any} hass
   * @param {(key: string, values?: Record<string, unknown>) => string} localize knows our texts.
   */
  constructor(hass, localize) {
    this.#hass = hass;
    this.#localize = localize;
  }

  /**
   * Load the texts: those of the page, and those of errors.
   *
   * @param {any} hass
   * @returns {Promise<Words>}
   */
  static async load(hass) {
    await hass.loadBackendTranslation("exceptions", DOMAIN);
    return new Words(hass, await hass.loadBackendTranslation("common", DOMAIN));
  }

  /**
   * Return a text of the page.
   *
   * @param {string} key without its `page_`.
   * @param {Record<string, unknown>} [values] for its placeholders.
   * @returns {string}
   */
  text(key, values) {
    return this.#localize(`component.${DOMAIN}.common.page_${key}`, values) || key;
  }

  /**
   * Return a text of the page if there is one, else what is given: for names that a later version
   * of the server side may add to.
   *
   * @param {string} key
   * @param {string} otherwise
   * @returns {string}
   */
  textOr(key, otherwise) {
    return this.#localize(`component.${DOMAIN}.common.page_${key}`) || otherwise;
  }

  /**
   * Say what went wrong.
   *
   * @param {any} error what a command was rejected with.
   * @returns {string}
   */
  error(error) {
    const { translation_domain: domain, translation_key: key } = error ?? {};
    const translated =
      domain &&
      key &&
      this.#localize(
        `component.${domain}.exceptions.${key}.message`,
        error.translation_placeholders,
      );
    return translated || error?.message || this.text("failed");
  }

  /**
   * Write a time.
   *
   * @param {string | null} iso
   * @param {"short" | "medium"} [time]
   * @returns {string} a dash for none.
   */
  time(iso, time = "short") {
    if (!iso) {
      return "–";
    }
    const { locale, config } = this.#hass;
    const format = new Intl.DateTimeFormat(locale?.language, {
      dateStyle: "medium",
      timeStyle: time,
      hour12: { 12: true, 24: false }[locale?.time_format],
      timeZone: locale?.time_zone === "server" ? config?.time_zone : undefined,
    });
    return format.format(new Date(iso));
  }

  /**
   * Write a number.
   *
   * @param {number} value
   * @param {number} [digits] after the point, at most.
   * @returns {string}
   */
  number(value, digits = 0) {
    const format = new Intl.NumberFormat(this.#hass.locale?.language, {
      maximumFractionDigits: digits,
    });
    return format.format(value);
  }

  /**
   * Write a duration.
   *
   * @param {number | null | undefined} value milliseconds.
   * @returns {string}
   */
  ms(value) {
    return value === null || value === undefined ? "–" : `${this.number(value)} ms`;
  }

  /**
   * Write a size.
   *
   * @param {number | null | undefined} bytes
   * @returns {string}
   */
  size(bytes) {
    if (bytes === null || bytes === undefined) {
      return "–";
    }
    const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
    return `${this.number(bytes / 1000 ** step, step > 1 ? 1 : 0)} ${UNITS[step]}`;
  }
}
