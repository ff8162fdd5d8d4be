#!/bin/sh
# Fetching a base image from a web server on loopback: what is verified, what is refused, and what is left behind.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$tmp" || exit 1
export RES_OPTIONS="timeout:1 attempts:1" # no long wait where there is no name server
if ! serve; then
	echo "1..0 # SKIP no busybox httpd"
	exit 0
fi
{ head -c 510 /dev/urandom; printf '\125\252'; head -c 299488 /dev/urandom; } >www/cgi-bin/payload
sha256=$(digest sha256 www/cgi-bin/payload)
sha512=$(digest sha512 www/cgi-bin/payload)
cp www/cgi-bin/payload www/image

# cgi NAME: a program on the server, from stdin.
cgi() {
	cat >"www/cgi-bin/$1"
	chmod +x "www/cgi-bin/$1"
}
cgi counted <<E
#!/bin/sh
echo x >>"$tmp/hits"
printf 'Content-Type: text/plain\r\n\r\n'
cat payload
E
cgi loop <<'E'
#!/bin/sh
printf 'Status: 302 Found\r\nLocation: /cgi-bin/loop\r\n\r\n'
E
cgi once <<'E'
#!/bin/sh
printf 'Status: 302 Found\r\nLocation: /image\r\n\r\n'
E
cgi tofile <<E
#!/bin/sh
printf 'Status: 302 Found\r\nLocation: file://$tmp/www/image\r\n\r\n'
E
cgi cut <<'E'
#!/bin/sh
printf 'Content-Length: 300000\r\n\r\n'
head -c 1000 payload
E
cgi error <<'E'
#!/bin/sh
printf 'Status: 503 Service Unavailable\r\n\r\nsorry\n'
E
cgi slow <<'E'
#!/bin/sh
printf 'Content-Length: 300000\r\n\r\n'
i=0
while [ $i -lt 300 ]; do
	head -c 1000 payload || exit
	i=$((i + 1))
	sleep 0.2
done
E

# recipe PATH [DIGEST]: r.yaml with an image from the server.
recipe() {
	file r.yaml <<E
base:
  image: http://127.0.0.1:$port/$1
  digest: ${2:-$sha256}
kernel: stock
bench: false
E
}

# The base is in the cache: only the appliance, which these tests don't have, is what it stops at.
fetched() {
	run "$vmbuild" -q r.yaml
	[ "$status" -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q appliance err &&
		cmp www/image "$TIERLAB_CACHE"/steps/base-*/base.img
}

fails() {
	refuses 1 "$1" "$vmbuild" -q r.yaml && cache_holds_nothing
}

# ---- what is refused ----

wrong=sha256:$(printf %064d 0)
recipe image "$wrong"
ok "a wrong digest is refused, with what was expected and what came" \
	fails "127.0.0.1:$port/image does not have the digest.*expected $wrong, got $sha256"
ok "a second run does not trust what the first one fetched" fails "does not have the digest"
recipe nosuch
ok "404" fails "can't fetch http://127.0.0.1:$port/nosuch: .*404"
recipe cgi-bin/error
ok "503" fails "can't fetch .*503"
recipe cgi-bin/loop
ok "a loop of redirections" fails "can't fetch .*redirect"
recipe cgi-bin/tofile
ok "a redirection to a file of this host" fails "can't fetch .*"
recipe cgi-bin/cut
ok "a transfer that is cut short" fails "can't fetch "
recipe image
sed -i "s/:$port/:1/" r.yaml
ok "a refused connection" fails "can't fetch http://127.0.0.1:1/image: .*onnect"
sed -i "s,http://127.0.0.1:1,https://nosuch.invalid," r.yaml
ok "a host that does not exist" fails "can't fetch https://nosuch.invalid/image: .*resolve"
recipe image
sed -i "s,http://127.0.0.1:$port/image,file://$tmp/nosuch," r.yaml
ok "a missing local file" fails "can't fetch file://$tmp/nosuch"

# A TLS server that answers with what stands in its files, headers included.
mkdir tls
printf 'HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:%s/image\r\nContent-Length: 0\r\n\r\n' "$port" >tls/down
{ printf 'HTTP/1.0 200 OK\r\nContent-Length: %s\r\n\r\n' "$(wc -c <www/image)"; cat www/image; } >tls/image
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost 2>/dev/null
tls=$((port + 10000))
(cd tls && exec openssl s_server -quiet -HTTP -accept "127.0.0.1:$tls" -cert ../cert.pem -key ../key.pem >/dev/null 2>&1 </dev/null) &
jobs="$jobs $!"
tls_listens() { perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new("127.0.0.1:'"$tls"'")'; }
ok "a TLS server" within 50 tls_listens
recipe image
sed -i "s,http://127.0.0.1:$port,https://localhost:$tls," r.yaml
ok "a server whose certificate no known authority signed" fails "can't fetch https://localhost:$tls/image: .*certificate"
export CURL_CA_BUNDLE="$tmp/cert.pem"
sed -i "s,/image,/down," r.yaml
ok "a redirection from https to http" fails "redirects to http://.*, from https to http"
sed -i "s,/down,/image," r.yaml
ok "and with the authority in CURL_CA_BUNDLE the file itself is taken" fetched
unset CURL_CA_BUNDLE
rm -rf "$TIERLAB_CACHE"

# ---- what is taken ----

recipe cgi-bin/once "$sha512"
ok "a redirection is followed; sha512 is known" fetched
rm -rf "$TIERLAB_CACHE"
sed "s,http://127.0.0.1:$port/cgi-bin/once,file://$tmp/www/image," r.yaml >local.yaml
mv local.yaml r.yaml
ok "a local file by its URL" fetched
rm -rf "$TIERLAB_CACHE"
recipe cgi-bin/counted
ok "an image with the right digest" fetched
ok "it is fetched once" eval 'fetched && [ "$(wc -l <hits)" -eq 1 ]'
sed -i 's,cgi-bin/counted,another/place,' r.yaml
ok "the same digest from another place is not fetched again" fetched
rm -rf "$TIERLAB_CACHE"

# ---- what is interrupted ----

recipe cgi-bin/slow
part_grows() {
	[ -n "$(find "$TIERLAB_CACHE/fetch" -name '*.part' -size +0 2>/dev/null)" ]
}

# interrupted SIGNAL: vmbuild gets it in the middle of the transfer; its status is in $status.
interrupted() {
	"$vmbuild" r.yaml >out 2>err &
	pid=$!
	jobs="$jobs $pid"
	within 100 part_grows || return 1
	kill "-$1" "$pid"
	wait "$pid"
	status=$?
	echo "status $status; $(cat err)"
}
ctrl_c() {
	interrupted "$1"
	[ "$status" -eq 130 ] && [ "$(grep -c '^vmbuild: ' err)" -eq 1 ] && tail -n 1 err | grep -q '^vmbuild: interrupted' &&
		cache_holds_nothing
}
ok "Ctrl-C ends it with status 130 and one line, and nothing is left" ctrl_c INT
ok "SIGTERM does the same" ctrl_c TERM
killed() {
	interrupted KILL
	part_grows || return 1
	[ ! -e "$TIERLAB_CACHE/steps" ] || [ -z "$(ls "$TIERLAB_CACHE/steps")" ]
}
ok "what a killed run leaves is not among what is done" killed
recipe image
ok "the run after it fetches anew" fetched
ok "and clears up after it" eval '[ -z "$(ls "$TIERLAB_CACHE/tmp")" ]'
rm -rf "$TIERLAB_CACHE"

# ---- disk full ----

if small_disk full 200k; then
	recipe image
	on_full_disk() {
		refuses 1 "[Nn]o space left on device" env TIERLAB_CACHE="$tmp/full" "$vmbuild" -q r.yaml &&
			(TIERLAB_CACHE="$tmp/full" && cache_holds_nothing)
	}
	ok "a full disk is named, and nothing is left on it" on_full_disk
else
	skip "a full disk is named, and nothing is left on it" "no small file system can be mounted here"
fi

finish
