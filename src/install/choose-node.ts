/** Where package managers and installers put node, or a link to it. */
const links = ['/usr/local/bin/node', '/opt/homebrew/bin/node', '/usr/bin/node'];

/**
 * The path of node to be written down: a usual one that leads to the running node, because an upgrade of node moves the
 * real place (`Cellar/node/20.1/bin/node`) and keeps the link; else the running one's. `realPathOf`: null when there is
 * nothing.
 */
export function chooseNode(running: string, realPathOf: (path: string) => string | null): string {
  const real = realPathOf(running) ?? running;
  return links.find((link) => realPathOf(link) === real) ?? running;
}
