/* What doctor can say of another host: what its libvirt tells. */
#include "doctor.h"

#include <string.h>

#include "host-there.h"
#include "text.h"
#include "units.h"
#include "virt-store.h"

static void add(struct probed *list, size_t *n, const char *what, enum health health, char *detail, const char *remedy)
{
	list[(*n)++] = (struct probed){ what, health, detail, remedy ? xstrdup(remedy) : NULL };
}

static void look_at_host(struct probed *list, size_t *n, struct virt *v)
{
	const struct machine any = { .accelerator = ACCEL_AUTO };
	char have[SIZE_TEXT];
	struct err why;
	struct host h;

	if (host_probe_there(&h, &any, v, &why) < 0) {
		add(list, n, "QEMU", ILL, xstrdup(why.msg), "make setup (there)");
		return;
	}
	list[(*n)++] = doctor_qemu(&h.qemu, "make setup (there)");
	add(list, n, "KVM", h.kvm ? HEALTHY : LACKING, xstrdup(h.kvm ? "works" : "not usable, so TCG emulates processors"), NULL);
	add(list, n, "memory", h.memory_free >= DOCTOR_MEMORY ? HEALTHY : LACKING, strf("%s free, %ld CPUs", size_human(h.memory_free, have),
	    h.cpus), h.memory_free >= DOCTOR_MEMORY ? NULL : "end other programs there, or write a smaller machine file");
	host_free(&h);
}

static void look_at_store(struct probed *list, size_t *n, struct virt *v)
{
	char have[SIZE_TEXT];
	struct store *s;
	struct err why;
	uint64_t room;

	if (store_open(v, false, &s, &why) < 0) {
		add(list, n, "storage", ILL, xstrdup(why.msg), NULL);
		return;
	}
	room = s ? store_room(s) : 0;
	if (!s)
		add(list, n, "storage", HEALTHY, xstrdup("no pool 'tierlab' yet: the first start makes one, but for a /session address"), NULL);
	else
		add(list, n, "storage", room >= DOCTOR_ROOM ? HEALTHY : LACKING, strf("%s free in %s", size_human(room, have), store_dir(s)),
		    room >= DOCTOR_ROOM ? NULL : "make room there");
	store_close(s);
}

size_t doctor_look_there(struct virt *v, struct probed **list)
{
	size_t n = 0;

	*list = xcalloc(5, sizeof(**list));
	add(*list, &n, "libvirt", HEALTHY, virt_describe(v), NULL);
	look_at_host(*list, &n, v);
	look_at_store(*list, &n, v);
	return n;
}
