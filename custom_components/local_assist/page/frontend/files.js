/** Files that are taken along, and that are brought back. */

import { h } from "./dom.js";

/** Facts sent at once, so that a message stays well below what Home Assistant takes (4 MiB). */
const PART = 1000;

/**
 * Have the browser save a file.
 *
 * @param {ParentNode} root
 * @param {string} name
 * @param {unknown} content written as JSON.
 */
export function download(root, name, content) {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = h("a", { href: url, download: name, hidden: true });
  root.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
}

/**
 * Return an exported file in parts that are small enough to be sent.
 *
 * @param {string} text
 * @param {string} problem what to say of a file that is not such a one.
 * @returns {object[]} each like the file itself, with some of its facts.
 */
export function importParts(text, problem) {
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(problem);
  }
  if (!Array.isArray(content?.facts)) {
    throw new Error(problem);
  }
  const parts = [];
  for (let first = 0; first === 0 || first < content.facts.length; first += PART) {
    parts.push({ ...content, facts: content.facts.slice(first, first + PART) });
  }
  return parts;
}
