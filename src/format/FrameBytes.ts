/** A frame's bytes, as the three views that it takes to read and write them. */
export class FrameBytes {
  /** Never a Buffer, whose `slice` would be a view and no copy. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** For text. */
  readonly buffer: Buffer;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.view = new DataView(buffer, byteOffset, byteLength);
    this.buffer = Buffer.from(buffer, byteOffset, byteLength);
  }
}
