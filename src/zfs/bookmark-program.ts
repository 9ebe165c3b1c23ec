/**
 * The channel program (zfs-program(8)) that makes bookmarks: its arguments are SNAPSHOT BOOKMARK, and again. It returns what
 * zfs.sync.bookmark returned for each, in order and parted by blanks: 0, or an errno. One that fails stops no other.
 */
export const bookmarkProgram = `local arguments = ...
local names = arguments["argv"]
local results = {}
for i = 1, #names, 2 do
  results[#results + 1] = zfs.sync.bookmark(names[i], names[i + 1])
end
return table.concat(results, " ")
`;

/** What zfs.sync.bookmark returns where the snapshot or its dataset is not there. The same number on every system. */
export const ENOENT = 2;
