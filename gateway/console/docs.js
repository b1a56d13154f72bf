"use strict";
// Shows /openapi.json. Every text goes in by textContent, so that none of it can become markup.

function el(tag, text, attributes, ...children) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function typeOf(schema, schemas, depth) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return depth ? shape(schemas[name], schemas, depth - 1) : name;
  }
  if (schema.type === "array") return [typeOf(schema.items, schemas, depth)];
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.additionalProperties) return { "…": typeOf(schema.additionalProperties, schemas, depth) };
  if (schema.properties) return shape(schema, schemas, depth);
  return schema.format || schema.type || "any JSON value";
}

function shape(schema, schemas, depth) {
  return Object.fromEntries(
    Object.entries(schema.properties || {}).map(([name, value]) => {
      const star = (schema.required || []).includes(name) ? " *" : "";
      return [name + star, typeOf(value, schemas, depth)];
    }));
}

function block(title, schema, schemas) {
  const text = JSON.stringify(typeOf(schema, schemas, 2), null, 2);
  return el("div", "", {}, el("h4", title), el("pre", text));
}

function operation(path, verb, what, schemas) {
  const line = el("summary", "", {}, el("code", verb.toUpperCase(), { class: "verb" }), el("code", path), el("span", " " + what.summary));
  const box = el("details", "", { id: what.operationId }, line);
  if (what.description) box.append(el("p", what.description));
  for (const p of what.parameters || []) {
    const star = p.required ? " *" : "";
    box.append(el("p", "", {}, el("code", `${p.name}${star}`), el("span", ` (${p.in}) ${p.description || ""}`)));
  }
  for (const [kind, body] of Object.entries(what.requestBody?.content || {})) box.append(block(`Body, ${kind}`, body.schema, schemas));
  for (const [kind, body] of Object.entries(what.responses["200"].content || {})) {
    if (body.schema) box.append(block(`Answer, ${kind}`, body.schema, schemas));
  }
  return box;
}

async function main() {
  const page = document.getElementById("docs");
  const answer = await fetch("/openapi.json");
  const api = await answer.json();
  const tags = Object.fromEntries(api.tags.map((tag) => [tag.name, tag.description]));
  const sections = new Map();
  page.replaceChildren(el("p", api.info.description));
  for (const [path, verbs] of Object.entries(api.paths)) {
    for (const [verb, what] of Object.entries(verbs)) {
      const tag = what.tags[0];
      if (!sections.has(tag)) sections.set(tag, el("section", "", {}, el("h2", tag), el("p", tags[tag] || "")));
      sections.get(tag).append(operation(path, verb, what, api.components.schemas));
    }
  }
  page.append(...sections.values());
}

main();
