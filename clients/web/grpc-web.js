// A small client of gRPC-Web for browsers: unary calls and server streaming, without dependencies.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md

/** A call that did not end with OK: `code` is gRPC's number, `message` the server's sentence. */
export class RPCError extends Error {
  constructor(code, message) {
    super(message || `the call ended with status ${code}`);
    this.code = code;
  }
}

const UNKNOWN = 2, INTERNAL = 13, UNAVAILABLE = 14;
// What an answer without a status means: gRPC's http-grpc-status-mapping.md.
const BY_HTTP_STATUS = { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 };

export class Client {
  /**
   * `server` is an origin such as `https://bench.example:50051`; `metadata` goes with every call,
   * `text` sends and asks for base64 (for whatever cannot carry bytes).
   */
  constructor(server, { metadata = {}, text = false } = {}) {
    Object.assign(this, { server: server.replace(/\/+$/, ""), metadata, text });
  }

  /** Calls a unary method with the bytes of a message; gives those of the answer. */
  async unary(path, message, options) {
    let answer;
    for await (const next of this.stream(path, message, options)) {
      if (answer) throw new RPCError(INTERNAL, "the server sent more than one message");
      answer = next;
    }
    if (!answer) throw new RPCError(INTERNAL, "the server sent no message");
    return answer;
  }

  /**
   * Calls a method that answers with a stream: an async iterator over the bytes of its messages.
   * Leaving the loop, or aborting `signal`, cancels the call; `timeout` is in milliseconds.
   */
  async *stream(path, message, { signal, timeout, metadata = {} } = {}) {
    const type = `application/grpc-web${this.text ? "-text" : ""}+proto`;
    const headers = {
      ...this.metadata, ...metadata, "content-type": type, accept: type, "x-grpc-web": "1",
    };
    if (timeout) headers["grpc-timeout"] = `${Math.ceil(timeout)}m`;
    const controller = new AbortController();
    const abort = () => controller.abort(signal.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    try {
      const framed = frame(message);
      const answer = await connect(this.server + path, {
        method: "POST", headers, body: this.text ? toBase64(framed) : framed,
        signal: controller.signal,
      });
      yield* messages(answer);
    } finally {
      signal?.removeEventListener("abort", abort);
      controller.abort();
    }
  }
}

async function connect(url, request) {
  let answer;
  try {
    answer = await fetch(url, request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    // Browsers tell pages no more than this, so that they cannot explore the network.
    throw new RPCError(UNAVAILABLE, `no answer that this page may read from ${url}`);
  }
  if (!answer.ok) {
    const code = BY_HTTP_STATUS[answer.status] ?? UNKNOWN;
    throw new RPCError(code, `HTTP ${answer.status} from ${url}`);
  }
  return answer;
}

/** The messages of an answer as they come; throws its status unless that is OK. */
async function* messages(answer) {
  // An answer without messages has its status among the headers.
  if (answer.headers.has("grpc-status")) return check((name) => answer.headers.get(name));
  const isText = answer.headers.get("content-type")?.startsWith("application/grpc-web-text");
  let bytes = new Uint8Array();
  for await (const chunk of chunks(answer.body, isText ? textDecoder() : (chunk) => chunk)) {
    bytes = concat(bytes, chunk);
    let length;
    while (bytes.length >= 5 && bytes.length >= 5 + (length = lengthOf(bytes))) {
      const [flag, payload] = [bytes[0], bytes.slice(5, 5 + length)];
      bytes = bytes.slice(5 + length);
      if (flag & 0x80) return check(trailers(payload));
      if (flag) throw new RPCError(INTERNAL, "a compressed message came unasked");
      yield payload;
    }
  }
  throw new RPCError(UNAVAILABLE, "the answer ended without a status");
}

async function* chunks(body, decode) {
  const reader = body.getReader();
  try {
    for (let next; !(next = await reader.read()).done;) yield decode(next.value);
  } finally {
    reader.cancel().catch(() => {});
  }
}

function check(field) {
  const code = Number(field("grpc-status") ?? UNKNOWN);
  if (code !== 0) throw new RPCError(code, percentDecoded(field("grpc-message") ?? ""));
}

function percentDecoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function trailers(payload) {
  const fields = new Map();
  for (const line of new TextDecoder().decode(payload).split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return (name) => fields.get(name);
}

function frame(message) {
  const framed = new Uint8Array(5 + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, 5);
  return framed;
}

function lengthOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
}

function concat(first, second) {
  if (!first.length) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Base64 comes cut anywhere, and padded anywhere: groups of four symbols stand for themselves. */
function textDecoder() {
  let rest = "";
  return (chunk) => {
    rest += new TextDecoder().decode(chunk);
    const whole = rest.slice(0, rest.length - (rest.length % 4));
    rest = rest.slice(whole.length);
    const decoded = whole.split(/(?<==)(?=[^=])/).map((part) => atob(part)).join("");
    return Uint8Array.from(decoded, (letter) => letter.charCodeAt(0));
  };
}
