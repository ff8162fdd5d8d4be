#!/usr/bin/perl
# A web server on loopback that misbehaves: server.pl PORT FOLDER. It serves FOLDER/payload under names that say how, and
# notes each request in FOLDER/log: path, Range, If-Range (or -). It is also the proxy to a host mirror.invalid.
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $dir) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 16, ReuseAddr => 1)
	or die "can't listen: $!\n";
my %times;    # requests so far, by path
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';

sub slurp {
	my ($name) = @_;
	open(my $f, '<:raw', "$dir/$name") or return undef;
	local $/;
	return scalar <$f>;
}

# Sends an answer; of the body only the first $upto bytes, where that is given.
sub answer {
	my ($to, $status, $headers, $body, $upto) = @_;
	print $to "HTTP/1.1 $status\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n$headers\r\n";
	print $to defined $upto ? substr($body, 0, $upto) : $body;
}

# The file as a good server has it: a range of it, if the version that was asked for is still this one.
sub good {
	my ($to, $body, $etag, $range, $if_range, $upto) = @_;
	if ($range =~ /^bytes=(\d+)-$/ && $if_range eq $etag) {
		my $from = $1;
		return answer($to, '416 Range Not Satisfiable', '', '') if $from >= length $body;
		my $last = length($body) - 1;
		return answer($to, '206 Partial Content', "ETag: $etag\r\nContent-Range: bytes $from-$last/" . length($body) . "\r\n",
			substr($body, $from), $upto);
	}
	answer($to, '200 OK', "ETag: $etag\r\nLast-Modified: Mon, 02 Nov 2026 03:04:05 GMT\r\n", $body, $upto);
}

# Keeps the connection open for as long as the server lives.
my $server = $$;
sub linger { sleep 1 while getppid == $server }

while (my $to = $listener->accept) {
	binmode $to;
	my $line = <$to> // '';
	my ($path) = $line =~ m{^GET (?:http://mirror\.invalid)?/(\S*)} or next; # a proxy is given the whole address
	my ($range, $if_range) = ('-', '-');
	while (my $header = <$to>) {
		last if $header =~ /^\r?\n$/;
		$range = $1 if $header =~ /^Range: (.*?)\r/i;
		$if_range = $1 if $header =~ /^If-Range: (.*?)\r/i;
	}
	open(my $log, '>>', "$dir/log");
	print $log "$path $range $if_range\n";
	close $log;
	my $n = $times{$path}++;
	if (fork) { close $to; next; }
	my $body = slurp('payload');
	my $half = int(length($body) / 2);
	if    ($path =~ /^whole/)   { good($to, $body, '"v1"', $range, $if_range) }
	elsif ($path =~ /^cut/)     { good($to, $body, '"v1"', $range, $if_range, $n == 0 ? $half : undef) }
	elsif ($path =~ /^deaf/)    { good($to, $body, '"v1"', '-', '-', $n == 0 ? $half : undef) }
	elsif ($path =~ /^bare/)    { answer($to, '200 OK', '', $body, $n == 0 ? $half : undef) }
	elsif ($path =~ /^changed/) { $n == 0 ? good($to, 'x' x length $body, '"old"', '-', '-', $half)
	                                      : good($to, $body, '"new"', $range, $if_range) }
	elsif ($path =~ /^lying/)   { $n == 0 ? good($to, 'x' x length $body, '"v1"', '-', '-', $half)
	                                      : good($to, $body, '"v1"', $range, $if_range) }
	elsif ($path =~ /^shrunk/)  { $n == 0 ? good($to, $body . $body, '"v1"', '-', '-', length($body) + 10)
	                                      : good($to, $body, '"v1"', $range, $if_range) }
	elsif ($path =~ /^stall/)   { good($to, $body, '"v1"', $range, $if_range, 1000); linger() }
	elsif ($path =~ /^busy/)    { $n < 2 ? answer($to, '503 Service Unavailable', "Retry-After: 1\r\n", 'later')
	                                     : good($to, $body, '"v1"', $range, $if_range) }
	elsif ($path =~ /^page/)    { answer($to, '200 OK', "Content-Type: text/html\r\n", "<!DOCTYPE html><html>log in first</html>") }
	elsif ($path =~ /^drip/)    { answer($to, '200 OK', "ETag: \"v1\"\r\n", $body, $half); $to->flush; linger() }
	elsif ($path =~ /^plain\/([\w.-]+)$/ && defined slurp($1)) { answer($to, '200 OK', '', slurp($1)) }
	else                        { answer($to, '404 Not Found', '', 'none') }
	exit 0;
}
