/** What the page asks of Home Assistant: the commands `local_assist/...`. */

/**
 * @typedef {object} Fact
 * @property {string} id
 * @property {string} text
 * @property {string | null} person the id of a user; null is the household.
 * @property {string | null} person_name
 * @property {string} source
 * @property {string} created ISO 8601, as all times.
 * @property {string | null} expires
 * @property {string | null} used
 */

/** Sends commands over the connection that Home Assistant's page has already. */
export class Api {
  #hass;

  /** @param {() => any} hass returns the newest `hass`. */
  constructor(hass) {
    this.#hass = hass;
  }

  /**
   * Send a command.
   *
   * @param {string} command e.g. "memory/list".
   * @param {Record<string, unknown>} [data]
   * @returns {Promise<any>} its result; rejects with `{code, message, translation_key ...}`.
   */
  call(command, data = {}) {
    return this.#hass().callWS({ type: `local_assist/${command}`, ...data });
  }

  /**
   * Listen until told to stop, over reconnections as well.
   *
   * @param {string} command e.g. "memory/subscribe".
   * @param {(event: any) => void} heard
   * @param {Record<string, unknown>} [data]
   * @param {{resubscribe?: boolean}} [options]
   * @returns {Promise<() => Promise<void>>} what stops it.
   */
  listen(command, heard, data = {}, options = {}) {
    const message = { type: `local_assist/${command}`, ...data };
    return this.#hass().connection.subscribeMessage(heard, message, options);
  }
}
