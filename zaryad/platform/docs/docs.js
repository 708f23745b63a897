// Reads /api/openapi.json, shows each operation with its shapes, and tries it: as the browser's own cookies say
// (with the double submit), or with a bearer token that stays in this page's memory.

const METHODS = ["get", "post", "put", "patch", "delete"];
const list = document.querySelector("#list");
const main = document.querySelector("#main");
const token = document.querySelector("#token");
const signed = document.querySelector("#signed");

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const cookie = (name) =>
  document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

let api;
const operations = [];

function resolve(schema) {
  let found = schema ?? {};
  for (let depth = 0; found.$ref && depth < 10; depth += 1) {
    found = found.$ref.slice(2).split("/").reduce((at, key) => at?.[key], api) ?? {};
  }
  return found;
}

function typeOf(schema, depth = 0) {
  const name = schema?.$ref?.split("/").pop();
  const it = resolve(schema);
  if (name && depth > 0) return name;
  if (it.enum) return it.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (it.const !== undefined) return JSON.stringify(it.const);
  const either = it.oneOf ?? it.anyOf;
  if (either) return either.map((each) => typeOf(each, depth + 1)).join(" | ");
  if (it.type === "array") return `${typeOf(it.items, depth + 1)}[]`;
  if (Array.isArray(it.type)) return it.type.join(" | ");
  return it.format ? `${it.type} (${it.format})` : (name ?? it.type ?? "any");
}

function sample(schema, depth = 0) {
  const it = resolve(schema);
  if (depth > 6) return null;
  if (it.example !== undefined) return it.example;
  if (it.default !== undefined) return it.default;
  if (it.enum) return it.enum[0];
  if (it.const !== undefined) return it.const;
  const either = it.oneOf ?? it.anyOf;
  if (either) return sample(either.find((each) => resolve(each).type !== "null") ?? either[0], depth + 1);
  const type = Array.isArray(it.type) ? it.type[0] : it.type;
  if (type === "object" || it.properties) {
    const named = Object.entries(it.properties ?? {}).map(([name, each]) => [name, sample(each, depth + 1)]);
    return Object.fromEntries(named);
  }
  if (type === "array") return [];
  if (type === "integer" || type === "number") return it.minimum ?? 0;
  if (type === "boolean") return false;
  if (type === "string") {
    if (it.format === "uuid") return crypto.randomUUID?.() ?? "00000000-0000-4000-8000-000000000000";
    return it.format === "date-time" ? new Date().toISOString() : "";
  }
  return null;
}

function fields(schema) {
  const it = resolve(schema);
  const rows = Object.entries(it.properties ?? {}).map(([name, each]) =>
    make(
      "tr",
      {},
      make("td", {}, make("code", {}, name), it.required?.includes(name) ? " *" : ""),
      make("td", {}, typeOf(each, 1)),
      make("td", { className: "muted" }, resolve(each).description ?? ""),
    ),
  );
  if (!rows.length) return make("p", { className: "muted" }, typeOf(schema));
  return make("table", {}, make("tbody", {}, ...rows));
}

function shape(schema, seen = new Set()) {
  const parts = [fields(schema)];
  for (const each of Object.values(resolve(schema).properties ?? {})) {
    for (const inner of [each, resolve(each).items, ...(each.oneOf ?? each.anyOf ?? [])]) {
      const name = inner?.$ref?.split("/").pop();
      if (!name || seen.has(name) || !resolve(inner).properties) continue;
      seen.add(name);
      parts.push(make("details", {}, make("summary", {}, name), ...shape(inner, seen)));
    }
  }
  return parts;
}

const bodyOf = (content) => Object.entries(content ?? {})[0] ?? [null, null];

function trial(operation) {
  const { method, path, spec } = operation;
  const inputs = new Map();
  const row = make("div", { className: "row" });
  for (const parameter of spec.parameters ?? []) {
    const { name, in: where, required } = parameter;
    if (where !== "path" && where !== "query") continue;
    const input = make("input", { required: Boolean(required), autocomplete: "off" });
    if (resolve(parameter.schema).format === "uuid" && method === "put") input.value = crypto.randomUUID?.() ?? "";
    inputs.set(input, { name, where });
    row.append(make("label", {}, `${name}${required ? " *" : ""}`, input));
  }
  const [media, body] = bodyOf(spec.requestBody?.content);
  const text = body ? make("textarea", { spellcheck: false, ariaLabel: "Body" }) : null;
  if (text) text.value = JSON.stringify(sample(body.schema), null, 2);
  const result = make("div", { ariaLive: "polite" });
  const form = make("form", {}, row, text, make("p", {}, make("button", {}, "Send")), result);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let target = path;
    const query = new URLSearchParams();
    for (const [input, { name, where }] of inputs) {
      if (where === "path") target = target.replace(`{${name}}`, encodeURIComponent(input.value));
      else if (input.value) query.append(name, input.value);
    }
    if (query.size) target += `?${query}`;
    const headers = {};
    if (token.value.trim()) headers.Authorization = `Bearer ${token.value.trim()}`;
    else if (method !== "get") headers["X-CSRF-Token"] = cookie("XSRF-TOKEN");
    if (text?.value.trim()) headers["Content-Type"] = media;
    const began = performance.now();
    try {
      const answer = await fetch(target, {
        method: method.toUpperCase(),
        headers,
        body: text?.value.trim() || undefined,
        credentials: token.value.trim() ? "omit" : "same-origin",
      });
      await show(result, answer, performance.now() - began);
    } catch (error) {
      result.replaceChildren(make("p", { className: "danger" }, String(error)));
    }
    who();
  });
  return make("section", {}, make("h3", {}, "Try it"), form);
}

async function show(result, answer, ms) {
  const type = answer.headers.get("content-type") ?? "";
  const head = make(
    "p",
    { className: answer.ok ? "ok" : "danger" },
    `${answer.status} ${answer.statusText} · ${Math.round(ms)} ms · ${answer.headers.get("x-request-id") ?? ""}`,
  );
  if (type.includes("json")) {
    const body = await answer.json();
    result.replaceChildren(head, make("pre", {}, JSON.stringify(body, null, 2)));
  } else if (type.startsWith("text/")) {
    result.replaceChildren(head, make("pre", {}, await answer.text()));
  } else {
    const size = (await answer.blob()).size;
    result.replaceChildren(head, make("p", { className: "muted" }, size ? `${type}, ${size} bytes` : "no body"));
  }
}

function render(operation) {
  const { method, path, spec } = operation;
  const roles = spec["x-roles"];
  const [, body] = bodyOf(spec.requestBody?.content);
  const parameters = (spec.parameters ?? []).map((each) =>
    make(
      "tr",
      {},
      make("td", {}, make("code", {}, each.name), each.required ? " *" : ""),
      make("td", {}, `${each.in} · ${typeOf(each.schema, 1)}`),
      make("td", { className: "muted" }, each.description ?? ""),
    ),
  );
  const answers = Object.entries(spec.responses ?? {}).map(([status, each]) => {
    const [media, content] = bodyOf(each.content);
    const good = status.startsWith("2") && content;
    return make(
      "details",
      { open: Boolean(good) },
      make("summary", {}, make("code", {}, status), ` ${each.description ?? ""} `, make("span", { className: "muted" }, media ?? "")),
      ...(content ? shape(content.schema) : []),
    );
  });
  main.replaceChildren(
    make(
      "section",
      {},
      make("h2", {}, make("span", { className: `method ${method}` }, method.toUpperCase()), " ", path),
      make("p", {}, spec.description ?? spec.summary ?? ""),
      make("p", { className: "muted" }, !roles ? "Open to everybody" : roles.length === 7 ? "Whoever is signed in" : `Roles: ${roles.join(", ")}`),
    ),
    ...(parameters.length
      ? [make("section", {}, make("h3", {}, "Parameters"), make("table", {}, make("tbody", {}, ...parameters)))]
      : []),
    ...(body ? [make("section", {}, make("h3", {}, "Body"), ...shape(body.schema))] : []),
    trial(operation),
    make("section", {}, make("h3", {}, "Answers"), ...answers),
  );
  document.title = `${method.toUpperCase()} ${path} · Zaryad API`;
}

function fill(wanted = "") {
  const groups = new Map();
  for (const operation of operations) {
    const { method, path, spec } = operation;
    const words = `${method} ${path} ${spec.summary ?? ""} ${spec.description ?? ""}`.toLowerCase();
    if (!words.includes(wanted.toLowerCase())) continue;
    const group = spec.tags?.[0] ?? path.split("/")[3] ?? "other";
    const link = make(
      "a",
      { href: `#${method}${path}` },
      make("span", { className: `method ${method}` }, method.toUpperCase()),
      path.replace("/api/v1", ""),
    );
    if (decodeURIComponent(location.hash) === `#${method}${path}`) link.ariaCurrent = "page";
    groups.set(group, [...(groups.get(group) ?? []), link]);
  }
  const sorted = [...groups].sort(([a], [b]) => a.localeCompare(b));
  list.replaceChildren(...sorted.flatMap(([group, links]) => [make("h2", {}, group), ...links]));
}

function route() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const operation = operations.find(({ method, path }) => wanted === `${method}${path}`);
  if (operation) render(operation);
  else main.replaceChildren(make("section", {}, make("h2", {}, api.info.title), make("p", {}, api.info.description)));
  fill(document.querySelector("#search").value);
}

async function who() {
  const value = token.value.trim();
  if (!value && !cookie("XSRF-TOKEN")) {
    signed.textContent = "not signed in";
    return;
  }
  const answer = await fetch("/api/v1/me", value ? { headers: { Authorization: `Bearer ${value}` }, credentials: "omit" } : {});
  const me = answer.ok ? await answer.json() : null;
  signed.textContent = me ? `${me.name ?? me.login ?? me.phone}: ${me.roles.join(", ")}` : "not signed in";
}

api = await (await fetch("/api/openapi.json")).json();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const method of METHODS) if (methods[method]) operations.push({ method, path, spec: methods[method] });
}
document.querySelector("#search").addEventListener("input", (event) => fill(event.target.value));
document.querySelector("#who").addEventListener("submit", (event) => event.preventDefault());
token.addEventListener("change", who);
addEventListener("hashchange", route);
route();
who();
