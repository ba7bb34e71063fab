import type { Image, ImageFile } from "./Image.ts";
import { ModelFile, type ChosenBytes } from "./ModelFile.ts";
import type { Unit } from "./Register.ts";

export type ModelNode = ModelFile | ModelFolder;

/** What has got to the disk when the power was cut. */
export interface Survivors extends ChosenBytes {
  readonly has: (change: NameChange) => boolean;
}

/** One change of a folder's names, whole or not at all: a rename takes one away and sets another. */
export class NameChange implements Unit {
  readonly steps = 1;
  readonly since: number;
  readonly #names: readonly (readonly [string, ModelNode | undefined])[];

  constructor(names: readonly (readonly [string, ModelNode | undefined])[], since: number) {
    this.#names = names;
    this.since = since;
  }

  get nodes(): readonly ModelNode[] {
    return this.#names.flatMap(([, node]) => node ?? []);
  }

  applyTo(names: Map<string, ModelNode>): void {
    for (const [name, node] of this.#names) {
      if (node === undefined) names.delete(name);
      else names.set(name, node);
    }
  }
}

/** A folder: its names as programs see them, and which are known to be on disk. */
export class ModelFolder {
  readonly #durable: Map<string, ModelNode>;
  readonly #live: Map<string, ModelNode>;
  #pending: readonly NameChange[] = [];

  constructor({ folders, files }: Image = { folders: new Map(), files: new Map() }) {
    this.#durable = new Map();
    for (const [name, folder] of folders) this.#durable.set(name, new ModelFolder(folder));
    for (const [name, file] of files) this.#durable.set(name, new ModelFile(file));
    this.#live = new Map(this.#durable);
  }

  get(name: string): ModelNode | undefined {
    return this.#live.get(name);
  }

  change(names: readonly (readonly [string, ModelNode | undefined])[], now: number): void {
    const change = new NameChange(names, now);
    change.applyTo(this.#live);
    this.#pending = [...this.#pending, change];
  }

  settle(until: number): void {
    const settled = this.#pending.filter(({ since }) => since <= until);
    for (const change of settled) change.applyTo(this.#durable);
    this.#pending = this.#pending.filter(({ since }) => since > until);
  }

  /** Of the folder, and of all that can be found below it after a power cut. */
  units(): readonly Unit[] {
    const changed = this.#pending.flatMap(({ nodes }) => nodes);
    const below = new Set([...this.#durable.values(), ...changed]);
    return [...this.#pending, ...[...below].flatMap((node) => node.units())];
  }

  /** The folder after a power cut; whoever asks chooses what has got to the disk. */
  image(survivors: Survivors): Image {
    const names = new Map(this.#durable);
    for (const change of this.#pending) if (survivors.has(change)) change.applyTo(names);
    const folders = new Map<string, Image>();
    const files = new Map<string, ImageFile>();
    for (const [name, node] of names) {
      if (node instanceof ModelFolder) folders.set(name, node.image(survivors));
      else files.set(name, node.image(survivors));
    }
    return { folders, files };
  }
}
