/** How the page looks: Home Assistant's own colours, in light and dark. */

export const styles = new CSSStyleSheet();

styles.replaceSync(`
  :host {
    display: block;
    min-height: 100%;
    color-scheme: light;
    background: var(--primary-background-color, #fafafa);
    color: var(--primary-text-color, #212121);
    font-family: var(--ha-font-family-body, Roboto, sans-serif);
    font-size: var(--ha-font-size-m, 14px);
    line-height: 1.5;
    --card: var(--card-background-color, #fff);
    --line: var(--divider-color, rgb(0 0 0 / 12%));
    --accent: var(--primary-color, #009ac7);
    --help: color-mix(in srgb, var(--primary-text-color, #212121) 78%, var(--card));
    --bad: color-mix(in srgb, var(--error-color, #db4437) 65%, var(--primary-text-color, #212121));
    --good: color-mix(in srgb, var(--success-color, #43a047) 55%, var(--primary-text-color, #212121));
  }
  :host([dark]) { color-scheme: dark; }
  [hidden] { display: none !important; }
  * { box-sizing: border-box; }

  header {
    display: flex; align-items: center; gap: 8px;
    height: var(--header-height, 56px); padding: 0 12px;
    background: var(--app-header-background-color, var(--accent));
    color: var(--app-header-text-color, #fff);
    border-bottom: 1px solid var(--line);
  }
  h1 { font-size: 20px; font-weight: 400; margin: 0; }
  h2 { font-size: 24px; font-weight: 400; margin: 0 0 12px; }
  h3 { font-size: 16px; font-weight: 500; margin: 0 0 8px; }
  nav {
    display: flex; overflow-x: auto; padding: 0 12px;
    background: var(--card); border-bottom: 1px solid var(--line);
  }
  nav a {
    padding: 12px 16px; color: inherit; text-decoration: none; white-space: nowrap;
    border-bottom: 3px solid transparent;
  }
  nav a:hover { background: color-mix(in srgb, var(--accent) 10%, transparent); }
  nav a[aria-current] { border-bottom-color: var(--accent); font-weight: 500; }
  main { max-width: 1040px; margin: 0 auto; padding: 20px 16px 88px; }

  .card, .scroll {
    background: var(--card); border: 1px solid var(--line);
    border-radius: var(--ha-card-border-radius, 12px);
  }
  .card { padding: 16px; margin-bottom: 16px; }
  .card .scroll { border-width: 1px 0 0; border-radius: 0; }
  .help { color: var(--help); font-size: 12px; margin: 2px 0 0; }
  h2 + div > .help { margin-bottom: 12px; }
  .empty { padding: 24px; text-align: center; }
  .problem { color: var(--bad); overflow-wrap: anywhere; }
  code { overflow-wrap: anywhere; }

  button, input, select, textarea { font: inherit; color: inherit; }
  button {
    min-height: 36px; padding: 4px 14px; border-radius: 18px; cursor: pointer;
    border: 1px solid var(--line); background: var(--card);
  }
  button:hover:enabled { background: color-mix(in srgb, var(--accent) 12%, var(--card)); }
  button:disabled { opacity: 0.5; cursor: default; }
  button.primary {
    border-color: var(--accent); background: color-mix(in srgb, var(--accent) 22%, var(--card));
  }
  button.danger { border-color: var(--bad); color: var(--bad); }
  input:not([type="checkbox"]), select, textarea {
    width: 100%; min-height: 40px; padding: 8px 12px; border-radius: 8px;
    border: 1px solid color-mix(in srgb, var(--primary-text-color, #212121) 55%, var(--card));
    background: var(--card);
  }
  textarea { resize: vertical; }
  input[type="checkbox"] { width: 20px; height: 20px; margin: 8px; accent-color: var(--accent); }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }

  .filters { display: flex; flex-wrap: wrap; gap: 12px; align-items: start; margin-bottom: 12px; }
  .filters > button { margin-top: 26px; min-height: 40px; }
  .filters .field { flex: 1 1 220px; }
  .field { margin-bottom: 8px; }
  .field label { display: block; font-weight: 500; margin-bottom: 4px; }
  .buttons { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 16px; }

  ul.facts { list-style: none; margin: 0; padding: 0; }
  ul.facts li {
    display: flex; flex-wrap: wrap; align-items: center; gap: 8px;
    padding: 8px 0; border-top: 1px solid var(--line);
  }
  .fact { flex: 1 1 240px; min-width: 0; overflow-wrap: anywhere; }
  .fact p { margin: 0; }
  .fact-form { flex: 1 1 100%; margin-bottom: 8px; }
  .fact-form .buttons { margin: 8px 0 0; }

  .scroll { overflow-x: auto; }
  table { width: 100%; border-collapse: collapse; text-align: start; }
  caption { padding: 12px; text-align: start; font-weight: 500; }
  th, td { padding: 8px 12px; text-align: start; vertical-align: top; border-top: 1px solid var(--line); }
  thead th { font-size: 12px; font-weight: 500; color: var(--help); white-space: nowrap; }
  tbody th { font-weight: 500; overflow-wrap: anywhere; min-width: 120px; }
  th > .help, td > .help, td > .problem { display: block; font-weight: 400; }
  td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
  td.buttons { display: table-cell; white-space: nowrap; }
  td.buttons button { margin: 0 4px 4px 0; }
  .state { font-weight: 500; white-space: nowrap; }
  .state::before { content: "● "; color: var(--help); }
  .state.ok::before { content: "✓ "; color: var(--good); }
  .state.not_ok::before { content: "✕ "; color: var(--bad); }

  .turn summary {
    display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: baseline; cursor: pointer;
    list-style: none;
  }
  .turn summary::before { content: "▸"; }
  .turn[open] summary::before { content: "▾"; }
  .turn summary .help { flex: 1 1 100%; padding-inline-start: 20px; }
  .said { flex: 1 1 200px; margin: 0; overflow-wrap: anywhere; }
  .total { font-variant-numeric: tabular-nums; white-space: nowrap; }
  .answered { margin: 8px 0 12px 20px; overflow-wrap: anywhere; }
  .card caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .waterfall th, .waterfall td { padding: 4px 12px; border-top: 0; }
  .waterfall th { white-space: nowrap; min-width: 0; }
  .track { width: 60%; min-width: 160px; }
  .bar { height: 16px; min-width: 3px; margin-top: 3px; border-radius: 4px; background: var(--accent); }
  .bar.speech { background: color-mix(in srgb, var(--accent) 55%, var(--card)); }
  .bar.house { background: color-mix(in srgb, var(--accent) 60%, var(--primary-text-color, #212121)); }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 12px 0 0; }
  dt { font-weight: 500; }
  dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
  dd ul { margin: 0; padding: 0; list-style: none; }

  .pull { margin-top: 16px; }
  progress { width: 100%; height: 16px; margin: 8px 0; accent-color: var(--accent); }
  .alert {
    display: flex; gap: 12px; align-items: center; max-width: 1008px; margin: 16px auto 0;
    padding: 8px 16px; border: 2px solid var(--bad); border-radius: 12px; background: var(--card);
  }
  .alert p { flex: 1; margin: 0; color: var(--bad); overflow-wrap: anywhere; }
  .status {
    position: fixed; inset-block-end: 16px; inset-inline: 0; width: fit-content; max-width: 90vw;
    margin: 0 auto; padding: 10px 20px; border-radius: 24px; overflow-wrap: anywhere;
    background: var(--primary-text-color, #212121); color: var(--card); pointer-events: none;
  }
  .status:empty { opacity: 0; }
  dialog {
    max-width: min(480px, 90vw); padding: 24px; border: 1px solid var(--line);
    border-radius: 16px; background: var(--card); color: inherit;
  }
  dialog::backdrop { background: rgb(0 0 0 / 50%); }
  dialog p { overflow-wrap: anywhere; }
  dialog .buttons { justify-content: flex-end; margin: 16px 0 0; }

  @media (max-width: 600px) {
    dl { grid-template-columns: 1fr; }
    .answered { margin-inline-start: 0; }
  }
  @media (prefers-reduced-motion: no-preference) {
    button, nav a { transition: background 120ms; }
  }
`);
