// The reviewers' keyboard: every act of the page has a key; what is shown comes from the server.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const VIEWS = ["all", "free", "mine", "late", "waiting"];
  let goOnTo = null;
  let quiet = 0;

  const toast = (text, wrong = false) => {
    const box = $("#toast");
    box.textContent = text;
    box.classList.toggle("wrong", wrong);
    box.classList.add("shown");
    clearTimeout(quiet);
    quiet = setTimeout(() => box.classList.remove("shown"), wrong ? 6000 : 3500);
  };
  const lines = () => $$("#lines .line:not(.barred)");
  const shownCase = () => $("#case article")?.dataset.case;
  const lineOf = (id) => $$("#lines .line").find((line) => line.dataset.id === id);
  const open = (line, focus) => {
    const link = line && $("a", line);
    if (!link) return;
    // Asked for by the pane, which stays, and not by the line, which a refresh may take away.
    goOnTo = null;
    htmx.ajax("GET", link.dataset.href, { source: "#case", target: "#case" })?.catch(() => undefined);
    if (focus) link.focus({ preventScroll: true });
  };
  const mark = () => {
    const id = shownCase();
    for (const line of $$("#lines .line")) {
      const here = line.dataset.id === id;
      const link = $("a", line);
      if (here) {
        link.setAttribute("aria-current", "true");
        line.scrollIntoView({ block: "nearest" });
      } else link.removeAttribute("aria-current");
    }
    if (id) history.replaceState(null, "", `?case=${id}`);
  };
  const step = (by) => {
    const all = lines();
    if (!all.length) return;
    const at = all.findIndex((line) => line.dataset.id === shownCase());
    const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1);
    if (next === at) toast(by > 0 ? "已是最后一件" : "已是第一件");
    else open(all[next], true);
  };
  const dialog = () => $("dialog[open]");
  const show = (name, button) => {
    const found = document.getElementById(name);
    if (!found || found.open) return;
    if (button?.dataset.field) $("[name=field]", found).value = button.dataset.field;
    found.showModal();
    const first = $("[name=codes], [name=reason], [name=why]", found);
    if (name !== "approve") first?.focus();
  };
  const papers = () => $$("[data-paper]");
  let paperAt = -1;
  const look = (at) => {
    const all = papers();
    if (!all.length) return toast("没有可查看的材料");
    paperAt = (at + all.length) % all.length;
    const paper = all[paperAt];
    if (paper.classList.contains("file")) return window.open(paper.href, "_blank", "noopener");
    $("#paper-title").textContent = `${paper.dataset.paper}（${paperAt + 1}/${all.length}）`;
    const image = $("#paper-image");
    image.className = "";
    image.src = paper.href;
    image.alt = paper.dataset.paper;
    if (!$("#paper").open) $("#paper").showModal();
  };
  const turn = () => {
    const image = $("#paper-image");
    const at = Number(image.className.replace("turn", "") || 0);
    image.className = at === 3 ? "" : `turn${at + 1}`;
  };

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest?.(selector);
    const line = hit("#lines .line a")?.closest(".line");
    if (line) {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      if (!line.matches(".barred")) open(line, true);
    } else if (hit("[data-open]")) show(hit("[data-open]").dataset.open, hit("[data-open]"));
    else if (hit("[data-close]")) hit("dialog").close();
    else if (hit("[data-turn]")) turn();
    else if (hit("[data-next]")) look(paperAt + 1);
    else if (hit("[data-paper]")) {
      event.preventDefault();
      look(papers().indexOf(hit("[data-paper]")));
    }
  });
  document.addEventListener("error", (event) => {
    // A PDF is no picture: it opens beside.
    const paper = event.target.closest?.("[data-paper]");
    if (paper) paper.classList.add("file");
  }, true);

  const typing = (target) => target.matches?.("input:not([type=checkbox]):not([type=radio]), select, textarea");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key;
    const at = dialog();
    if (at) {
      if (at.id === "paper") {
        if (key === "o") look(paperAt + 1);
        else if (key === "t") turn();
        return;
      }
      const pick = !typing(event.target) && $(`[data-digit="${key}"]`, at);
      if (pick) {
        pick.checked = !pick.checked;
        event.preventDefault();
      } else if (key === "Enter" && event.target.type === "checkbox") {
        event.preventDefault();
        $("form", at).requestSubmit();
      }
      return;
    }
    if (typing(event.target)) {
      if (key === "Escape") event.target.blur();
      return;
    }
    if (key === "?") show("help");
    else if (!$("#case")) return;
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "o") look(0);
    else if (key === "/") $("#find").focus();
    else if (key === "s") {
      const box = $("input[type=checkbox]", lineOf(shownCase()) ?? document.createElement("i"));
      if (box) box.checked = !box.checked;
    } else if (VIEWS[Number(key) - 1]) $(`#filters [value=${VIEWS[Number(key) - 1]}]`).click();
    else {
      const button = /^[a-z]$/.test(key) && $(`#case [data-key="${key}"]`);
      if (button) button.click();
      else if ("arxdv".includes(key) && shownCase()) toast("请先按 c 领取本案", true);
      else return;
    }
    event.preventDefault();
  });

  document.addEventListener("happened", (event) => {
    const told = event.detail;
    toast(told.message);
    if (told.gone) {
      const all = lines();
      const at = all.findIndex((line) => line.dataset.id === told.id);
      const next = all[at + 1] ?? all[at - 1];
      goOnTo = next ? next.dataset.id : "";
    }
    htmx.trigger("#filters", "submit");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target;
    if (target.id === "case") mark();
    else if (target.id === "lines") {
      // Whoever has asked for a case meanwhile keeps it.
      if ($("#case.htmx-request, #case .htmx-request")) goOnTo = null;
      else if (goOnTo) open(lineOf(goOnTo), true);
      else if (!shownCase() || goOnTo === "") open(lines()[0]);
      goOnTo = null;
      mark();
    } else if (target.id === "toast") {
      toast(target.textContent.trim());
      htmx.trigger("#filters", "submit");
    } else mark();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const text = event.detail.xhr.responseText;
    toast(text && text.length < 200 && !text.startsWith("{") ? text : "操作未完成，请重试", true);
  });
  document.addEventListener("htmx:sendError", () => toast("网络中断，请检查后重试", true));
  // What was revealed goes with the dialog.
  document.addEventListener("close", (event) => {
    if (event.target.id === "reveal") $("#revealed").textContent = "";
  }, true);
  document.addEventListener("DOMContentLoaded", mark);
})();
