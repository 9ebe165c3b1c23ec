#!/usr/bin/perl
# qmp.pl SOCKET MONITOR-COMMAND: has a VM's monitor do one command and waits until it is done.
# Prints what the monitor said; exits 1 when that is anything at all, since savevm and loadvm speak only of
# failures. With "info ..." the answer is the result: exit 0.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($path, $command) = @ARGV;
my $socket = IO::Socket::UNIX->new(Peer => $path) or die "qmp: cannot reach the VM's monitor: $!\n";
my $quoted = $command =~ s/(["\\])/\\$1/gr;

sub ask {
    print {$socket} "$_[0]\n";
    $socket->flush;
    # Events come in between; an answer has "return" or "error".
    while (my $line = <$socket>) {
        return $1 if $line =~ /^\{"return": (.*)\}\s*$/;
        die "qmp: $line" if $line =~ /^\{"error":/;
    }
    die "qmp: the VM went away\n";
}

ask('{"execute": "qmp_capabilities"}');
my $answer = ask(qq({"execute": "human-monitor-command", "arguments": {"command-line": "$quoted"}}));
$answer =~ s/^"(.*)"$/$1/s;
$answer =~ s/\\r\\n|\\n/\n/g;
print $answer;
exit($command =~ /^info / || $answer eq '' ? 0 : 1);
