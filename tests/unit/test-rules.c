/* The rules of a machine's memory, CPUs, ports and shares, each with its line and its cure. */
#include "machine-text.h"

#include "units.h"

static const char good[] =
	"image: x\n"                                       /* 1 */
	"memory: 2GiB\n"
	"cpus: {count: 4, sockets: 2}\n"
	"cpu: {model: Skylake-Server, features: [+pmu, -avx2]}\n"
	"forwards:\n"                                      /* 5 */
	"  - {host: 8080, guest: 80}\n"
	"  - {host: 8443, guest: 443}\n"
	"shares:\n"
	"  - {name: src, path: /srv/src}\n"
	"  - {name: out, path: /srv/out, read-only: true}\n"; /* 10 */

static void refused(const char *from, const char *to, int line, const char *part)
{
	refused_text(edited(good, from, to), line, part);
}

static void accepted(const char *from, const char *to)
{
	accepted_text(edited(good, from, to));
}

static void the_sample_is_good(void **state)
{
	(void)state;
	accepted_text(good);
}

static void memory_has_two_edges(void **state)
{
	(void)state;
	accepted("memory: 2GiB", "memory: 512MiB");
	accepted("memory: 2GiB", "memory: 514MiB");
	accepted("memory: 2GiB", "memory: 4096TiB");
	refused("memory: 2GiB", "memory: 510MiB", 2, "'memory' is 510MiB: it is at least 512MiB");
	refused("memory: 2GiB", "memory: 0B", 2, "'memory' is 0B: it is at least 512MiB");
	refused("memory: 2GiB", "memory: 513MiB", 2, "in multiples of 2MiB");
	refused("memory: 2GiB", "memory: 4097TiB", 2, "'memory' is 4097TiB: an x86 processor addresses at most 4096TiB");
	refused("memory: 2GiB", "memory: 18446744073709551615B", 2, "addresses at most 4096TiB");
	assert_null(load_text(edited(good, "memory: 2GiB\n", "")));
	assert_contains(why.msg, "my.yaml: the machine needs the key 'memory': DRAM, or 'numa' with the memory of its nodes");
}

static void memory_grows_to_more_than_there_is(void **state)
{
	(void)state;
	accepted("memory: 2GiB", "memory: 2GiB\nmemory-max: 2176MiB");
	refused("memory: 2GiB", "memory: 2GiB\nmemory-max: 2GiB", 3, "'memory-max' is 2GiB: it is more than 'memory' (2GiB)");
	refused("memory: 2GiB", "memory: 2GiB\nmemory-max: 0B", 3, "'memory-max' is 0B: it is more than");
	refused("memory: 2GiB", "memory: 2GiB\nmemory-max: 2050MiB", 3, "in multiples of 128MiB");
	refused("memory: 2GiB", "memory: 2GiB\nmemory-max: 5000TiB", 3, "'memory-max' is 5000TiB: an x86 processor");
}

static void huge_pages_are_those_of_the_processor(void **state)
{
	(void)state;
	accepted("memory: 2GiB", "memory: 2GiB\nhuge-pages: 2MiB");
	accepted("memory: 2GiB", "memory: 2GiB\nhuge-pages: 1GiB");
	refused("memory: 2GiB", "memory: 2GiB\nhuge-pages: 4KiB", 3, "'huge-pages' is 4KiB: x86 has huge pages of 2MiB and of 1GiB");
	refused("memory: 2GiB", "memory: 2GiB\nhuge-pages: 0B", 3, "'huge-pages' is 0B");
	refused("memory: 2GiB", "memory: 1536MiB\nhuge-pages: 1GiB", 2, "'memory' is 1536MiB, which is no multiple of 'huge-pages', 1GiB");
}

static void cpus_are_sockets_times_cores(void **state)
{
	struct machine *m = load_text(edited(good, "{count: 4, sockets: 2}", "{sockets: 3, cores: 5}"));

	(void)state;
	assert_non_null(m);
	assert_int_equal(machine_cpus(m, 64), 15);
	machine_free(m);
	accepted("{count: 4, sockets: 2}", "{count: 255}");
	accepted("{count: 4, sockets: 2}", "{count: 6, sockets: 2, cores: 3}");
	accepted("{count: 4, sockets: 2}", "{}");
	refused("{count: 4,", "{count: 4, cores: 4,", 3, "'count' is 4, and sockets times cores is 8: leave one of the three out");
	refused("{count: 4,", "{count: 5,", 3, "'count' is 5, which is no multiple of the sockets");
	refused("{count: 4, sockets: 2}", "{count: 5, cores: 2}", 3, "no multiple of the cores");
	refused("{count: 4, sockets: 2}", "{sockets: 16, cores: 16}", 3, "sockets times cores is 256: at most 255 CPUs");
	refused("{count: 4,", "{count: 9223372036854775807,", 3, "it goes from 1 to 255");
	refused("{count: 4,", "{count: 99999999999999999999,", 3, "'count' takes a whole number");
}

static void cpu_models_and_features_are_words(void **state)
{
	(void)state;
	accepted("cpu: {model: Skylake-Server, features: [+pmu, -avx2]}", "cpu: EPYC-v4");
	refused("model: Skylake-Server", "model: \"\"", 4, "'' is no CPU model: `virsh cpu-models x86_64` has their names");
	refused("model: Skylake-Server", "model: 'a b'", 4, "'a b' is no CPU model");
	refused("model: Skylake-Server", keep("model: '%s!'", letters(4096)), 4, "is no CPU model");
	refused("+pmu", "pmu", 4, "'pmu' is not a feature to switch on (+pmu) or off (-avx2)");
	refused("+pmu", "\"\"", 4, "'' is not a feature");
	refused("+pmu", "\"+\"", 4, "'+' is not a feature");
	refused("+pmu", "'+a,b'", 4, "'+a,b' is not a feature");
	refused("+pmu", "+avx2", 4, "feature 'avx2' stands twice (line 4)");
}

static void ports_are_forwarded_once(void **state)
{
	(void)state;
	accepted("guest: 443", "guest: 80");
	accepted("memory:", "ssh-port: 2222\nmemory:");
	refused("host: 8443", "host: 8080", 7, "port 8080 is forwarded twice (line 6)");
	refused("memory:", "ssh-port: 8443\nmemory:", 8, "port 8443 is the machine's 'ssh-port' (line 2)");
	refused("guest: 80}", "guest: 22}", 6, "port 22 is forwarded already: 'ssh-port' says from where");
	refused("host: 8080", "host: 0", 6, "it goes from 1 to 65535");
	refused("guest: 80}", "guest: 65536}", 6, "it goes from 1 to 65535");
	refused("memory:", "nic: none\nmemory:", 7, "'forwards' needs a network card, and 'nic' is none");
	refused_text("image: x\nmemory: 1GiB\nnic: none\nssh-port: 2222\n", 4, "'ssh-port' needs a network card, and 'nic' is none");
	accepted_text("image: x\nmemory: 1GiB\nnic: none\n");
}

static void shares_have_short_names_and_whole_paths(void **state)
{
	(void)state;
	accepted("name: src", keep("name: %s", letters(31)));
	accepted("path: /srv/src", keep("path: /%s", letters(4094)));
	accepted("path: /srv/src", "path: '/srv/a, b=c'");
	refused("name: src", keep("name: %s", letters(32)), 9, "the share's name has 32 letters: at most 31");
	refused("name: src", "name: 'a,b'", 9, "'a,b' can't be the name of a share: a-z, 0-9");
	refused("name: src", keep("name: %s", letters(5000)), 9, "can't be the name of a share");
	refused("name: out", "name: src", 10, "share 'src' stands twice (line 9)");
	refused("path: /srv/src", "path: srv", 9, "the share's path 'srv' does not begin with '/': name the folder from the root");
	refused("path: /srv/src", "path: \"\"", 9, "does not begin with '/'");
	refused("path: /srv/src", keep("path: %s", letters(9000)), 9, "does not begin with '/'");
	refused("path: /srv/src", keep("path: /%s", letters(4095)), 9, "the share's path has 4096 letters: at most 4095");
	refused("path: /srv/src", "path: \"/srv/\\x01\"", 9, "the share's path has a control character (0x01): take it out");
	refused("path: /srv/src", "path: \"/srv/\\0\"", 9, "has a NUL character");
	refused("  - {name: out,", "  - {name: o2, path: /}\n  - {name: out,", 11, "3 shares: at most 2 fit");
}

static void what_xml_can_not_carry_is_refused(void **state)
{
	(void)state;
	accepted("memory:", "kernel-args: \"a=<&>\\t\\n\"\nmemory:");
	refused("memory:", "kernel-args: \"a\\ab\"\nmemory:", 2, "'kernel-args' has a control character (0x07): take it out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_is_good),
		cmocka_unit_test(memory_has_two_edges),
		cmocka_unit_test(memory_grows_to_more_than_there_is),
		cmocka_unit_test(huge_pages_are_those_of_the_processor),
		cmocka_unit_test(cpus_are_sockets_times_cores),
		cmocka_unit_test(cpu_models_and_features_are_words),
		cmocka_unit_test(ports_are_forwarded_once),
		cmocka_unit_test(shares_have_short_names_and_whole_paths),
		cmocka_unit_test(what_xml_can_not_carry_is_refused),
	};

	return RUN_TESTS(tests);
}
