#include "bench-place.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "digest.h"
#include "file.h"
#include "show.h"
#include "topology.h"

/* The caller's to free; NULL: the kernel does not say. */
static char *cpu_model(void)
{
	static const char key[] = "model name\t: ";
	auto_free char *info = file_read("/proc/cpuinfo", 0, NULL, &(struct err){ "" });
	const char *line = info ? strstr(info, key) : NULL;

	return line ? xstrndup(line + strlen(key), strcspn(line + strlen(key), "\n")) : NULL;
}

static char *known(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static char *sha256_of(const char *path, struct err *e)
{
	char hex[DIGEST_HEX];

	return digest_file(path, DIGEST_SHA256, hex, e) < 0 ? NULL : xstrdup(hex);
}

/* True if no access to CXL memory is emulated by itself. */
static bool is_fast(const struct machine *m, const struct host *h)
{
	for (size_t i = 0; i < m->cxl.n_regions; i++)
		if (h->qemu.version < QEMU_CXL_ALIAS || !region_is_fast(m, &m->cxl.regions[i]))
			return false;
	return true;
}

/* What a place is made of. */
struct parts {
	struct machine *m;
	struct manifest man;
	struct host host;
	char *path;
};

static void parts_free(struct parts *p)
{
	machine_free(p->m);
	manifest_free(&p->man);
	host_free(&p->host);
	free(p->path);
}

static int find_parts(struct parts *p, const struct session *s, const char *given, struct err *e)
{
	if (s->running) {
		p->path = state_path(&s->state, "machine.yaml");
		p->m = state_load(&s->state, &p->man, e);
	} else {
		p->m = state_find_machine(given, &p->path, e);
		if (p->m && state_image(&s->state, p->m, &p->man, e) < 0)
			return -1;
	}
	return p->m ? session_probe(s, p->m, &p->host, e) : -1;
}

static void fill_host(struct bench_place *p)
{
	struct utsname u;
	char name[256] = "";

	gethostname(name, sizeof(name) - 1);
	p->host = xstrdup(name);
	p->host_kernel = uname(&u) == 0 ? xstrdup(u.release) : NULL;
	p->cpu_model = cpu_model();
	p->host_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	p->host_memory = host_meminfo("MemTotal:");
}

int bench_place_fill(struct bench_place *p, const struct session *s, const char *given, const char *experiment, struct err *e)
{
	cleanup(parts_free) struct parts a = { 0 };
	cleanup(box_cleanup) struct box *tree = NULL;

	if (find_parts(&a, s, given, e) < 0)
		return -1;
	tree = show_tree(a.m, a.host.cpus);
	*p = (struct bench_place){
		.machine = xstrdup(s->state.name), .machine_path = steal(a.path), .experiment_path = xstrdup(experiment),
		.image = known(a.man.name), .image_sha256 = known(a.man.image_sha256), .kernel_sha256 = known(a.man.kernel_sha256),
		.qemu = known(a.host.qemu.text), .accelerator = xstrdup(host_uses_kvm(&a.host, a.m) ? "kvm" : "tcg"),
		.fast_path = is_fast(a.m, &a.host), .topology = show_text(tree, true),
	};
	if (!virt_is_remote(s->virt)) /* of another host, libvirt is all there is */
		fill_host(p);
	p->machine_sha256 = sha256_of(p->machine_path, e);
	p->experiment_sha256 = sha256_of(experiment, e);
	p->machine_text = file_read(p->machine_path, 0, NULL, e);
	p->experiment_text = file_read(experiment, 0, NULL, e);
	return p->machine_sha256 && p->experiment_sha256 && p->machine_text && p->experiment_text ? 0 : -1;
}

void bench_place_digests(const struct bench_place *p, const char *v[PLACE_DIGESTS])
{
	const char *const all[] = { p->machine, p->machine_sha256, p->image_sha256, p->kernel_sha256, p->qemu, p->accelerator,
				    p->fast_path ? "fast" : "slow" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i])
			v[n++] = all[i];
	v[n] = NULL;
}

int bench_place_check(const struct bench_place *p, const struct session *s, struct err *e)
{
	auto_free char *path = state_path(&s->state, "machine.yaml"), *now = sha256_of(path, e);

	if (!now)
		return -1;
	return !strcmp(now, p->machine_sha256) ? 0 : err_set(e, "the machine file of %s was changed meanwhile: its results would not be those of the "
							      "runs before; the same command begins anew with the new file", s->state.name);
}
