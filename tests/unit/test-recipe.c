/* Recipes: the shipped ones, the defaults, and each rule with its line. */
#include "harness.h"

#include <dirent.h>

#include "recipe.h"
#include "units.h"

#define SHA "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static const char good[] =
	"base:\n"                              /* 1 */
	"  suite: trixie\n"
	"kernel:\n"
	"  package: linux-source-6.12\n"
	"  fragments: [guest, cxl]\n"          /* 5 */
	"  options:\n"
	"    - CONFIG_X=y\n"
	"packages: [numactl, damo]\n"
	"disk: 8GiB\n"
	"users:\n"                             /* 10 */
	"  - name: ada\n"
	"    keys: [ssh-ed25519 AAAA ada@lab]\n"
	"  - name: bob\n"
	"grub:\n"
	"  timeout: 5s\n"                      /* 15 */
	"overlay: lab\n";

static struct recipe *load(const char *text)
{
	return recipe_load(put_file("my-image.yaml", text), &why);
}

/* With `from` replaced by `to` the recipe is refused at that line with a message of that part. */
static void refused(const char *from, const char *to, int line, const char *part)
{
	struct recipe *r = load(edited(good, from, to));

	if (r) {
		recipe_free(r);
		fail_msg("'%s' was accepted", to);
	}
	assert_contains(why.msg, line ? keep("my-image.yaml:%d:", line) : "my-image.yaml: ");
	assert_contains(why.msg, part);
}

static void shipped_recipes_load(void **state)
{
	auto_closedir DIR *d = opendir("recipes");
	int n = 0;

	(void)state;
	for (struct dirent *f; (f = readdir(d));) {
		cleanup(recipe_cleanup) struct recipe *r = NULL;

		if (!str_ends(f->d_name, ".yaml"))
			continue;
		r = recipe_load(keep("recipes/%s", f->d_name), &why);
		if (!r)
			fail_msg("%s", why.msg);
		n++;
	}
	assert_true(n >= 2);
}

static void a_recipe_is_read(void **state)
{
	cleanup(recipe_cleanup) struct recipe *r = load(good);

	(void)state;
	if (!r)
		fail_msg("%s", why.msg);
	assert_string_equal(r->base.suite, "trixie");
	assert_int_equal(r->kernel.mode, KERNEL_BUILD);
	assert_int_equal(r->kernel.n_fragments, 2);
	assert_int_equal(r->n_users, 2);
	assert_string_equal(r->users[0].keys[0], "ssh-ed25519 AAAA ada@lab");
	assert_string_equal(r->overlays[0], "lab");
}

static void what_is_left_out_gets_its_default(void **state)
{
	cleanup(recipe_cleanup) struct recipe *r = load("base: {suite: trixie}\nkernel: {package: linux-source-6.12}\n");

	(void)state;
	if (!r)
		fail_msg("%s", why.msg);
	assert_string_equal(r->name, "my-image");
	assert_string_equal(r->hostname, "my-image");
	assert_string_equal(r->kernel.config, "tiny");
	assert_true(r->disk == 8 * GiB);
	assert_int_equal(r->grub.timeout, 5000);
	assert_true(r->bench);
}

static void what_is_set_stays(void **state)
{
	cleanup(recipe_cleanup) struct recipe *r = load("base: {suite: trixie}\nkernel: stock\nname: other\nbench: false\n"
							"grub: {timeout: 0s}\nhostname: host\ndisk: 4GiB\n");

	(void)state;
	if (!r)
		fail_msg("%s", why.msg);
	assert_string_equal(r->name, "other");
	assert_string_equal(r->hostname, "host");
	assert_int_equal(r->kernel.mode, KERNEL_STOCK);
	assert_int_equal(r->grub.timeout, 0);
	assert_false(r->bench);
	assert_true(r->disk == 4 * GiB);
}

static void an_empty_grub_keeps_the_default_timeout(void **state)
{
	cleanup(recipe_cleanup) struct recipe *r = load("base: {suite: trixie}\nkernel: stock\ngrub: {}\n");

	(void)state;
	if (!r)
		fail_msg("%s", why.msg);
	assert_int_equal(r->grub.timeout, 5000);
}

static void base_is_a_suite_or_an_image(void **state)
{
	(void)state;
	refused("suite: trixie", "suite: trixie\n  image: https://x/y.qcow2", 2, "base takes either 'suite'");
	refused("  suite: trixie\n", "  {}\n", 2, "base takes either 'suite'");
	refused("suite: trixie", "suite: Trixie!", 2, "is no name of a Debian suite");
	refused("suite: trixie", "suite: trixie\n  digest: " SHA, 3, "'digest' belongs to 'image'");
	refused("base:\n  suite: trixie\n", "", 1, "the recipe needs the key 'base'");
}

static void an_image_needs_a_url_and_someone_who_vouches(void **state)
{
	(void)state;
	refused("suite: trixie", "image: https://x/y.qcow2", 2, "nothing vouches for https://x/y.qcow2");
	refused("suite: trixie", "image: []\n  digest: " SHA, 2, "'image' has no URL in it");
	refused("suite: trixie", "image: [https://x/y, https://x/y]\n  digest: " SHA, 2, "stands twice");
	refused("suite: trixie", "image: https://x/y\n  digest: " SHA "\n  sums: https://x/S", 4, "take out 'sums'");
	refused("suite: trixie", "image: https://x/y\n  sums: https://x/S", 2, "nothing vouches for");
	refused("suite: trixie", "image: https://x/y\n  sums: https://x/S\n  signature: https://x/S.sig", 4, "takes three");
	refused("suite: trixie", "image: https://x/y\n  signature: https://x/S.sig\n  keyring: k", 3, "takes three");
	recipe_free(load(edited(good, "suite: trixie",
				"image: https://x/y\n  sums: https://x/S\n  signature: https://x/S.sig\n  keyring: k")));
	recipe_free(load(edited(good, "suite: trixie", "image: https://x/y\n  insecure: true")));
}

static void plain_http_has_to_be_meant(void **state)
{
	(void)state;
	refused("suite: trixie", "image: http://x/y\n  digest: " SHA, 2, "http://x/y is plain http");
	refused("suite: trixie", "image: [https://x/y, http://127.0.0.1.x/y]\n  digest: " SHA, 2, "is plain http");
	refused("suite: trixie", "image: http://localhostess/y\n  digest: " SHA, 2, "is plain http");
	recipe_free(load(edited(good, "suite: trixie", "image: http://x/y\n  insecure: true\n  digest: " SHA)));
	recipe_free(load(edited(good, "suite: trixie", "image: http://127.0.0.1:80/y\n  digest: " SHA)));
	recipe_free(load(edited(good, "suite: trixie", "image: http://localhost/y\n  digest: " SHA)));
}

static void an_images_digest_and_place_have_their_forms(void **state)
{
	(void)state;
	refused("suite: trixie", "image: ftp://x/y.qcow2\n  digest: " SHA, 2, "is no URL that can be fetched");
	refused("suite: trixie", "image: y.qcow2\n  digest: " SHA, 2, "is no URL that can be fetched");
	refused("suite: trixie", "image: file:///y.qcow2\n  digest: sha256:abc", 3, "it takes 64");
	recipe_free(load(edited(good, "suite: trixie", "image: file:///y.qcow2\n  digest: " SHA)));
}

static void a_kernel_has_one_source(void **state)
{
	(void)state;
	refused("  package: linux-source-6.12\n", "", 4, "kernel takes one source");
	refused("package: linux-source-6.12", "package: linux-source-6.12\n  tree: ../linux", 4, "kernel takes one source");
	refused("package: linux-source-6.12", "package: linux-image-amd64", 4, "is no source package");
	refused("package: linux-source-6.12", "package: linux-source-6.12\n  digest: " SHA, 5, "'digest' belongs to 'url'");
	refused("package: linux-source-6.12", "url: https://x/linux.tar.xz", 4, "needs a digest");
	refused("package: linux-source-6.12", "url: linux.tar.xz\n  digest: " SHA, 4, "is no URL");
	refused("package: linux-source-6.12", "tree: ../linux\n  mode: stock", 5, "a stock kernel is not built");
	refused("package: linux-source-6.12", "package: linux-source-6.12\n  mode: stok", 5, "did you mean 'stock'");
}

#define COMMIT "commit: 0123456789abcdef0123456789abcdef01234567"

static void a_repository_names_one_commit(void **state)
{
	static const char *const good_ones[] = {
		"git: https://x/linux.git\n  " COMMIT, "git: git@x:linux.git\n  tag: v6.12", "git: ssh://x/linux\n  branch: a/b-c",
		"git: http://x/linux.git\n  " COMMIT "\n  path: kernels/linux", "git: file:///srv/linux\n  branch: main",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good_ones) / sizeof(*good_ones); i++)
		recipe_free(load(edited(good, "package: linux-source-6.12", good_ones[i])));
	refused("package: linux-source-6.12", "git: https://x/linux.git", 4, "takes one of 'commit', 'tag' and 'branch'");
	refused("package: linux-source-6.12", "git: https://x/y\n  tag: v1\n  branch: main", 4, "takes one of");
	refused("package: linux-source-6.12", "git: https://x/y\n  commit: 0123abc", 5, "give all 40 digits");
	refused("package: linux-source-6.12", "git: ../linux\n  tag: v1", 4, "is no address that git fetches from");
	refused("package: linux-source-6.12", "git: --upload-pack=touch x@y:z\n  tag: v1", 4, "is no address");
	refused("package: linux-source-6.12", "git: a@ext::sh -c x\n  tag: v1", 4, "is no address");
	refused("package: linux-source-6.12", "git: http://x/y\n  branch: main", 4, "http://x/y is plain http");
	refused("package: linux-source-6.12", "git: https://x/y\n  tag: --all", 5, "is no name of a tag or branch");
	refused("package: linux-source-6.12", "git: https://x/y\n  branch: a..b", 5, "is no name of a tag or branch");
	refused("package: linux-source-6.12", "git: https://x/y\n  tag: v1\n  path: ../x", 6, "is no folder of the repository");
	refused("package: linux-source-6.12", "git: https://x/y\n  tag: v1\n  path: /x", 6, "is no folder of the repository");
	refused("package: linux-source-6.12", "package: linux-source-6.12\n  branch: main", 5, "'branch' belongs to 'git'");
	refused("package: linux-source-6.12", "tree: ../linux\n  patches: [a.patch]", 5, "a local tree is built as it is");
}

static void a_stock_kernel_takes_no_options(void **state)
{
	(void)state;
	refused("  package: linux-source-6.12\n  fragments: [guest, cxl]\n", "  mode: stock\n", 4,
		"a stock kernel is not built: take out its source, patches, config, fragments, options and headers");
}

static void names_are_checked(void **state)
{
	(void)state;
	refused("disk: 8GiB", "name: My Image", 9, "'My Image' can't be an image's name");
	refused("disk: 8GiB", "name: ../x", 9, "can't be an image's name");
	refused("disk: 8GiB", "hostname: a b", 9, "'a b' can't be a host name");
	refused("numactl", "numactl; reboot", 8, "is no name of a Debian package");
	refused("numactl", "--force", 8, "is no name of a Debian package");
	refused("numactl", "numactl-", 8, "is no name of a Debian package");
	refused("name: ada", "name: Ada", 11, "'Ada' is no login name");
	refused("name: ada", "name: 0x", 11, "is no login name");
	refused("name: bob", "name: ada", 13, "user 'ada' stands twice");
	refused("ssh-ed25519 AAAA ada@lab", "'no-key'", 12, "is no SSH public key");
}

static void sizes_and_times_are_checked(void **state)
{
	(void)state;
	refused("disk: 8GiB", "disk: 8", 9, "has no unit");
	refused("disk: 8GiB", "disk: 1GiB", 9, "'disk' is 1GiB: it goes from 2GiB to 64TiB");
	refused("disk: 8GiB", "disk: 65TiB", 9, "it goes from 2GiB to 64TiB");
	refused("disk: 8GiB", "disk: 3000000001B", 9, "in whole MiB");
	refused("timeout: 5s", "timeout: 1500ms", 15, "'timeout' is in whole seconds");
	refused("timeout: 5s", "timeout: 2h", 15, "at most 1h");
}

static void a_disk_of_nothing_is_refused(void **state)
{
	(void)state;
	refused("disk: 8GiB", "disk: 0GiB", 9, "it goes from 2GiB to 64TiB");
}

static void unknown_keys_are_refused(void **state)
{
	(void)state;
	refused("packages:", "pakages:", 8, "unknown key 'pakages' in the recipe (did you mean 'packages'?)");
	refused("suite:", "suit:", 2, "did you mean 'suite'");
	refused("fragments:", "fragment:", 5, "did you mean 'fragments'");
	refused("keys:", "key:", 12, "did you mean 'keys'");
}

static void a_missing_recipe_is_named(void **state)
{
	(void)state;
	assert_null(recipe_load("nowhere.yaml", &why));
	assert_string_equal(why.msg, "can't read nowhere.yaml: No such file or directory");
	recipe_free(NULL);
}

/* ---- what is put in ---- */

#define PUT "base: {suite: trixie}\nkernel: stock\n"

static void what_is_put_in_is_read(void **state)
{
	cleanup(recipe_cleanup) struct recipe *r = load(PUT
		"timezone: Europe/Berlin\n"
		"copy: [{from: ./x, to: /opt/x, mode: '0755', owner: 'ada:users'}]\n"
		"write_files: [{path: /etc/motd, content: hello, permissions: '0600', append: true}]\n"
		"run: [ls /, {command: apt-get update, network: true}]\n"
		"runcmd: [id]\n"
		"services: {enable: [a.service, b@c.timer], mask: d}\n"
		"sysctl: {vm.swappiness: 10, net.ipv4.ip_forward: 1}\n"
		"kernel_args: [nokaslr, memhp_default_state=online]\n"
		"users: [{name: ada, ssh_authorized_keys: [ssh-ed25519 A b], groups: [sudo], passwd: $y$j9T$abcdefghijklmnopqrstu}]\n");

	(void)state;
	if (!r)
		fail_msg("%s", why.msg);
	assert_string_equal(r->copies[0].owner, "ada:users");
	assert_true(r->files[0].append);
	assert_int_equal(r->n_runs, 3);
	assert_string_equal(r->runs[0].command, "ls /");
	assert_false(r->runs[0].network);
	assert_true(r->runs[1].network);
	assert_string_equal(r->runs[2].command, "id");
	assert_int_equal(r->services.n_enable, 2);
	assert_string_equal(r->services.mask[0], "d");
	assert_string_equal(r->sysctl[0], "vm.swappiness = 10");
	assert_int_equal(r->n_sysctl, 2);
	assert_string_equal(r->kernel_args[1], "memhp_default_state=online");
	assert_string_equal(r->users[0].keys[0], "ssh-ed25519 A b");
	assert_string_equal(r->users[0].groups[0], "sudo");
}

static void what_can_not_be_put_in_is_refused(void **state)
{
	static const struct { const char *line, *part; } cases[] = {
		{ "timezone: /etc/passwd", "is no time zone" },
		{ "timezone: ../x", "is no time zone" },
		{ "copy: [{from: x}]", "a copy needs the key 'to'" },
		{ "copy: [{from: x, to: opt}]", "is no whole path" },
		{ "copy: [{from: x, to: /opt/../etc}]", "is no whole path" },
		{ "copy: [{from: x, to: /opt, mode: rwx}]", "'rwx' are no permissions" },
		{ "copy: [{from: x, to: /opt, owner: 'a b'}]", "is no owner" },
		{ "write_files: [{path: /etc/}]", "is a folder" },
		{ "write_files: [{path: /, content: x}]", "is no whole path" },
		{ "write_files: [{path: /x, permissions: 0999}]", "'0999' are no permissions" },
		{ "write_files: [{path: /x, encoding: gz}]", "unknown key 'encoding'" },
		{ "run: [{network: true}]", "needs the key 'command'" },
		{ "run: ls", "'run' takes a list" },
		{ "services: {enable: [--root=/]}", "is no systemd unit" },
		{ "services: {start: x}", "unknown key 'start'" },
		{ "sysctl: [vm.swappiness=10]", "'sysctl' takes lines of 'name: value'" },
		{ "sysctl: {a: 1, a: 2}", "'a' stands twice" },
		{ "sysctl: {'a b': 1, 'x;y': 2}", "is no kernel parameter" },
		{ "kernel_args: ['a b']", "is no word for the kernel's command line" },
		{ "kernel_args: ['a\"b']", "is no word for the kernel's command line" },
		{ "users: [{name: a, passwd: secret}]", "is not hashed" },
		{ "users: [{name: a, passwd: $1$abcdefgh$abcdefghijklmnopqrstuv}]", "is not hashed, or not well enough" },
		{ "users: [{name: a, groups: [-x]}]", "is no name of a group" },
		{ "users: [{name: a, shell: bash}]", "is no path of a shell" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct recipe *r = load(keep(PUT "%s\n", cases[i].line));

		if (r)
			fail_msg("'%s' was accepted", cases[i].line);
		assert_contains(why.msg, "my-image.yaml:3:");
		assert_contains(why.msg, cases[i].part);
	}
}

/* ---- one recipe over another ---- */

#define PARENT \
	"name: parent\n" \
	"base: {suite: trixie}\n" \
	"packages: [one]\n" \
	"kernel: {package: linux-source-6.12, fragments: [guest], options: [CONFIG_A=y]}\n" \
	"overlay: lab\n" \
	"disk: 4GiB\n" \
	"users: [{name: ada, sudo: true}]\n"

static struct recipe *child(const char *text)
{
	put_file("family/parent.yaml", PARENT);
	return recipe_load(put_file("family/child.yaml", text), &why);
}

static struct recipe *good_child(const char *text)
{
	struct recipe *r = child(text);

	if (!r)
		fail_msg("%s", why.msg);
	return r;
}

static void a_child_has_all_that_its_parent_has_but_the_name(void **state)
{
	cleanup(recipe_cleanup) struct recipe *r = good_child("extends: parent\n");

	(void)state;
	assert_string_equal(r->name, "child");
	assert_string_equal(r->hostname, "child");
	assert_string_equal(r->base.suite, "trixie");
	assert_string_equal(r->kernel.package, "linux-source-6.12");
	assert_true(r->disk == 4 * GiB);
	assert_int_equal(r->n_users, 1);
	assert_true(r->users[0].sudo);
}

static void values_are_replaced_and_lists_grow(void **state)
{
	cleanup(recipe_cleanup) struct recipe *r = good_child(
		"extends: parent.yaml\ndisk: 9GiB\npackages: [two, three]\nusers: [{name: bob}]\noverlay: ./mine\n"
		"kernel: {config: defconfig, options: CONFIG_B=y}\n");

	(void)state;
	assert_true(r->disk == 9 * GiB);
	assert_int_equal(r->n_packages, 3);
	assert_string_equal(r->packages[0], "one");
	assert_string_equal(r->packages[2], "three");
	assert_null(r->packages[3]);
	assert_int_equal(r->n_users, 2);
	assert_string_equal(r->users[0].name, "ada");
	assert_string_equal(r->users[1].name, "bob");
	assert_false(r->users[1].sudo);
	assert_string_equal(r->kernel.config, "defconfig");
	assert_string_equal(r->kernel.package, "linux-source-6.12");
	assert_int_equal(r->kernel.n_options, 2);
	assert_string_equal(r->kernel.options[1], "CONFIG_B=y");
	assert_contains(ydoc_file(r->doc, &r->overlays[0]), "parent.yaml");
	assert_contains(ydoc_file(r->doc, &r->overlays[1]), "child.yaml");
	assert_int_equal(ydoc_line(r->doc, &r->packages[0]), 3);
}

static void what_excludes_each_other_is_replaced_as_a_whole(void **state)
{
	static const char *const texts[] = {
		"extends: parent\nkernel: stock\n",
		"extends: parent\nkernel: {tree: ../linux}\n",
		"extends: parent\nbase: {image: https://x/y, digest: " SHA "}\n",
	};
	struct recipe *r[COUNT(texts)];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		r[i] = good_child(texts[i]);
	assert_int_equal(r[0]->kernel.mode, KERNEL_STOCK);
	assert_int_equal(r[0]->kernel.n_fragments, 0);
	assert_null(r[1]->kernel.package);
	assert_int_equal(r[1]->kernel.n_fragments, 1);
	assert_null(r[2]->base.suite);
	for (size_t i = 0; i < COUNT(texts); i++)
		recipe_free(r[i]);
	put_file("family/stock.yaml", "base: {suite: trixie}\nkernel: stock\n");
	r[0] = good_child("extends: stock\nkernel: {package: linux-source-6.12}\n");
	assert_int_equal(r[0]->kernel.mode, KERNEL_BUILD);
	recipe_free(r[0]);
}

static void an_error_names_the_file_that_it_is_in(void **state)
{
	(void)state;
	assert_null(child("extends: parent\nkernel: {package: linux-image}\n"));
	assert_contains(why.msg, "family/child.yaml:2:19: 'linux-image' is no source package");
	put_file("family/bad.yaml", "base: {suite: trixie}\nkernel: stock\nusers: [{name: Ada}]\n");
	assert_null(child("extends: bad\n"));
	assert_contains(why.msg, "family/bad.yaml:3:16: 'Ada' is no login name");
	assert_null(child("extends: bad\nkernl: 1\n"));
	assert_contains(why.msg, "family/child.yaml:2:1: unknown key 'kernl'");
	assert_null(child("packages: [x]\n"));
	assert_contains(why.msg, "needs the key 'base'");
}

static void what_is_put_over_a_recipe_is_checked_as_a_recipe_is(void **state)
{
	(void)state;
	assert_null(child("extends: parent\nusers: [{sudo: true}]\n"));
	assert_contains(why.msg, "family/child.yaml:2:9: a user needs the key 'name'");
	assert_null(child("extends: parent\nwrite_files:\n  - content: x\n"));
	assert_contains(why.msg, "family/child.yaml:3:5: a file needs the key 'path'");
	assert_null(child("extends: parent\nkernel:\n  url: https://x/y.tar.xz\n  git: https://x/y.git\n"));
	assert_contains(why.msg, "family/child.yaml:3:3: kernel takes one source");
}

static void circles_and_recipes_that_are_not_there_are_refused(void **state)
{
	(void)state;
	put_file("family/a.yaml", "extends: b\n");
	put_file("family/b.yaml", "packages: [x]\nextends: a\n");
	assert_null(recipe_load(in_scratch("family/a.yaml"), &why));
	assert_contains(why.msg, "family/b.yaml:2:10: 'extends' leads in a circle");
	assert_null(child("extends: child\n"));
	assert_contains(why.msg, "family/child.yaml:1:10: 'extends' leads in a circle");
	assert_null(child("extends: nobody\n"));
	assert_contains(why.msg, "family/child.yaml:1:10: 'extends': ");
	for (int i = 0; i < 9; i++)
		put_file(keep("family/n%d.yaml", i), keep("extends: n%d\n", i + 1));
	put_file("family/n9.yaml", PARENT);
	assert_null(recipe_load(in_scratch("family/n0.yaml"), &why));
	assert_contains(why.msg, "more than 8 recipes deep");
}

static struct recipe *with(const char *a, const char *b)
{
	auto_strv sets = { 0 };

	strv_add(&sets, a);
	if (b)
		strv_add(&sets, b);
	return recipe_load_with(put_file("family/parent.yaml", PARENT), &sets, &why);
}

static void the_command_line_has_the_last_word(void **state)
{
	cleanup(recipe_cleanup) struct recipe *r = with("kernel.config=defconfig", "packages=[two]");
	cleanup(recipe_cleanup) struct recipe *stock = with("kernel=stock", "name=other");

	(void)state;
	assert_non_null(r);
	assert_string_equal(r->name, "parent");
	assert_string_equal(r->kernel.config, "defconfig");
	assert_int_equal(r->n_packages, 2);
	assert_non_null(stock);
	assert_string_equal(stock->name, "other");
	assert_int_equal(stock->kernel.mode, KERNEL_STOCK);
}

/* A mirror of a signed image: what vouches for it stays. */
static void one_value_of_the_base_is_put_in_the_place_of_its_own(void **state)
{
	auto_strv sets = { 0 };
	cleanup(recipe_cleanup) struct recipe *mirror = NULL, *other = NULL;
	const char *path = put_file("family/cloud.yaml", "base: {image: [https://x/y, https://z/y], sums: https://x/S, signature: "
				    "https://x/S.gpg, keyring: k}\nkernel: stock\n");

	(void)state;
	strv_add(&sets, "base.image=https://mirror/y");
	strv_add(&sets, "base.keyring=own");
	mirror = recipe_load_with(path, &sets, &why);
	assert_non_null(mirror);
	assert_int_equal(mirror->base.n_images, 1);
	assert_string_equal(mirror->base.images[0], "https://mirror/y");
	assert_string_equal(mirror->base.sums, "https://x/S");
	assert_string_equal(mirror->base.keyring, "own");
	other = with("base.image=https://x/y", "base.digest=" SHA);
	assert_non_null(other);
	assert_null(other->base.suite);
	recipe_free(steal(other));
	other = with("base={suite: sid}", NULL);
	assert_non_null(other);
	assert_string_equal(other->base.suite, "sid");
}

static void a_wrong_word_on_the_command_line_is_named(void **state)
{
	static const struct { const char *set, *part; } cases[] = {
		{ "kernl=stock", "--set kernl: unknown key 'kernl'" },
		{ "kernel.confg=x", "--set kernel.confg: unknown key 'confg'" },
		{ "disk=9", "--set disk: 'disk': '9' has no unit" },
		{ "disk=", "--set disk: 'disk' has no value" },
		{ "disk", "--set takes KEY=VALUE" },
		{ "=x", "--set takes KEY=VALUE" },
		{ "a b=x", "--set takes KEY=VALUE" },
		{ "kernel..config=x", "--set kernel..config:" },
		{ "disk=[", "--set disk:" },
		{ "disk=9GiB\nname: x", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct recipe *r = with(cases[i].set, NULL);

		recipe_free(r);
		if (*cases[i].part) {
			assert_null(r);
			assert_contains(why.msg, cases[i].part);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_is_read),
		cmocka_unit_test(what_can_not_be_put_in_is_refused),
		cmocka_unit_test(a_child_has_all_that_its_parent_has_but_the_name),
		cmocka_unit_test(values_are_replaced_and_lists_grow),
		cmocka_unit_test(what_excludes_each_other_is_replaced_as_a_whole),
		cmocka_unit_test(an_error_names_the_file_that_it_is_in),
		cmocka_unit_test(what_is_put_over_a_recipe_is_checked_as_a_recipe_is),
		cmocka_unit_test(circles_and_recipes_that_are_not_there_are_refused),
		cmocka_unit_test(the_command_line_has_the_last_word),
		cmocka_unit_test(one_value_of_the_base_is_put_in_the_place_of_its_own),
		cmocka_unit_test(a_wrong_word_on_the_command_line_is_named),
		cmocka_unit_test(shipped_recipes_load),
		cmocka_unit_test(a_recipe_is_read),
		cmocka_unit_test(what_is_left_out_gets_its_default),
		cmocka_unit_test(what_is_set_stays),
		cmocka_unit_test(an_empty_grub_keeps_the_default_timeout),
		cmocka_unit_test(base_is_a_suite_or_an_image),
		cmocka_unit_test(an_image_needs_a_url_and_someone_who_vouches),
		cmocka_unit_test(plain_http_has_to_be_meant),
		cmocka_unit_test(an_images_digest_and_place_have_their_forms),
		cmocka_unit_test(a_kernel_has_one_source),
		cmocka_unit_test(a_repository_names_one_commit),
		cmocka_unit_test(a_stock_kernel_takes_no_options),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(sizes_and_times_are_checked),
		cmocka_unit_test(a_disk_of_nothing_is_refused),
		cmocka_unit_test(unknown_keys_are_refused),
		cmocka_unit_test(a_missing_recipe_is_named),
	};

	return RUN_TESTS(tests);
}
