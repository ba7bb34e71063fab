import { leb, TYPE_I32, type WasmFunction } from "./WasmFunction.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0] as const;
const SECTION = { types: 1, functions: 3, memories: 5, exports: 7, code: 10 } as const;
const EXPORTED = { function: 0, memory: 2 } as const;

/** A module of one function and one page of memory, which it exports as `run` and `memory`. */
export function wasmModule(run: WasmFunction): Uint8Array {
  const parameters = Uint8Array.from({ length: run.parameterCount }, () => TYPE_I32);
  return Buffer.concat([
    Uint8Array.from(HEADER),
    section(SECTION.types, Uint8Array.of(0x60, ...sized(parameters), 0)),
    section(SECTION.functions, Uint8Array.of(0)),
    section(SECTION.memories, Uint8Array.of(1, 1, 1)),
    section(
      SECTION.exports,
      exported("run", EXPORTED.function),
      exported("memory", EXPORTED.memory),
    ),
    section(SECTION.code, sized(run.toBytes())),
  ]);
}

function section(id: number, ...items: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat([Uint8Array.of(items.length), ...items]);
  return Buffer.concat([Uint8Array.of(id), sized(content)]);
}

/** The first of its kind, by a name. */
function exported(name: string, kind: number): Uint8Array {
  return Uint8Array.of(...sized(Buffer.from(name)), kind, 0);
}

function sized(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from(leb(bytes.length)), bytes]);
}
