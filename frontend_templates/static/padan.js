/* Small comforts over pages that work without them: counters, tags, suggestions by arrow key, drafts that save themselves. */
(() => {
  "use strict";
  const length = (text) => [...text.normalize("NFC").replace(/\r\n/g, "\n")].length;
  const time = () => new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(new Date());

  // Counters count what the server counts: characters after NFC, not UTF-16 units.
  function counters(root) {
    for (const box of root.querySelectorAll("[data-counter]")) {
      const control = document.getElementById(box.dataset.counter);
      if (!control || box.dataset.ready) continue;
      box.dataset.ready = "1";
      const show = () => {
        const left = Number(box.dataset.max) - length(control.value);
        box.textContent = (left < 0 ? box.dataset.over : box.dataset.left).replace("{n}", String(Math.abs(left)));
        box.classList.toggle("over", left < 0);
      };
      control.addEventListener("input", show);
      show();
    }
  }

  function tags(root) {
    for (const input of root.querySelectorAll("input[data-tags]")) {
      const list = root.querySelector(`[data-tags-for="${input.id}"]`);
      if (!list || input.dataset.ready) continue;
      input.dataset.ready = "1";
      const show = () => {
        const words = input.value.split(/[,;、，]/).map((word) => word.trim()).filter(Boolean);
        list.replaceChildren(...words.map((word, i) => {
          const item = document.createElement("li");
          item.textContent = word;
          if (i >= Number(input.dataset.max)) item.className = "over";
          return item;
        }));
        list.hidden = words.length === 0;
      };
      input.addEventListener("input", show);
      show();
    }
  }

  // The suggestions become a listbox only here, where the arrow keys work.
  function suggestions(root) {
    for (const input of root.querySelectorAll("input[data-suggest]")) {
      const list = document.getElementById(input.dataset.suggest);
      if (!list || input.dataset.ready) continue;
      input.dataset.ready = "1";
      list.setAttribute("role", "listbox");
      for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) input.setAttribute(name, value);
      const options = () => [...list.querySelectorAll('[role="option"]')];
      let at = -1;
      const open = (yes) => {
        list.hidden = !yes;
        input.setAttribute("aria-expanded", String(yes));
        if (!yes) { at = -1; input.removeAttribute("aria-activedescendant"); }
      };
      const point = (to) => {
        const rows = options();
        if (!rows.length) return;
        at = (to + rows.length) % rows.length;
        rows.forEach((row, i) => {
          row.setAttribute("aria-selected", String(i === at));
          row.id = `${list.id}-${i}`;
        });
        input.setAttribute("aria-activedescendant", rows[at].id);
        rows[at].scrollIntoView({ block: "nearest" });
      };
      const take = (row) => {
        input.value = row.dataset.value || row.textContent.trim();
        open(false);
        input.form.requestSubmit();
      };
      list.addEventListener("htmx:afterSwap", () => { at = -1; open(options().length > 0 && document.activeElement === input && input.value.trim() !== ""); });
      list.addEventListener("mousedown", (event) => event.preventDefault());
      list.addEventListener("click", (event) => { const row = event.target.closest('[role="option"]'); if (row) take(row); });
      input.addEventListener("blur", () => open(false));
      input.addEventListener("keydown", (event) => {
        if (event.isComposing) return;
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          if (!options().length) return;
          event.preventDefault();
          const down = event.key === "ArrowDown";
          if (list.hidden) open(true);
          point(at < 0 ? (down ? 0 : -1) : at + (down ? 1 : -1));
        } else if (event.key === "Enter" && !list.hidden && at >= 0) {
          event.preventDefault();
          take(options()[at]);
        } else if (event.key === "Escape" && !list.hidden) {
          event.preventDefault();
          open(false);
        }
      });
    }
  }

  // A form with data-autosave="<address>" is posted there a moment after each change. What could not be sent is kept
  // on the device and brought back, so neither a lost connection nor an expired session costs a word. data-base says which
  // state of the record the form shows: what was typed over an older state has been saved since, or superseded.
  function autosave(root) {
    for (const form of root.querySelectorAll("form[data-autosave]")) {
      if (form.dataset.ready) continue;
      form.dataset.ready = "1";
      const status = form.querySelector("[data-autosave-status]") || document.querySelector("[data-autosave-status]");
      const key = "padan:" + (form.dataset.keep || form.dataset.autosave);
      const say = (name, warning) => {
        if (!status) return;
        status.textContent = (status.dataset[name] || "").replace("{time}", time());
        status.classList.toggle("is-warning", Boolean(warning));
      };
      const secret = (name) => name.startsWith("_") || /csrf|token|password/.test(name);
      const typed = () => [...new FormData(form).entries()].filter(([name, value]) => !secret(name) && typeof value === "string");
      const keep = () => { try { localStorage.setItem(key, JSON.stringify({ base: form.dataset.base || "", values: typed() })); } catch { /* private mode */ } };
      const forget = () => { try { localStorage.removeItem(key); } catch { /* private mode */ } };
      const kept = (() => { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch { return null; } })();
      if (kept && kept.base !== (form.dataset.base || "")) forget();
      else if (kept && JSON.stringify(kept.values) !== JSON.stringify(typed())) {
        const values = new Map();
        for (const [name, value] of kept.values) values.set(name, [...(values.get(name) || []), value]);
        for (const control of form.elements) {
          if (!control.name || secret(control.name) || control.type === "file" || control.type === "submit" || control.type === "hidden") continue;
          const mine = values.get(control.name) || [];
          if (control.type === "checkbox" || control.type === "radio") control.checked = mine.includes(control.value);
          else if (mine.length) control.value = mine.shift();
          control.dispatchEvent(new Event("input", { bubbles: true }));
        }
        say("restored");
      }
      let timer = 0, round = 0;
      const save = async () => {
        const mine = ++round;
        say("saving");
        try {
          const body = new FormData(form);
          const answer = await fetch(form.dataset.autosave, { method: "POST", body: new URLSearchParams([...body].filter(([, value]) => typeof value === "string")), headers: { "X-Autosave": "1" }, redirect: "manual", credentials: "same-origin" });
          if (answer.ok && answer.headers.get("X-Saved")) form.dataset.base = answer.headers.get("X-Saved");
          if (mine !== round) return;
          if (answer.ok) { forget(); say("saved"); }
          else if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) say("signedOut", true);
          else say("failed", true);
        } catch { if (mine === round) say("failed", true); }
      };
      form.addEventListener("input", () => { keep(); clearTimeout(timer); timer = setTimeout(save, 1200); });
      form.addEventListener("submit", () => { clearTimeout(timer); round++; });
      window.addEventListener("pagehide", () => clearTimeout(timer));
    }
  }

  // Menus close on Escape and on a click elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-drop][open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-drop][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // Filters apply at once where asked to (data-instant); the button stays for everybody else.
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-instant") && event.target.matches('select, input[type="checkbox"], input[type="radio"]')) form.requestSubmit();
  });

  function start(root) {
    counters(root);
    tags(root);
    suggestions(root);
    autosave(root);
    const wrong = root.querySelector("[data-focus]");
    if (wrong) wrong.focus();
  }
  start(document);
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) start(event.detail.elt); });
})();
