// Talks to yaml-language-server as an editor does: opens files that name the schema in their first line, and looks
// at what is completed, explained and underlined. Arguments: the server's program, the schema.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [program, schema] = process.argv.slice(2);
const folder = dirname(schema);
const server = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const timer = setTimeout(() => fail("the language server does not answer"), 60_000);

let buffer = Buffer.alloc(0);
let lastId = 0;
const answers = new Map();
const diagnostics = new Map();

function fail(what, shown) {
  console.error(what, shown === undefined ? "" : JSON.stringify(shown, null, 1));
  server.kill();
  process.exit(1);
}

function send(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
  server.stdin.write(body);
}

function ask(method, params) {
  const id = ++lastId;
  send({ id, method, params });
  return new Promise((resolve) => answers.set(id, resolve));
}

function heard(message) {
  if (message.method === "workspace/configuration") {
    const settings = { validate: true, hover: true, completion: true, schemaStore: { enable: false } };
    const told = message.params.items.map(({ section }) => (section === "yaml" ? settings : null));
    send({ id: message.id, result: told });
  } else if (message.method !== undefined && message.id !== undefined) {
    send({ id: message.id, result: null });
  } else if (message.method === "textDocument/publishDiagnostics") {
    diagnostics.get(message.params.uri)?.(message.params.diagnostics);
  } else if (answers.has(message.id)) {
    answers.get(message.id)(message.result);
    answers.delete(message.id);
  }
}

server.stdout.on("data", (chunk) => {
  buffer = Buffer.concat([buffer, chunk]);
  for (;;) {
    const end = buffer.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1]);
    if (buffer.length < end + 4 + length) return;
    const body = buffer.subarray(end + 4, end + 4 + length).toString();
    buffer = buffer.subarray(end + 4 + length);
    heard(JSON.parse(body));
  }
});

let files = 0;
/** Opens a spec; `|` marks the cursor. Returns its address, the cursor, and what is underlined. */
async function open(text) {
  const before = text.split("|")[0].split("\n");
  const whole = `# yaml-language-server: $schema=pilot.schema.json\n${text.replace("|", "")}`;
  const uri = pathToFileURL(join(folder, `file-${++files}.yaml`)).href;
  const underlined = new Promise((resolve) => diagnostics.set(uri, resolve));
  send({
    method: "textDocument/didOpen",
    params: { textDocument: { uri, languageId: "yaml", version: 1, text: whole } },
  });
  const position = { line: before.length, character: before.at(-1).length };
  return { uri, position, underlined: await underlined };
}

async function completes(text, wanted, documented) {
  const { uri, position } = await open(text);
  const answer = await ask("textDocument/completion", { textDocument: { uri }, position });
  const labels = answer.items.map((item) => item.label);
  for (const label of wanted) if (!labels.includes(label)) fail(`${label} is not completed in ${text}`, labels);
  if (new Set(labels).size !== labels.length) fail(`completed twice in ${text}`, labels);
  if (documented && !JSON.stringify(answer.items).includes(documented)) fail(`no "${documented}"`, answer.items);
}

async function explains(text, wanted) {
  const { uri, position } = await open(text);
  const answer = await ask("textDocument/hover", { textDocument: { uri }, position });
  const shown = JSON.stringify(answer);
  for (const words of wanted) if (!shown.includes(words)) fail(`"${words}" is not said of ${text}`, answer);
}

async function underlines(text, line, wanted) {
  const { underlined } = await open(text);
  const found = underlined.some((one) => one.range.start.line === line && one.message.includes(wanted));
  if (!found) fail(`"${wanted}" is not underlined in line ${line} of ${text}`, underlined);
}

await ask("initialize", {
  processId: process.pid,
  rootUri: pathToFileURL(folder).href,
  capabilities: {
    textDocument: { completion: { completionItem: { snippetSupport: true } }, hover: {}, publishDiagnostics: {} },
    workspace: { configuration: true },
  },
});
send({ method: "initialized", params: {} });

const clean = await open("version: 1\ngroup: SSPR-Pilot\nmethods: {required: 1, allowed: [email, mobile_phone]}\n");
if (clean.underlined.length > 0) fail("a good file is underlined", clean.underlined);

await completes("version: 1\n|", ["group", "scope", "methods", "registration", "tenant"], "Select group");
await completes("version: 1\nmethods:\n  |", ["required", "allowed"], "Number of methods required to reset");
await completes("version: 1\nscope: |", ["none", "selected", "all"], "nobody can reset");
await completes("version: 1\nmethods:\n  allowed:\n    - |", ["email", "security_questions"], "Mobile app code");

await explains("version: 1\nregistration:\n  reconfirm|_days: 180\n", ["Number of days before users are asked", "0 is never"]);
await explains("version: 1\nsco|pe: none\n", ["Self service password reset enabled", "nobody can reset"]);

await underlines("version: 1\ngruop: x\n", 2, "gruop");
await underlines("version: 1\nmethods:\n  required: 3\n", 3, "maximum");
await underlines("version: 1\nmethods:\n  allowed: [sms]\n", 3, "email");
await underlines("version: 1\nmethods:\n  required: 2\n  allowed: [email]\n", 4, "");
await underlines("version: 1\nmethods:\n  allowed: [mobile_app_code]\n", 3, "authenticator app cannot be the only");
await underlines("version: 1\nscope: all\ngroup: x\n", 3, "`scope: all` reaches everyone");
await underlines("version: 1\nregistration:\n  required: false\n  reconfirm_days: 9\n", 4, "registration is required");
await underlines("version: 1\ncustomization:\n  helpdesk: nowhere\n", 3, "an e-mail address");
await underlines("version: 1\nregistration:\n  required: yes\n", 3, "boolean");

clearTimeout(timer);
server.kill();
process.exit(0);
