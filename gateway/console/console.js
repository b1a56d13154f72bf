"use strict";
// The console: a client of the REST API like any other. Every text goes in by textContent, so that nothing that stands in
// a document can become markup.

const $ = (id) => document.getElementById(id);
const short = (name) => (name || "").split("/").pop();

function el(tag, content, attributes, ...children) {
  const made = document.createElement(tag);
  if (content !== "" && content !== undefined && content !== null) made.textContent = content;
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

async function api(method, path, body) {
  const answer = await fetch(`/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${$("token").value}`, ...(body ? { "content-type": "application/json" } : {}) },
    body: body && JSON.stringify(body),
  });
  const value = await answer.json();
  if (answer.ok) return value;
  throw new Error(`${value.error.message} (${value.error.details[0].reason})`);
}

const project = () => `projects/${encodeURIComponent($("project").value)}`;

async function all(path, key) {
  const found = [];
  let token = "";
  do {
    const join = path.includes("?") ? "&" : "?";
    const page = await api("GET", `${project()}/${path}${join}pageSize=200&pageToken=${encodeURIComponent(token)}`);
    found.push(...page[key]);
    token = page.nextPageToken;
  } while (token);
  return found;
}

const GOOD = ["PARSED", "SETTLED", "SUCCEEDED", "PASSED", "PROMOTED", "PUBLISHED", "PASS", "READY"];
const BAD = ["REJECTED", "FAILED", "REFUSED", "REVOKED", "WITHDRAWN", "REFUSE", "TAINTED"];
const state = (name) => el("span", name, { class: `state ${GOOD.includes(name) ? "good" : BAD.includes(name) ? "bad" : ""}` });
const when = (time) => (time ? new Date(time).toLocaleString() : "");

function table(heads, rows) {
  const cells = (row, tag) => el("tr", "", {}, ...row.map((cell) => (cell instanceof Node ? el(tag, "", {}, cell) : el(tag, cell))));
  return el("table", "", {}, el("thead", "", {}, cells(heads, "th")), el("tbody", "", {}, ...rows.map((row) => cells(row, "td"))));
}

function place(location) {
  const parts = [location?.page && `page ${location.page}`, location?.clause && `clause ${location.clause}`, location?.cells];
  return parts.filter(Boolean).join(", ");
}

function quote(one) {
  const from = [one.documentTitle || short(one.location?.document), place(one.location)].filter(Boolean).join(" · ");
  return el("blockquote", "", {}, el("span", from, { class: "place" }), el("span", one.text));
}

async function withdraw(document) {
  const reason = prompt(`Why is ${document.filename} withdrawn?`);
  if (!reason) return;
  await api("POST", `${document.name}:withdraw`, { reason, etag: document.etag });
  await show("Documents");
}

async function upload(input) {
  for (const file of input.files) {
    const form = new FormData();
    form.append("content", file, file.name);
    const headers = { authorization: `Bearer ${$("token").value}` };
    const answer = await fetch(`/v1/${project()}/documents:upload`, { method: "POST", headers, body: form });
    if (!answer.ok) throw new Error(`${file.name}: ${(await answer.json()).error.message}`);
  }
  await show("Documents");
}

async function documents() {
  const found = await all("documents", "documents");
  const input = el("input", "", { type: "file", multiple: "", "aria-label": "Upload documents" });
  input.addEventListener("change", guarded(() => upload(input)));
  const rows = found.map((d) => [
    d.title || d.filename, d.filename, state(d.state), d.rejection?.reason || d.withdrawalReason, when(d.updateTime),
    d.state === "WITHDRAWN" ? "" : el("button", "Withdraw", { click: guarded(() => withdraw(d)) }),
  ]);
  return [el("p", "", {}, input), table(["Title", "File", "State", "Why", "Changed", ""], rows)];
}

async function settle(finding, outcome, reason) {
  if (!reason.value.trim()) {
    reason.focus();
    throw new Error("Write the reason of the decision first; it is kept with it.");
  }
  await api("POST", `${finding.name}:settle`, { outcome, reason: reason.value, etag: finding.etag });
  await show("Findings");
}

function finding(one) {
  const reason = el("input", "", { placeholder: "Reason", size: "50", "aria-label": "Reason" });
  const buttons = one.outcomes.map((outcome) =>
    el("button", outcome.toLowerCase().replaceAll("_", " "), {
      class: outcome === one.suggestedOutcome ? "suggested" : undefined,
      click: guarded(() => settle(one, outcome, reason)),
    }));
  const decision = one.decision;
  const settled = decision && el("p", `${decision.outcome} by ${decision.author}, ${when(decision.time)}: ${decision.reason}`);
  return el("article", "", { class: "card" },
    el("strong", `${one.kind.toLowerCase().replaceAll("_", " ")} · ${one.topic} `), state(one.state),
    el("p", one.explanation),
    el("div", "", { class: "quotes" }, ...one.quotes.map(quote)),
    settled || el("p", "", {}, reason, " ", ...buttons));
}

async function findings() {
  const found = await all("findings", "findings");
  found.sort((a, b) => (a.state === "OPEN" ? 0 : 1) - (b.state === "OPEN" ? 0 : 1));
  const open = found.filter((one) => one.state === "OPEN").length;
  return [el("p", `${open} open, ${found.length - open} settled.`), ...found.map(finding)];
}

function spanTree(trace) {
  const below = new Map();
  const known = new Set(trace.spans.map((span) => span.spanId));
  for (const span of trace.spans) {
    const parent = known.has(span.parentId) ? span.parentId : "";
    below.set(parent, [...(below.get(parent) || []), span]);
  }
  const lines = [];
  const walk = (parent, depth) => {
    for (const span of below.get(parent) || []) {
      const ms = Number(BigInt(span.endUnixNano) - BigInt(span.startUnixNano)) / 1e6;
      lines.push(`${"  ".repeat(depth)}${span.service}: ${span.name}  ${ms.toFixed(1)} ms ${span.status === "ERROR" ? "ERROR" : ""}`);
      walk(span.spanId, depth + 1);
    }
  };
  walk("", 0);
  return el("pre", lines.join("\n"));
}

async function runs() {
  const found = await all("runs", "runs");
  return found.map((run) => {
    const trace = el("div");
    const look = async () => trace.replaceChildren(spanTree(await api("GET", `${run.name}/trace`)));
    const outputs = (stage) => Object.values(stage.outputs).filter((value) => value.startsWith("projects/")).join(" ");
    const rows = run.stages.map((s) => [s.id, state(s.state), s.attempt, outputs(s), s.failure?.message, when(s.endTime)]);
    return el("article", "", { class: "card" },
      el("strong", `${short(run.name)} · ${run.recipe || "build"} `), state(run.state),
      el("p", `Trace ${run.traceId} `, {}, el("button", "Show trace", { click: guarded(look) })),
      table(["Stage", "State", "Attempt", "Result", "Failure", "Ended"], rows), trace);
  });
}

function version(one) {
  const number = (value) => (value === undefined ? "" : Number(value).toPrecision(3));
  const checks = (one.gate?.checks || []).map((check) => [
    check.name, state(check.passed ? "PASS" : "REFUSE"),
    `${number(check.value)} ${check.unit}${check.intervalLow === undefined ? "" : ` [${number(check.intervalLow)}, ${number(check.intervalHigh)}]`}`,
    number(check.threshold), check.reason, check.explanation,
  ]);
  const taints = one.taints.map((taint) => el("p", taint, { class: "error" }));
  return el("article", "", { class: "card" },
    el("strong", `${one.name.split("/")[3]} · ${short(one.name)} `), state(one.state),
    el("p", `Learnt from ${one.datasetVersion}; adapter ${one.adapterDigest.slice(0, 12)}; base ${one.base}`, { class: "note" }),
    ...taints,
    checks.length ? table(["Check", "", "Value", "Threshold", "Reason", "In words"], checks) : el("p", "Not gated yet."));
}

async function models() {
  return (await all("models/-/versions", "versions")).map(version);
}

async function answers() {
  const found = await all("completions", "completions");
  return found.map((one) => {
    const box = el("div");
    const look = async () => {
      const trace = await api("GET", `${one.name}/influences`);
      const column = (title, items) => el("div", "", {}, el("h4", title), ...(items.length ? items : [el("p", "none", { class: "note" })]));
      box.replaceChildren(
        el("p", `Learnt: ${trace.learnt.toFixed(2)} nats per token. Fidelity: ${trace.fidelity}.`),
        el("div", "", { class: "quotes" },
          column("Influence", trace.influences.flatMap((i) => [el("p", `${i.score.toFixed(3)} ${i.prompt} → ${i.completion}`), ...i.sources.map(quote)])),
          column("Verbatim", trace.verbatim.flatMap((v) => [el("p", `“${v.text}” (${v.tokens} tokens)`), ...v.sources.map(quote)])),
          column("Evidence", trace.evidence.map((e) => quote(e.source)))));
    };
    return el("article", "", { class: "card" },
      el("p", one.text), el("p", `${one.modelVersion} · ${when(one.createTime)}`, { class: "note" }),
      el("button", "Trace", { click: guarded(look) }), box);
  });
}

const VIEWS = { Documents: documents, Findings: findings, Runs: runs, Models: models, Answers: answers };

function guarded(action) {
  return async () => {
    try {
      $("message").textContent = "";
      await action();
    } catch (error) {
      $("message").className = "error";
      $("message").textContent = error.message;
    }
  };
}

let shown = 0;
async function show(name) {
  const mine = ++shown;
  for (const button of $("views").children) button.toggleAttribute("aria-current", button.textContent === name);
  location.hash = name;
  const nodes = await VIEWS[name]();
  // A slower answer to an earlier question must not cover this one.
  if (mine === shown) $("view").replaceChildren(...(nodes.length ? nodes : [el("p", "Nothing yet.", { class: "note" })]));
}

function wanted() {
  const name = location.hash.slice(1);
  return Object.hasOwn(VIEWS, name) ? name : "Documents";
}

function start() {
  for (const id of ["project", "token"]) {
    $(id).value = sessionStorage.getItem(id) || "";
    $(id).addEventListener("change", () => {
      sessionStorage.setItem(id, $(id).value);
      if ($("project").value && $("token").value) guarded(() => show(wanted()))();
    });
  }
  $("views").append(...Object.keys(VIEWS).map((name) => el("button", name, { click: guarded(() => show(name)) })));
  if ($("project").value && $("token").value) guarded(() => show(wanted()))();
  else $("message").textContent = "Type the project and the token that `whet dev` printed.";
}

start();
