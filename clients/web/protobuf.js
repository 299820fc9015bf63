// As much of protobuf's encoding as a page needs: fields by number, strings, varints, messages.
// https://protobuf.dev/programming-guides/encoding/

/** Encodes fields, such as `encode({ 1: "text", 2: 5, 3: true })`; absent ones are left out. */
export function encode(fields) {
  const bytes = [];
  for (const [number, value] of Object.entries(fields)) {
    if (value === undefined || value === "" || value === 0 || value === false) continue;
    const isBytes = typeof value === "string" || value instanceof Uint8Array;
    varint(bytes, (BigInt(number) << 3n) | (isBytes ? 2n : 0n));
    if (isBytes) {
      const content = typeof value === "string" ? new TextEncoder().encode(value) : value;
      varint(bytes, BigInt(content.length));
      for (const byte of content) bytes.push(byte);
    } else {
      varint(bytes, BigInt.asUintN(64, BigInt(value)));
    }
  }
  return Uint8Array.from(bytes);
}

function varint(bytes, value) {
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  bytes.push(Number(value));
}

/** A message's fields by number, each with all its values. */
export class Message {
  constructor(bytes) {
    this.values = new Map();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let position = 0;
    const take = () => {
      let [value, shift, byte] = [0n, 0n, 0];
      do {
        byte = view.getUint8(position++);
        value |= BigInt(byte & 127) << shift;
        shift += 7n;
      } while (byte > 127);
      return BigInt.asUintN(64, value);
    };
    const part = (length) => {
      if (position + length > bytes.length) throw new RangeError("the message is cut short");
      return bytes.subarray(position, (position += length));
    };
    while (position < bytes.length) {
      const key = Number(take());
      const value = { 0: take, 1: () => part(8), 2: () => part(Number(take())), 5: () => part(4) }[
        key & 7]?.();
      if (value === undefined) throw new TypeError(`wire type ${key & 7} is not known`);
      const number = key >>> 3;
      this.values.set(number, [...(this.values.get(number) ?? []), value]);
    }
  }

  /** A number; 0 when it is absent. Those above 2^53 lose digits. */
  number(field) { return Number(BigInt.asIntN(64, this.values.get(field)?.at(-1) ?? 0n)); }

  /** A text; empty when it is absent. */
  text(field) { return new TextDecoder().decode(this.values.get(field)?.at(-1)); }

  /** A message; null when it is absent. */
  message(field) { return this.messages(field).at(-1) ?? null; }

  /** All messages of a repeated field. */
  messages(field) { return (this.values.get(field) ?? []).map((bytes) => new Message(bytes)); }
}
