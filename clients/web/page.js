// The catalog's models by a unary call, a run's commits by a stream.
// The page's fragment fills the form in and connects: index.html#server=https://...&run=...
import { Client } from "./grpc-web.js";
import { Message, encode } from "./protobuf.js";

const RUN_STATES = ["?", "pending", "running", "completed", "failed", "cancelled"];
const EXECUTION_STATES = ["?", "waits", "is measured", "completed", "failed", "was cancelled"];
const MOST_ROWS = 200;
const $ = (id) => document.getElementById(id);
let watching = new AbortController();

function say(place, text, isFailure = false) {
  $(place).textContent = text;
  $(place).classList.toggle("failed", isFailure);
}

/** A row of the table, its cells aligned as the heads of their columns. */
function row(place, ...cells) {
  const row = document.createElement("tr");
  const heads = $(place).parentElement.tHead.rows[0].cells;
  cells.forEach((cell, index) => {
    const element = row.insertCell();
    element.textContent = typeof cell === "number" ? cell.toLocaleString("en") : cell;
    element.className = heads[index].className;
  });
  return row;
}

async function listModels(client) {
  say("models-state", "asking");
  const rows = [];
  let token = "";
  do {
    const request = encode({ 2: token });
    const answer = new Message(
      await client.unary("/benchfront.v1.Catalog/ListModels", request, { timeout: 10_000 }));
    for (const model of answer.messages(1)) {
      rows.push(row(
        "models", model.text(1), model.text(4) || "yourself", model.number(5) || "unknown",
        model.number(9) || "unknown"));
    }
    token = answer.text(2);
  } while (token);
  $("models").replaceChildren(...rows);
  say("models-state", `${rows.length} in the catalog`);
}

function happened(event) {
  const [samples, execution, run] = [3, 4, 5].map((field) => event.message(field));
  if (samples) return `${samples.messages(3).length} samples of ${samples.text(2)}`;
  if (execution) {
    const configuration = execution.message(2)?.text(1) ?? execution.text(1);
    return `${configuration} ${EXECUTION_STATES[execution.number(3)]}`;
  }
  return run ? `the run is ${RUN_STATES[run.number(3)]}` : "";
}

async function watchRun(client, run, signal) {
  say("run-state", "watching");
  const path = "/benchfront.v1.BenchmarkControl/WatchRun";
  for await (const bytes of client.stream(path, encode({ 1: run }), { signal })) {
    const event = new Message(bytes);
    const time = new Date((event.message(2)?.number(1) ?? 0) * 1000).toLocaleTimeString("en");
    $("events").prepend(row("events", event.number(1), time, happened(event)));
    while ($("events").children.length > MOST_ROWS) {
      $("events").lastElementChild.remove();
    }
  }
  say("run-state", "ended");
}

async function connect() {
  watching.abort();
  watching = new AbortController();
  const { signal } = watching;
  for (const place of ["models", "events"]) $(place).replaceChildren();
  say("run-state", "not watched");
  const token = $("token").value;
  const client = new Client($("server").value, {
    metadata: token ? { authorization: `Bearer ${token}` } : {}, text: $("text").checked,
  });
  const failed = (place) => (error) => {
    if (!signal.aborted) say(place, `${error.message} (status ${error.code ?? "none"})`, true);
  };
  const run = $("run").value.trim();
  await Promise.all([
    listModels(client).catch(failed("models-state")),
    run && watchRun(client, run, signal).catch(failed("run-state")),
  ]);
}

$("connection").addEventListener("submit", (event) => {
  event.preventDefault();
  connect();
});

const given = new URLSearchParams(location.hash.slice(1));
for (const name of ["server", "token", "run"]) $(name).value = given.get(name) ?? "";
$("text").checked = given.get("text") === "1";
if (given.has("server")) connect();
