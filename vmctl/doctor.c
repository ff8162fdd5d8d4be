#include "doctor.h"

#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "host.h"
#include "kvm.h"
#include "paths.h"
#include "run.h"
#include "text.h"
#include "units.h"
#include "virt.h"

#define LARGE (16 * GiB + 256 * MiB) /* cxl, with what QEMU takes beside the guest's memory */

static void found(struct probed *f, enum health health, char *detail, const char *remedy)
{
	f->health = health;
	f->detail = detail;
	f->remedy = remedy ? xstrdup(remedy) : NULL;
}

/* What installs and starts what is missing: of the source tree, or of an installed tierlab. */
static const char *setup(void)
{
	static char script[PATH_MAX];
	const struct data_dirs *data = data_dirs(&(struct err){ "" });

	if (data)
		snprintf(script, sizeof(script), "%.*s/setup/setup.sh", (int)(strrchr(data->recipes, '/') - data->recipes), data->recipes);
	return data && file_exists(script) ? script : "make setup";
}

/* What a QEMU that is older than it could be leaves out. */
static const char *shortcoming(int version)
{
	if (version < QEMU_VOLATILE)
		return "no machine with CXL devices starts; they take 8.1, and 11.1 for the speed of DRAM";
	if (version < QEMU_BOUNCE)
		return "each access to CXL memory is emulated, which is slow, and no virtio device reaches into it; 11.1 is better";
	return "each access to CXL memory is emulated, which is slow; in 11.1 it is not";
}

struct probed doctor_qemu(const struct qemu *q, const char *remedy)
{
	if (q->version < QEMU_CXL_ALIAS)
		return (struct probed){ "QEMU", LACKING, strf("%s, %s: %s", q->text, q->path, shortcoming(q->version)), xstrdup(remedy) };
	return (struct probed){ "QEMU", HEALTHY, strf("%s, %s: CXL memory at the speed of DRAM", q->text, q->path), NULL };
}

static void look_at_qemu(struct probed *f)
{
	struct qemu q;
	struct err why;

	if (qemu_find(&q, NULL, &why) < 0) {
		found(f, ILL, xstrdup(why.msg), setup());
		return;
	}
	*f = doctor_qemu(&q, setup());
	qemu_free(&q);
}

static void look_at_network(struct probed *f)
{
	auto_text out = { 0 };
	struct qemu q;

	if (qemu_find(&q, NULL, &(struct err){ "" }) < 0) {
		found(f, ILL, xstrdup("no QEMU"), setup());
		return;
	}
	run_simple((const char *const[]){ q.path, "-netdev", "help", NULL }, &out, &(struct err){ "" });
	if (out.s && strstr(out.s, "\nuser"))
		found(f, HEALTHY, xstrdup("QEMU has user networking: ports of 127.0.0.1 lead to the guest"), NULL);
	else
		found(f, ILL, strf("%s was built without user networking", q.path), setup());
	qemu_free(&q);
}

static void look_at_kvm(struct probed *f)
{
	char why[160];
	bool denied;

	if (kvm_usable(why, sizeof(why))) {
		found(f, HEALTHY, xstrdup("works"), NULL);
		return;
	}
	denied = strstr(why, strerror(EACCES));
	found(f, LACKING, strf("not usable, so TCG emulates processors: %s", why),
	      denied ? "sudo usermod -aG kvm $USER, and log in again" :
	      "switch on hardware virtualisation in the firmware, or nested virtualisation where this is a virtual machine");
}

static void look_at_libvirt(struct probed *f)
{
	cleanup(virt_cleanup) struct virt *v = NULL;
	struct err why;

	v = virt_open(NULL, &why);
	if (v)
		found(f, HEALTHY, virt_describe(v), NULL);
	else
		found(f, ILL, xstrdup(why.msg), str_empty(getenv("TIERLAB_LIBVIRT_URI")) ? setup() :
		      "unset TIERLAB_LIBVIRT_URI, or have it name a libvirt that answers");
}

static void look_at_memory(struct probed *f)
{
	uint64_t bytes = host_memory_available();
	char have[SIZE_TEXT];

	size_human(bytes, have);
	if (bytes >= LARGE)
		found(f, HEALTHY, strf("%s free", have), NULL);
	else if (bytes >= DOCTOR_MEMORY)
		found(f, LACKING, strf("%s free: enough for cxl-small, and not for cxl, which takes 16.2 GiB", have),
		      "make lab LAB=cxl-small");
	else
		found(f, ILL, strf("%s free: cxl-small takes 3.2 GiB", have), "end other programs, or write a smaller machine file");
}

static void look_at_disk(struct probed *f)
{
	auto_free char *dir = state_dir();
	uint64_t bytes = disk_free(dir);
	char have[SIZE_TEXT];

	size_human(bytes, have);
	found(f, bytes >= DOCTOR_ROOM ? HEALTHY : LACKING, strf("%s free for %s", have, dir),
	      bytes >= DOCTOR_ROOM ? NULL : "make room (vmbuild gc), or set TIERLAB_STATE");
}

/* The first folder on the way to path, as far as that is there, that others may not pass; NULL: none. The caller's to free. */
static char *closed_to_others(const char *path)
{
	auto_free char *up = xstrdup(path), *p = realpath(path, NULL);
	struct stat st;

	while (!p && strrchr(up, '/') > up) {
		*strrchr(up, '/') = '\0';
		p = realpath(up, NULL);
	}

	for (char *slash = p; slash && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		if (stat(p, &st) == 0 && !(st.st_mode & S_IXOTH))
			return xstrdup(p);
		*slash = '/';
	}
	return p && stat(p, &st) == 0 && !(st.st_mode & S_IXOTH) ? xstrdup(p) : NULL;
}

/* QEMU's user is refused /dev/kvm, which libvirt's daemon may open: see common/setup/libvirtd.sh. */
static bool kept_from_kvm(const char *user)
{
	const char *argv[] = { "runuser", "-u", user, "--", "test", "-r", "/dev/kvm", "-a", "-w", "/dev/kvm", NULL };

	return geteuid() == 0 && file_exists("/dev/kvm") && run_simple(argv, NULL, &(struct err){ "" }) < 0;
}

/* libvirt's system daemon runs QEMU as a user of its own. */
static void look_at_permissions(struct probed *f)
{
	cleanup(virt_cleanup) struct virt *v = virt_open(NULL, &(struct err){ "" });
	auto_free char *dir = state_dir(), *closed = NULL, *remedy = NULL;
	uid_t uid = geteuid();
	struct passwd *user;
	gid_t gid;

	if (v)
		virt_qemu_user(v, &uid, &gid);
	user = uid == geteuid() ? NULL : getpwuid(uid);
	closed = user || geteuid() == 0 ? closed_to_others(dir) : NULL;
	remedy = closed ? strf("chmod o+x %s", closed) : NULL;
	if (closed)
		found(f, ILL, strf("libvirt's user for QEMU can't pass %s on the way to %s", closed, dir), remedy);
	else if (user && kept_from_kvm(user->pw_name))
		found(f, LACKING, strf("libvirt's user for QEMU (%s) can't open /dev/kvm: each start takes a minute longer", user->pw_name), setup());
	else
		found(f, HEALTHY, strf("QEMU reaches %s", dir), NULL);
}

static bool any_file(const char *pattern, bool readable)
{
	bool there = false;
	glob_t g;

	if (glob(pattern, 0, NULL, &g) != 0)
		return false;
	for (size_t i = 0; i < g.gl_pathc && !there; i++)
		there = access(g.gl_pathv[i], readable ? R_OK : F_OK) == 0;
	globfree(&g);
	return there;
}

static void look_at_appliance(struct probed *f)
{
	if (!program_exists("supermin"))
		found(f, LACKING, xstrdup("libguestfs' supermin is not installed: vmbuild can't make images"), setup());
	else if (!any_file("/boot/vmlinuz-*", false))
		found(f, LACKING, xstrdup("there is no kernel in /boot for libguestfs' appliance: vmbuild can't make images"), setup());
	else if (!any_file("/boot/vmlinuz-*", true))
		found(f, LACKING, xstrdup("the kernels in /boot are not to be read, and libguestfs' appliance is made of one"),
		      "sudo chmod a+r /boot/vmlinuz-*");
	else
		found(f, HEALTHY, xstrdup("libguestfs can make its appliance"), NULL);
}

static void look_at_huge_pages(struct probed *f)
{
	cleanup(binding_free) struct host_binding b;
	char *pools;

	binding_probe(&b);
	pools = pools_text(&b);
	found(f, HEALTHY, pools ? pools : xstrdup("this kernel has none; no shipped machine needs any"), NULL);
}

static void look_at_firmware(struct probed *f)
{
	bool there = any_file("/usr/share/OVMF/OVMF_CODE*.fd", true) || any_file("/usr/share/edk2/*/OVMF_CODE*.fd", true);

	found(f, there ? HEALTHY : LACKING, xstrdup(there ? "UEFI firmware is there" : "no UEFI firmware (OVMF); BIOS machines start"),
	      there ? NULL : setup());
}

/* libvirtd runs under a profile, and gives each QEMU one: they know of no QEMU in a folder of its own, but for common/setup/qemu-bundle.sh. */
static void look_at_apparmor(struct probed *f)
{
	auto_free char *text = file_read("/sys/module/apparmor/parameters/enabled", 0, NULL, &(struct err){ "" });
	auto_free char *rules = file_read("/etc/apparmor.d/abstractions/libvirt-qemu.d/tierlab", 0, NULL, &(struct err){ "" });
	bool on = text && *text == 'Y', confined = on && file_exists("/etc/apparmor.d/usr.sbin.libvirtd");
	auto_free char *folder = NULL;
	struct qemu q;

	if (!on || !confined || qemu_find(&q, NULL, &(struct err){ "" }) < 0) {
		found(f, HEALTHY, xstrdup(on ? "on, and libvirt is not confined by it" : "off"), NULL);
		return;
	}
	folder = xstrndup(q.path, (size_t)(strrchr(q.path, '/') + 1 - q.path));
	if (str_starts(folder, "/usr/") || (rules && strstr(rules, folder)))
		found(f, HEALTHY, xstrdup("on; what it keeps QEMU from: `dmesg | grep DENIED`"), NULL);
	else
		found(f, LACKING, strf("on, and libvirt's profile does not let it run %s", q.path), setup());
	qemu_free(&q);
}

static void look_at_charts(struct probed *f)
{
	bool there = program_exists("gnuplot");

	found(f, there ? HEALTHY : LACKING, xstrdup(there ? "gnuplot draws those of vmctl report" : "no gnuplot: vmctl report makes tables, and no page with charts"),
	      there ? NULL : setup());
}

/* mmdebstrap, as an ordinary user, needs ids beside that user's. */
static void look_at_subuids(struct probed *f)
{
	auto_free char *ids = file_read("/etc/subuid", 0, NULL, &(struct err){ "" });
	struct passwd *user = getpwuid(geteuid());
	auto_free char *by_name = strf("\n%s:", user ? user->pw_name : "?"), *by_id = strf("\n%u:", geteuid());
	auto_free char *lines = strf("\n%s", ids ? ids : "");

	if (geteuid() == 0 || strstr(lines, by_name) || strstr(lines, by_id))
		found(f, HEALTHY, xstrdup(geteuid() ? "/etc/subuid has ids for a base system's files" : "root makes base systems"), NULL);
	else
		found(f, LACKING, xstrdup("/etc/subuid has no ids for you: vmbuild can't make a base system"),
		      "sudo usermod --add-subuids 200000-265535 --add-subgids 200000-265535 $USER");
}

static const struct {
	const char *what;
	void (*look)(struct probed *);
} probes[] = {
	{ "QEMU", look_at_qemu },
	{ "network", look_at_network },
	{ "KVM", look_at_kvm },
	{ "libvirt", look_at_libvirt },
	{ "memory", look_at_memory },
	{ "huge pages", look_at_huge_pages },
	{ "disk", look_at_disk },
	{ "permissions", look_at_permissions },
	{ "AppArmor", look_at_apparmor },
	{ "firmware", look_at_firmware },
	{ "appliance", look_at_appliance },
	{ "user ids", look_at_subuids },
	{ "charts", look_at_charts },
};
#define PROBES (sizeof(probes) / sizeof(*probes))

size_t doctor_look(struct probed **list)
{
	*list = xcalloc(PROBES, sizeof(**list));
	for (size_t i = 0; i < PROBES; i++) {
		(*list)[i].what = probes[i].what;
		probes[i].look(&(*list)[i]);
	}
	return PROBES;
}

void probed_free(struct probed *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].detail);
		free(list[i].remedy);
	}
	free(list);
}

enum health doctor_worst(const struct probed *list, size_t n)
{
	enum health worst = HEALTHY;

	for (size_t i = 0; i < n; i++)
		if (list[i].health > worst)
			worst = list[i].health;
	return worst;
}
