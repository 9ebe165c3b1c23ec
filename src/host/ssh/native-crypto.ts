import * as crypto from 'ssh2/lib/protocol/crypto.js';

/** Whether ssh2's native addon is loaded. Without it a transfer is about eight times slower (55-88 MB/s on loopback). */
export function nativeCryptoLoaded(): boolean {
  // ssh2 does not export this, and says it otherwise only in the debug text of a connection.
  return crypto.bindingAvailable;
}
