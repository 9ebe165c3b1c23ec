import type { Case } from './cases.ts';
import { Names, normalise, type Normal } from './normalise.ts';
import { parseStep, type Command, type Printed, type Step } from './steps.ts';

/** Runs a script as root in a guest with real OpenZFS. */
export type RunScript = (
  script: string,
) => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;

/** A pool on a file, with what the lab's own pools are made with; it is gone at the end, whatever happens. */
const prelude = ({ pool, mebibytes = 256 }: Case): string => `
set -u
export LC_ALL=C
out=/tmp/zfs-contract
input=/tmp/zfs-contract.input
# zpool destroy stumbles over a mount that lies under another.
unmount() { sed -n 's/^\\S* \\(\\/contract\\S*\\) .*/\\1/p' /proc/mounts | sort -r | while read -r at; do umount -l "$at"; done; }
end() { unmount; zpool destroy -f tank 2>/dev/null; rm -rf /contract.img /contract "$out" "$input"; }
trap end EXIT
end
mkdir -p "$out"
truncate -s ${mebibytes}M /contract.img
zpool create ${pool === 'old' ? '-d ' : ''}-o cachefile=none -O canmount=off -O mountpoint=none -O atime=off tank /contract.img || exit 9
`;

const quote = (word: string): string => `'${word}'`;

function commandLine({ words, user }: Command): string {
  const argv = words.map((word) => {
    const dataset = /^TOKEN\((.+)\)$/.exec(word)?.[1];
    return dataset === undefined
      ? quote(word)
      : `"$(zfs get -Hpo value receive_resume_token ${quote(dataset)})"`;
  });
  return `${user === 'root' ? '' : `runuser -u ${user} -- `}zfs ${argv.join(' ')}`;
}

function inputFile({ input }: Command): string {
  return `echo ${quote(Buffer.from(input).toString('base64'))} | base64 -d >"$input"\n`;
}

/** Each command leaves its stdout, stderr and exit code in files numbered by step and place. */
function scriptOf(step: Step, number: number): string {
  // What was written counts once its transaction group is.
  const settled = 'zpool sync tank\n';
  const kept = (command: string, place: number): string =>
    `{ ${command} 2>"$out/${number}.${place}.err"; echo $? >"$out/${number}.${place}.exit"; }`;
  switch (step.kind) {
    case 'edit':
      return settled + editLine(step.words) + '\n' + settled;
    case 'zfs':
      return `${settled}${inputFile(step.command)}${kept(`${commandLine(step.command)} >"$out/${number}.0.out" <"$input"`, 0)}\n`;
    case 'pipe': {
      const cut = step.cut === null ? '' : ` | head -c ${step.cut}`;
      const meanwhile = step.meanwhile === null ? '' : ` | ${interrupted(step.meanwhile, number)}`;
      const receive = `${commandLine(step.receive)} >"$out/${number}.1.out"`;
      // The rest goes nowhere, so that a receiver that ends early does not end the sender.
      return `${settled}${kept(commandLine(step.send), 0)}${cut}${meanwhile} | { ${kept(receive, 1)}; cat >/dev/null; }\n`;
    }
  }
}

/** Lets some bytes by, runs a command, and lets the rest by. What it says is of no interest; that it failed is. */
function interrupted({ bytes, command }: { bytes: number; command: Command }, number: number): string {
  return `{ head -c ${bytes}; ${commandLine(command)} >/dev/null || echo failed >"$out/${number}.meanwhile"; cat; }`;
}

function editLine([what = '', first = '', second = '']: readonly string[]): string {
  switch (what) {
    case 'write':
      return `head -c ${second} /dev/urandom >${quote(first)}`;
    case 'fsync':
      return `head -c ${second} /dev/urandom >${quote(first)}; sync ${quote(first)}`;
    case 'mkdir':
      return `mkdir ${quote(first)}`;
    case 'remove':
      return `rm ${quote(first)}`;
    case 'rename':
      return `mv ${quote(first)} ${quote(second)}`;
    case 'open':
      return `exec 9<${quote(first)}`;
    case 'close':
      return 'exec 9<&-';
    case 'fill':
      return `zfs create -o mountpoint=none ${first}/fill; zpool sync; zfs set reservation=$(($(zfs get -Hpo value available ${first}) - 4096)) ${first}/fill`;
    case 'drain':
      return `zfs destroy ${first}/fill`;
    case 'chmod':
      return `chmod ${first} ${quote(second)}`;
    default:
      throw new Error(`no such edit: ${what}`);
  }
}

/** Prints every file as a line: its name, and what it holds in base64. */
const epilogue = `
cd "$out"
for file in *; do printf '%s %s\\n' "$file" "$(base64 -w0 <"$file")"; done
`;

/** Runs a case on a pool of its own in the guest: one script, whatever the number of steps. */
export async function runInGuest(each: Case, run: RunScript): Promise<readonly Normal[]> {
  const steps = each.steps.map(parseStep);
  const ran = await run(prelude(each) + steps.map(scriptOf).join('') + epilogue);
  if (ran.code !== 0) throw new Error(`the script ended with ${ran.code ?? '?'}: ${ran.stderr}`);
  const files = new Map<string, string>();
  for (const line of ran.stdout.trim().split('\n')) {
    const [name = '', content = ''] = line.split(' ');
    files.set(name, Buffer.from(content, 'base64').toString());
  }
  const names = new Names();
  return steps.flatMap((step, number) =>
    normalise(names, each.steps[number] ?? '', step, printedOf(files, number)),
  );
}

function printedOf(files: ReadonlyMap<string, string>, number: number): readonly Printed[] {
  return [0, 1].flatMap((place) => {
    const exit = files.get(`${number}.${place}.exit`);
    if (exit === undefined) return [];
    const file = (name: string): string => files.get(`${number}.${place}.${name}`) ?? '';
    return [{ stdout: file('out'), stderr: file('err'), exit: Number(exit) }];
  });
}
