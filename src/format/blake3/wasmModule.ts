import { leb, TYPE_I32, type WasmFunction } from "./WasmFunction.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0] as const;
const SECTION = { types: 1, functions: 3, memories: 5, exports: 7, code: 10 } as const;
const EXPORTED = { function: 0, memory: 2 } as const;

/** A module of these functions and so many pages of memory, which it exports by their names, and as `memory`. */
export function wasmModule(
  functions: Readonly<Record<string, WasmFunction>>,
  pages: number,
): Uint8Array {
  const named = Object.entries(functions);
  return Buffer.concat([
    Uint8Array.from(HEADER),
    // Each has a type of its own.
    section(SECTION.types, ...named.map(([, { parameterCount }]) => typeOf(parameterCount))),
    section(SECTION.functions, ...named.map((_, number) => Uint8Array.of(number))),
    section(SECTION.memories, Uint8Array.of(1, ...leb(pages), ...leb(pages))),
    section(
      SECTION.exports,
      ...named.map(([name], number) => exported(name, EXPORTED.function, number)),
      exported("memory", EXPORTED.memory, 0),
    ),
    section(SECTION.code, ...named.map(([, code]) => sized(code.toBytes()))),
  ]);
}

/** Of a function that takes so many numbers of 32 bits and returns nothing. */
function typeOf(parameterCount: number): Uint8Array {
  const parameters = Uint8Array.from({ length: parameterCount }, () => TYPE_I32);
  return Uint8Array.of(0x60, ...sized(parameters), 0);
}

function section(id: number, ...items: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat([Uint8Array.of(items.length), ...items]);
  return Buffer.concat([Uint8Array.of(id), sized(content)]);
}

/** The one of its kind with this number, by a name. */
function exported(name: string, kind: number, number: number): Uint8Array {
  return Uint8Array.of(...sized(Buffer.from(name)), kind, number);
}

function sized(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from(leb(bytes.length)), bytes]);
}
