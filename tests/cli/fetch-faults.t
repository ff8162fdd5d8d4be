#!/bin/sh
# Servers that cut, stall, lie and move, and who vouches for what they send.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$tmp" || exit 1
mkdir -p www
port=$((30000 + $$ % 10000))
perl "$top/tests/cli/server.pl" "$port" "$tmp/www" >/dev/null 2>server.err &
jobs="$jobs $!"
listens() { perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new("127.0.0.1:'"$port"'")'; }
if ! within 50 listens; then
	echo "1..0 # SKIP no server: $(cat server.err)"
	exit 0
fi

# A disk image, as far as its first sector goes, and the same compressed.
{ head -c 510 /dev/urandom; printf '\125\252'; head -c 2000000 /dev/urandom; head -c 3000000 /dev/zero; } >www/payload
payload=www/payload
sha256=$(digest sha256 $payload)
for tool in xz gzip zstd; do $tool -c $payload >www/disk.$tool; done
head -c 500000 www/disk.xz >www/cut.xz
head -c 100000 /dev/urandom >www/noise

# recipe PATH... [KEY: VALUE]...: r.yaml with an image from these places and other lines below base.
recipe() {
	{
		echo "base:"
		echo "  image:"
		for word; do
			case $word in *:*) ;; *) echo "    - http://127.0.0.1:$port/$word" ;; esac
		done
		for word; do
			case $word in *:*) echo "  $word" ;; esac
		done
		printf 'kernel: stock\nbench: false\n'
	} >r.yaml
	rm -rf "$TIERLAB_CACHE"
	: >www/log
}

# The base is in the cache: only the appliance, which these tests don't have, is what it stops at.
fetched() {
	run "$vmbuild" r.yaml
	cat www/log
	[ "$status" -eq 1 ] && grep -q appliance err && cmp www/payload "$TIERLAB_CACHE"/steps/base-*/base.img
}
fails() {
	refuses 1 "$1" "$vmbuild" -q r.yaml && cache_holds_nothing
}
requests() { [ "$(tr '\n' ';' <www/log)" = "$1" ]; }
result() { grep -qx "$1" "$TIERLAB_CACHE"/steps/base-*/result; }

# ---- cut, and gone on ----

half=$(($(wc -c <$payload) / 2))
recipe cut "digest: $sha256"
ok "a transfer that was cut is gone on with from where it was" eval \
	'fetched && requests "cut - -;cut bytes=$half- \"v1\";"'
recipe deaf "digest: $sha256"
ok "a server that does not know ranges sends it whole again" eval 'fetched && requests "deaf - -;deaf bytes=$half- \"v1\";"'
recipe bare "digest: $sha256"
ok "without a version there is nothing to go on from: whole again" eval 'fetched && requests "bare - -;bare - -;"'
recipe changed "digest: $sha256"
ok "a file that was changed midway is taken whole, in its new version" fetched
recipe lying "digest: $sha256"
ok "two versions under one name are found by the digest, and it is fetched whole" eval \
	'fetched && requests "lying - -;lying bytes=$half- \"v1\";lying - -;"'
recipe shrunk "digest: $sha256"
ok "a file that is shorter than what there is of it is fetched whole" fetched

recipe drip "digest: $sha256"
killed() {
	"$vmbuild" r.yaml >out 2>err &
	pid=$!
	jobs="$jobs $pid"
	within 100 eval '[ "$(cat "$TIERLAB_CACHE"/fetch/*.part 2>/dev/null | wc -c)" -gt 1000000 ]'
	came=$?
	kill "-$1" $pid
	wait $pid
	[ $came = 0 ] && [ -s "$(echo "$TIERLAB_CACHE"/fetch/*.version)" ]
}
ok "a run that is killed keeps what came" killed KILL
goes_on() {
	for f in "$TIERLAB_CACHE"/fetch/*; do cp "$f" "kept.${f##*.}"; done
	recipe whole "digest: $sha256"
	"$vmbuild" -q r.yaml >/dev/null 2>&1 # learns the names
	rm -rf "$TIERLAB_CACHE/steps" "$TIERLAB_CACHE/tmp"
	name=$(printf 'http://127.0.0.1:%s/whole\0' "$port" | sha256sum | cut -c 1-24)
	cp kept.part "$TIERLAB_CACHE/fetch/$name.part"
	cp kept.version "$TIERLAB_CACHE/fetch/$name.version"
	: >www/log
	fetched && requests "whole bytes=$(wc -c <kept.part)- \"v1\";"
}
ok "and the next one goes on from there" goes_on

# ---- again, another place, or not ----

recipe busy "digest: $sha256"
ok "a server that is busy is asked again" eval 'fetched && [ "$(wc -l <www/log)" -eq 3 ] && grep -q "503 Service.*again in 1 s" err'
recipe gone "digest: $sha256"
ok "a file that is not there is not asked for again" eval 'fails "the server says 404 Not Found" && requests "gone - -;"'
recipe gone whole "digest: $sha256"
ok "then the next place is tried" eval 'fetched && grep -q "404.*trying the next place" err && requests "gone - -;whole - -;"'
recipe page whole "digest: $sha256"
ok "also where a place has something else" fetched
ok "where it came from is on record" result "from=http://127.0.0.1:$port/whole"
ok "and of when it is" result "date=2026-11-02 03:04:05 UTC"
recipe stall whole "digest: $sha256"
ok "a transfer that stalls ends" eval 'TIERLAB_STALL=2; export TIERLAB_STALL; fetched && grep -q "not a byte for 2 s" err'
unset TIERLAB_STALL

# ---- what vouches for it ----

recipe page "digest: $sha256"
ok "a web page instead of an image is called that" fails "expected $sha256, got sha256:.*what came is a web page"
zero=sha256:$(printf %064d 0)
recipe whole "digest: $zero"
ok "a digest that no longer fits: expected, got, from where, of when" \
	fails "127.0.0.1:$port/whole does not have.*expected $zero, got $sha256; the server's file is of 2026-11-02 03:04:05"
recipe plain/noise "digest: $(digest sha256 www/noise)"
ok "what is no disk image is refused, though its digest fits" fails "noise is no disk image"
for tool in xz gzip zstd; do
	recipe "plain/disk.$tool" "digest: $(digest sha256 "www/disk.$tool")"
	ok "an image compressed by $tool is unpacked" fetched
done
sparse() { [ "$(du -k "$TIERLAB_CACHE"/steps/base-*/base.img | cut -f 1)" -lt 2500 ]; }
ok "zeros in it take no room" sparse
recipe plain/cut.xz "digest: $(digest sha256 www/cut.xz)"
ok "an archive that is cut is refused" fails "cut.xz"

# ---- sums and signatures ----

export GNUPGHOME="$tmp/gnupg"
mkdir -m 700 "$GNUPGHOME"
# key NAME [WHEN]: a key, and NAME.gpg with its public half.
key() {
	gpg --batch -q ${2:+--faked-system-time "$2"} --passphrase '' --quick-generate-key "$1 <$1@x>" ed25519 sign "${3:-never}" &&
		gpg --batch -q --export "$1@x" >"$1.gpg"
}
# sign KEY [WHEN]: a signature over the sums.
sign() {
	rm -f www/SUMS.sig
	gpg --batch -q ${2:+--faked-system-time "$2"} --passphrase '' -u "$1@x" -o www/SUMS.sig --detach-sign www/SUMS
}
if ! key lab 2>/dev/null || ! key other 2>/dev/null || ! key old 20200101T000000 1d 2>/dev/null; then
	skip "sums and signatures" "gpg makes no keys here"
	finish
fi
at="http://127.0.0.1:$port/plain"
signed() { recipe whole "sums: $at/SUMS" "signature: $at/SUMS.sig" "keyring: ${1:-lab.gpg}"; }
{ echo "$(printf %064d 1)  wholesale"; echo "${sha256#sha256:} *whole"; } >www/SUMS
sign lab
signed
ok "signed sums vouch for an image" eval 'fetched && result "verified_by=signature" && result "signed_by=.* lab <lab@x>"'
echo "SHA256 (whole) = ${sha256#sha256:}" >www/SUMS
sign lab
signed
ok "sums in BSD's form too" fetched
signed other.gpg
ok "a key that the keyring has not" fails "r.yaml:[0-9]*:[0-9]*: $at/SUMS: it was signed by a key that the keyring has not"
sign other
signed
ok "a wrong signer" fails "signed by a key that the keyring has not"
sign lab
echo "# changed" >>www/SUMS
signed
ok "sums that were changed after they were signed" fails "the signature does not fit: the file was changed"
sign old 20200101T120000
signed old.gpg
ok "a key that has expired" fails "the key that signed it has expired"
sign lab
echo >empty.gpg
signed empty.gpg
ok "a keyring that is none" fails "r.yaml:"
gpg --batch --export --armor lab@x >armoured.gpg
signed armoured.gpg
ok "a keyring in ASCII armour, with what to do" fails "gpg --dearmor"
signed nosuch.gpg
ok "a keyring that is not there" fails "r.yaml:[0-9]*:[0-9]*: the keyring .*nosuch.gpg can't be read"
echo "$(printf %064d 1)  wholesale" >www/SUMS
sign lab
signed
ok "sums that do not have the image" fails "r.yaml:[0-9]*:[0-9]*: $at/SUMS: 'whole' is not in it"
{ echo "$(printf %064d 1)  whole"; echo "$(printf %064d 2)  whole"; } >www/SUMS
sign lab
signed
ok "sums with two digests for it" fails "two different digests"
echo "$(printf %064d 1)  whole" >www/SUMS
sign lab
signed
ok "an image that is not the one in the sums" fails "does not have the digest.*got $sha256"

# ---- proxies ----

printf 'base:\n  image: http://mirror.invalid/whole\n  digest: %s\n  insecure: true\nkernel: stock\nbench: false\n' "$sha256" >r.yaml
by_proxy() { rm -rf "$TIERLAB_CACHE" && : >www/log && (export "$@"; fetched) && requests "whole - -;"; }
ok "http_proxy is the way to a host that only it knows" by_proxy http_proxy="http://127.0.0.1:$port"
rm -rf "$TIERLAB_CACHE"
not_by_proxy() { refuses 1 "mirror.invalid" env http_proxy="http://127.0.0.1:$port" no_proxy=mirror.invalid "$vmbuild" -q r.yaml; }
ok "but where no_proxy names it" not_by_proxy

# ---- nobody vouches ----

recipe whole
ok "neither digest nor signature is refused" fails "r.yaml:[0-9]*:[0-9]*: nothing vouches for http"
recipe whole "insecure: true"
ok "but taken where the recipe says so, and that is on record" eval 'fetched && result "verified_by=nothing (insecure)"'
recipe whole "sums: $at/SUMS"
ok "sums without a signature vouch for nothing" fails "nothing vouches for"
printf 'base:\n  image: http://example.invalid/x\n  digest: %s\nkernel: stock\n' "$sha256" >r.yaml
ok "plain http over a network is refused" fails "r.yaml:2:10: http://example.invalid/x is plain http"
recipe whole "signature: $at/SUMS.sig"
ok "a signature without its sums and keyring" fails "r.yaml:[0-9]*:[0-9]*: a signature takes three"
recipe whole whole "digest: $sha256"
ok "one place twice" fails "whole stands twice"

finish
