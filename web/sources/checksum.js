/** Tells two byte sequences apart: 64 bits, two FNV-1a hashes. No protection against deliberate forgery. */
export class Checksum {
  #low = 0x811c9dc5;
  #high = 0x9747b28c;

  /** @param {Uint8Array} bytes */
  add(bytes) {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < bytes.length; i++) {
      low = Math.imul(low ^ bytes[i], 0x01000193);
      high = Math.imul((high << 15) | (high >>> 17), 0x85ebca6b) ^ bytes[i];
    }
    this.#low = low;
    this.#high = high;
  }

  /** The checksum of all bytes so far. */
  get value() {
    return `${this.#low >>> 0} ${this.#high >>> 0}`;
  }
}
