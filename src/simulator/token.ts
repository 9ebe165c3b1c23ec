import { createHash } from 'node:crypto';
import { ZfsFailure } from './failure.ts';
import type { Partial } from './model.ts';

/** What a resume token tells. */
export interface Token {
  readonly toguid: string;
  readonly fromguid: string | null;
  readonly toname: string;
  readonly bytes: number;
  /** The letters of the send that it goes on with. */
  readonly flags: readonly string[];
}

function checksumOf(payload: string): string {
  return createHash('sha256').update(payload).digest('hex').slice(0, 10);
}

/** The token of a partial receive, in OpenZFS's shape: version, checksum, size and contents, all hex. */
export function encodeToken({ toguid, fromguid, toname, bytes, flags }: Pick<Partial, keyof Token>): string {
  const payload = Buffer.from(JSON.stringify({ toguid, fromguid, toname, bytes, flags })).toString('hex');
  return `1-${checksumOf(payload)}-${(payload.length / 2).toString(16)}-${payload}`;
}

/** Throws zfs's `resume token is corrupt`. */
export function decodeToken(token: string): Token {
  const corrupt = (why: string): ZfsFailure =>
    new ZfsFailure(`cannot resume send: resume token is corrupt (${why})`, 255);
  const [version, checksum, size, payload] = token.split('-');
  if (version !== '1' || payload === undefined || size === undefined) throw corrupt('invalid format');
  if (!/^([0-9a-f]{2})*$/.test(payload)) throw corrupt('payload is not hex-encoded');
  if (checksum !== checksumOf(payload)) throw corrupt('incorrect checksum');
  if (Number.parseInt(size, 16) * 2 !== payload.length) throw corrupt('decompression failed');
  return JSON.parse(Buffer.from(payload, 'hex').toString()) as Token;
}

/** As `zfs send -v -t` prints it. */
export function tokenContents(token: Token): string {
  const hex = (value: string | number): string => `0x${BigInt(value).toString(16)}`;
  return [
    'resume token contents:',
    'nvlist version: 0',
    ...(token.fromguid === null ? [] : [`\tfromguid = ${hex(token.fromguid)}`]),
    '\tobject = 0x1',
    `\toffset = ${hex(token.bytes)}`,
    `\tbytes = ${hex(token.bytes)}`,
    `\ttoguid = ${hex(token.toguid)}`,
    `\ttoname = ${token.toname}`,
    ...(token.flags.includes('e') ? ['\tembedok = 1'] : []),
    ...(token.flags.includes('c') ? ['\tcompressok = 1'] : []),
    '',
  ].join('\n');
}
