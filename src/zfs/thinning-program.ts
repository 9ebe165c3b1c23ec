/**
 * The channel program (zfs-program(8)) that thins: its arguments are DATASET, then for each snapshot `@SNAPSHOT` and the bookmark
 * that it leaves, `#BOOKMARK`, or `-` for none. A snapshot that can go gets its bookmark and is destroyed; one that fails stops
 * no other. It returns what became of each, in order and parted by blanks: 0, or the errno of what could not be done.
 */
export const thinningProgram = `local arguments = ...
local names = arguments["argv"]
local results = {}
for i = 2, #names, 2 do
  local snapshot = names[1] .. names[i]
  local errno = zfs.check.destroy(snapshot)
  if errno == 0 and names[i + 1] ~= "-" then
    errno = zfs.sync.bookmark(snapshot, names[1] .. names[i + 1])
  end
  if errno == 0 then
    errno = zfs.sync.destroy(snapshot)
  end
  results[#results + 1] = errno
end
return table.concat(results, " ")
`;

/** What zfs.sync.bookmark returns where the snapshot or its dataset is not there. The same number on every system. */
export const ENOENT = 2;
