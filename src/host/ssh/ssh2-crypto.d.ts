/** A part of ssh2 1.17 that @types/ssh2 does not describe. */
declare module 'ssh2/lib/protocol/crypto.js' {
  export const bindingAvailable: boolean;
}
