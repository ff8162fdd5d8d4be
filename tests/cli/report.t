#!/bin/sh
# vmctl report: results as a page, which a browser opens, and in its other forms.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/report-lib.sh
. "$(dirname "$0")/report-lib.sh"

cd "$tmp" || exit 1
# Whoever asks libvirt, fails.
TIERLAB_LIBVIRT_URI=nowhere:///
export LC_ALL=C.UTF-8

samples a
samples b 1.2
charts() { command -v gnuplot >/dev/null; }

# ---- the page ----

if charts; then
	ok "a page, without a word" eval '"$vmctl" report a -o report.html >words 2>&1 && [ ! -s words ] && rm words'
	ok "and nothing beside it" eval '[ -s report.html ] && [ "$(ls -A)" = "$(printf "a\nb\nreport.html\nsaid")" ]'
	same_on_stdout() { "$vmctl" report a -o - >again.html && cmp report.html again.html; }
	ok "the same on standard output, and each time" same_on_stdout
	no_address() { ! grep -nE '(https?:)?//[a-z]|@import|src=|url\(["'"'"']?[^#"'"'"']' report.html; }
	ok "no address of another place is in it" no_address
	ok "well-formed" xmllint --noout --html --nowarning report.html
	ok "what was written into a result is no markup" eval '! grep -q "memory <gups>" report.html && grep -q "memory &lt;gups&gt;" report.html'
	ok "a page of two sets has what differs" eval '"$vmctl" report a --against b -o both.html && grep -q "<h2 id=\"against\">" both.html'
	# of ten seconds each look but one, from the slow node to the fast one by 7 s; a repetition later
	hot() { # FILE DELAY
		jq -c --argjson delay "$2" 'def share($t): [[0, ($t - $delay) / 5] | max, 1] | min;
			def on($s): {"0": (100 * $s | floor), "1": (100 - (100 * $s | floor))};
			.guest.workload |= (.hot_pages_begin = on(0) | .hot_pages_end = on(1) |
			.intervals |= map(.hot_pages_per_node = (if .at == 3 then null else on(share(.at)) end)))' "a/$1" >"hot/$1"
	}
	mkdir hot && for i in 1 2 3; do hot "gups-3-damon-r$i.json" "$i" && hot "gups-3-autonuma-r$i.json" $((2 * i)); done
	ok "a page of hot sets" eval '"$vmctl" report hot -o hot.html && grep -q "<svg id=\"chart-hot-1\"" hot.html'
	rm -r hot
else
	skip "a page" "no gnuplot"
fi

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
# look PAGE WIDTH [OPTION]: opens it by HTTP, where the browser tells what it fetched beside it, and leaves what the browser saw in $tmp/seen, what it complained of in $tmp/console.
look() {
	cat "$1" "$top/tests/cli/report-look.html" >www/look.html
	HOME="$tmp/home" timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$tmp/profile" \
		--window-size="$2",900 ${3:+"$3"} --enable-logging=stderr --no-proxy-server --virtual-time-budget=20000 \
		--dump-dom "http://127.0.0.1:$port/look.html" >dom 2>log
	grep -a ':CONSOLE' log >console
	sed -n 's/.*<pre id="seen">\(.*\)<\/pre>.*/\1/p' dom | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' >seen
	[ -s seen ]
}
# all FILTER: what the browser saw meets it.
all() { jq -e "$1" seen || { jq . seen && false; }; }

lacks=
charts || lacks=gnuplot
[ -n "$browser" ] || lacks=chromium
[ -n "$lacks" ] || serve || lacks="busybox httpd"
if [ -z "$lacks" ]; then
	ok "a browser opens it, 1280 wide" look report.html 1280
	ok "and complains of nothing" eval 'cat console; [ ! -s console ]'
	ok "no name stands twice" all '.twice == []'
	ok "the table of contents leads to what is there" all '.links == [] and .headings > 10'
	ok "nothing was fetched" all '.fetched == []'
	ok "every chart is there" all '[.charts | keys[] | sub("-[0-9]+$"; "")] | unique == ["chart-latency", "chart-migrations", "chart-series", "chart-throughput"]'
	ok "a chart over time for each combination that has one" all '[.charts | keys[] | select(startswith("chart-series"))] | length == 22'
	ok "each is drawn, and of a size to be read" all '[.charts[] | select(.width < 600 or .height < 100 or .shapes == 0)] == []'
	ok "each has its caption" all '[.charts[] | select((.caption // "") == "")] == []'
	ok "no label is cut off" all '[.charts[] | select(.outside != [])] == []'
	ok "and none is missing: gnuplot leaves out what has no room" all '[.charts["chart-throughput-2", "chart-migrations-2"].text | select(
		(contains("1G") and contains("6000MiB eaten") and contains("5G") and contains("7G") and contains("autonuma+damon")) | not)] == []'
	ok "axes have their units" all '(.charts["chart-throughput-2"].text | contains("GUPS (emulated speed)")) and
		(.charts["chart-migrations-2"].text | contains("thousand pages")) and (.charts["chart-latency-1"].text | contains("ns per load"))'
	ok "over time: throughput, pages of each node, migrations, one axis of seconds" all '[.charts | to_entries[] |
		select(.key | startswith("chart-series")) | .value.text | select((contains("node 0 (fast)") and contains("node 1 (slow)") and
		contains("promoted (kernel)") and contains("seconds since the work began")) | not)] == []'
	ok "the page is no wider than the window" all '.wide <= 0'
	ok "nor than one of 800" eval 'look report.html 800 && all ".wide <= 0"'
	ok "on dark, too, it complains of nothing" eval 'look report.html 1280 --blink-settings=preferredColorScheme=0 && [ ! -s console ]'
	ok "two sets as a page" eval 'look both.html 1280 && [ ! -s console ] && all ".twice == [] and .links == [] and .wide <= 0"'
	ok "hot sets over time: a line for each scheme with its name, all labels in the picture" eval 'look hot.html 1280 && [ ! -s console ] &&
		all ".charts[\"chart-hot-1\"] | .outside == [] and .shapes > 6 and (.text | contains(\"autonuma\") and contains(\"damon\") and
		(contains(\"using\") | not) and contains(\"four fifths\") and contains(\"hot set on fast nodes, %\") and contains(\"emulated speed\"))"'
	printf '<script>nosuch()</script><a id="x"></a><a id="x"></a><img src="look.svg"><div style="width:3000px">x</div>' >bad.html
	printf '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' >www/look.svg
	ok "this test sees an error, a name that stands twice, what is fetched, what is too wide" eval 'look bad.html 1280; grep -q nosuch console &&
		all "(.twice == [\"x\"]) and (.fetched | length) == 1 and .wide > 0"'
else
	skip "a browser opens the page" "no $lacks"
fi

# ---- a command in a result is a text ----

jq '.run.workload = "g`touch pwned`" | .run.args = "1G '"'"'; system(\"touch pwned\") # @x $(touch pwned)" | .run.scheme = "none\"`touch pwned`"' \
	a/gups-0-none-r1.json | { mkdir -p evil && cat >evil/x.json; }
if charts; then
	ok "a command in a result is not run" eval '"$vmctl" report evil -o evil.html && [ -s evil.html ] && [ ! -e pwned ] && grep -q "touch pwned" evil.html'
fi

# ---- the other forms ----

ok "short, for a terminal" succeeds 'gups 7G, damon *3 .*GUPS (emulated speed)' "$vmctl" report a
ok "with sentences" succeeds 'pgpromote_success is rightly 0' "$vmctl" report a
ok "in ASCII where the terminal is" eval 'LC_ALL=C "$vmctl" report a --against b >ascii && grep -q " +- " ascii && ! LC_ALL=C grep -q "[^ -~]" ascii'
csv() { "$vmctl" report a --csv >a.csv && [ "$(wc -l <a.csv)" -eq 67 ] && [ "$(grep -c ,done, a.csv)" -eq 64 ] &&
	[ "$(awk -F, '{ print NF }' a.csv | sort -u | wc -l)" -eq 1 ]; }
ok "CSV has a line for each run" csv
json() { "$vmctl" report a --json | jq -e "$1"; }
ok "JSON" json '(.combinations | length) == 23 and (.runs | length) == 66 and (has("against") | not)'
ok "a mean is that of the runs" json '[.combinations[] | select(.workload == "gups" and .scheme == "autonuma" and .args == "7G --seconds 20")][0] |
	.rate.n == 3 and .promoted.mean == 395700 and .speed == "tcg" and (.damon_promoted == null)'
ok "Markdown to a file" eval '"$vmctl" report a --md -o a.md && grep -q "^| gups 5G, autonuma | 3 | " a.md && ! grep -q "<svg" a.md'
notes() { "$vmctl" report a --table >notes && grep -q '^counter  *1G  *1G, 6000MiB eaten  *5G  *7G$' notes && grep -q '^pgdemote_proactive  *-  *-  *-  *-$' notes &&
	grep -q '^GUPS (emulated)  *0' notes && ! grep -q 'Provenance' notes; }
ok "the notes' table: a column for each case, a dash for what is not counted" notes
ok "and as Markdown" succeeds '^| pgpromote_success | 0 | 97368 |' "$vmctl" report a --table --md

# ---- against ----

ok "what differs is told" succeeds 'throughput differs by more than its spread in 3, and in 19 it does not' "$vmctl" report a --against b
ok "by how much" succeeds 'gups 5G, damon .* +20.0 % differs' "$vmctl" report a --against b
ok "nothing differs from itself" succeeds 'in 0, and in 22 it does not' "$vmctl" report a --against a
mkdir one && cp a/gups-1-damon-r1.json one
ok "a single run never differs, and what is in one alone is told" eval '"$vmctl" report one --against b >said2 &&
	grep -q "1 no spread is known" said2 && grep -q "Only in B: gups 7G, damon" said2'
ok "in JSON" eval '"$vmctl" report a --against b --json | jq -e "[.against.both[] | select(.rate.verdict == \"different\") | .scheme] == [\"damon\", \"damon\", \"damon\"]"'

# ---- what is wrong ----

mkdir -p odd && cp a/gups-0-none-r1.json odd/good.json && cp odd/good.json odd/copy.json
printf '{"format":1,' >odd/cut.json
echo '{"hello":1}' >odd/other.json
jq '.format = 2' odd/good.json >odd/newer.json
echo 'no JSON at all' >odd/notes.txt
odd() {
	run "$vmctl" report odd
	[ "$status" -eq 0 ] && grep -q '1 run of 1' out && [ "$(wc -l <err)" -eq 4 ] && grep -q 'odd/cut.json: is no JSON, or cut off' err &&
		grep -q 'odd/other.json: is no result' err && grep -q 'odd/newer.json: has format 2, and this vmctl knows 1' err &&
		grep -q 'good.json: is the same run as .*copy.json' err
}
ok "what is no result is left out, and named" odd
jq 'del(.run)' odd/good.json >server.json
mkdir copied && cp server.json copied/a.json && cp server.json copied/b.json
ok "a copy of a server's result, whose run has no name, counts once" eval '"$vmctl" report copied 2>err | grep -q "1 run of 1" && grep -q "b.json: is the same run as .*a.json" err'
ln -s target.csv link.csv
linked() { "$vmctl" report odd/good.json --csv -o link.csv && [ -L link.csv ] && [ "$(wc -l <target.csv)" -eq 2 ]; }
ok "a link that the report goes to stays one, as /dev/stdout is" linked
ok "the same folder twice counts once" eval '[ "$("$vmctl" report a a --csv | wc -l)" -eq 67 ]'
ok "a file may stand for a folder" succeeds '1 run of 1' "$vmctl" report odd/good.json
mkdir empty
ok "no result at all: what to do" refuses 1 'empty: has no result of a run: .vmctl bench. makes them' "$vmctl" report empty
ok "a folder that is not there" refuses 1 'nosuch: .*No such file' "$vmctl" report nosuch
ok "nor the other" refuses 1 'nosuch: .*No such file' "$vmctl" report a --against nosuch
ok "no folder" refuses 2 'needs DIR' "$vmctl" report
ok "two forms" refuses 1 'exclude each other' "$vmctl" report a --csv --json
ok "CSV compares nothing" refuses 1 'compare none' "$vmctl" report a --csv --against b
ok "nor does the notes' table" refuses 1 'compare none' "$vmctl" report a --table --md --against b
ok 'a name that is empty' refuses 1 "is no file's name" "$vmctl" report a -o ''
echo before >kept.html
ok "without gnuplot: the package, and the old page stays" eval 'mkdir -p none && refuses 1 "gnuplot-nox" env PATH="$tmp/none" "$vmctl" report a -o kept.html &&
	[ "$(cat kept.html)" = before ]'
ok "but tables need none" succeeds 'gups 7G, damon' env PATH="$tmp/none" "$vmctl" report a --md
ok "doctor says so" eval 'PATH="$tmp/none" "$vmctl" doctor --json >doctor.json; jq -e ".findings[] | select(.what == \"charts\") | .health == \"lacking\"" doctor.json'
fake gnuplot <<'E2'
echo "line 0: out of paper" >&2
exit 1
E2
ok "a gnuplot that fails is told, and the old page stays" eval 'refuses 1 "gnuplot.*out of paper" "$vmctl" report a -o kept.html && [ "$(cat kept.html)" = before ]'
fake gnuplot <<'E2'
echo "<svg></svg>"
E2
ok "and one that draws too little" eval 'refuses 1 "drew nothing for the chart chart-throughput-2" "$vmctl" report a -o kept.html && [ "$(cat kept.html)" = before ]'
ok "nothing was written but what was asked for" test ! -e "$TIERLAB_STATE"

finish
