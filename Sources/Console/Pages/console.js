// SPDX-License-Identifier: Apache-2.0
// The only script: live rows on the overview, files into text fields, and the virtual terminal's display and keys. Pages
// work without it.
"use strict";

(() => {
  const live = document.getElementById("live");
  if (!live || !window.EventSource) return;
  const rows = live.querySelector("tbody");
  const state = live.querySelector(".live");
  const labels = live.dataset.labels.split("|");
  const rowsMax = 30;

  const cell = (text, label, kind) => {
    const element = document.createElement("td");
    element.dataset.label = label;
    if (kind) element.className = kind;
    if (text instanceof Node) element.append(text); else element.textContent = text;
    return element;
  };
  const show = (text, isOn) => {
    state.textContent = text;
    state.classList.toggle("on", isOn);
  };

  const source = new EventSource("/events?after=" + encodeURIComponent(live.dataset.after));
  source.onopen = () => show(live.dataset.on, true);
  source.onerror = () => show(live.dataset.off, false);
  source.addEventListener("over", () => { source.close(); show(live.dataset.off, false); });
  source.addEventListener("full", () => { source.close(); show(live.dataset.off, false); });
  source.addEventListener("decisions", (event) => {
    const batch = JSON.parse(event.data);
    for (const row of batch.rows) {
      const link = document.createElement("a");
      link.href = "/terminals/" + encodeURIComponent(row.terminal);
      link.textContent = row.terminal;
      const tag = document.createElement("span");
      tag.className = "tag " + row.tone;
      tag.textContent = row.decision;
      const line = document.createElement("tr");
      line.className = "fresh";
      line.append(
        cell(row.time, labels[0], "nowrap"), cell(link, labels[1]), cell(row.card, labels[2], "mono"),
        cell(row.amount, labels[3], "figure"), cell(tag, labels[4]), cell(row.why, labels[5], "soft"));
      rows.prepend(line);
    }
    while (rows.children.length > rowsMax) rows.lastElementChild.remove();
    const empty = live.querySelector(".empty");
    if (empty && batch.rows.length) empty.remove();
    show(live.dataset.on + (batch.dropped ? " · " + live.dataset.dropped.replace("{count}", batch.dropped) : ""), true);
  });
})();

(() => {
  const device = document.getElementById("device");
  if (!device) return;
  const keypad = document.getElementById("keypad");
  const address = "/terminal/" + encodeURIComponent(device.dataset.id);
  let last = null;

  // One after the other: keys must arrive in the order in which they were pressed.
  let queue = Promise.resolve();
  const press = (key) => {
    const body = new URLSearchParams({ csrf: keypad.elements.csrf.value, key });
    queue = queue.then(() => fetch(address + "/keypad", { method: "POST", body, redirect: "manual" })).catch(() => {});
    queue.then(look);
  };
  keypad.addEventListener("submit", (event) => {
    if (!event.submitter) return;
    event.preventDefault();
    press(event.submitter.value);
  });
  document.addEventListener("keydown", (event) => {
    if (last === null || last.keypad === null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea, a")) return;
    const names = { Enter: "enter", Escape: "cancel", Backspace: "clear", Delete: "clear" };
    const key = /^[0-9]$/.test(event.key) ? event.key : names[event.key];
    if (!key || (event.key === "Enter" && event.target instanceof Element && event.target.closest("button"))) return;
    event.preventDefault();
    press(key);
  });

  const look = async () => {
    const response = await fetch(address + "/screen", { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const screen = await response.json();
    document.getElementById("display-zh").textContent = screen.zh;
    document.getElementById("display-en").textContent = screen.en;
    document.getElementById("stars").textContent = "●".repeat(screen.keypad || 0);
    device.dataset.phase = screen.phase;
    device.classList.toggle("open", screen.keypad !== null);
    // What the server words itself (result, warnings, step-up) is fetched as a page once it has changed.
    const news = JSON.stringify([screen.outcome, screen.reference, screen.code, screen.warnings, screen.openReversals,
      screen.mayStepUp]);
    if (last !== null && news !== last.news) {
      const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
      const result = page.getElementById("result");
      if (result) document.getElementById("result").replaceWith(result);
    }
    last = { news, keypad: screen.keypad };
  };
  const again = () => look().catch(() => {}).finally(() => setTimeout(again, document.hidden ? 2000 : 400));
  again();

  const sale = document.getElementById("sale");
  sale.elements.pan.addEventListener("change", () => {
    for (const card of document.querySelectorAll("#cards option")) {
      if (card.value === sale.elements.pan.value) sale.elements.expiry.value = card.dataset.expiry;
    }
  });
})();

(() => {
  for (const input of document.querySelectorAll("input[type=file][data-into]")) {
    const field = document.getElementById(input.dataset.into);
    if (!field) continue;
    input.addEventListener("change", async () => {
      if (input.files.length) field.value = await input.files[0].text();
    });
  }
})();
