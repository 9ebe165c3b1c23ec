# watch-mounts.py OUT SOURCE PREFIX...: until it is ended, each mount of SOURCE or of what is below it whose place is none of the
# PREFIXes or below one, as a line of OUT. The kernel says when something was mounted (proc(5)).
import select
import sys

out, source, *prefixes = sys.argv[1:]


def within(name, above):
    return name == above or name.startswith(above + "/")


with open("/proc/self/mountinfo", "rb", buffering=0) as table, open(out, "a", buffering=1) as log:
    poll = select.poll()
    poll.register(table, select.POLLERR | select.POLLPRI)
    log.write("watching\n")
    while True:
        poll.poll(200)
        table.seek(0)
        text = b""
        while chunk := table.read(1 << 16):
            text += chunk
        for line in text.decode("utf-8", "surrogateescape").splitlines():
            before, after = line.split(" - ", 1)
            place, what = before.split(" ")[4], after.split(" ")[1]
            if within(what, source) and not any(within(place, prefix) for prefix in prefixes):
                log.write(f"{what} at {place}\n")
