#include "virt-store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "virt-private.h"
#include "virt.h"

#define POOL "tierlab"
#define SYSTEM_DIR "/var/lib/libvirt/" POOL
#define REFRESH_TRIES 40
#define REFRESH_PAUSE_US 250000
#define CHUNK (256 << 10) /* libvirt's own packets have at most that (VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX) */

struct store {
	virConnectPtr conn;
	virStoragePoolPtr pool;
	char *dir;
};

static void free_vol(virStorageVolPtr *v)
{
	if (*v)
		virStorageVolFree(*v);
}
#define auto_vol cleanup(free_vol) virStorageVolPtr

static void free_stream(virStreamPtr *st)
{
	if (*st)
		virStreamFree(*st);
}
#define auto_stream cleanup(free_stream) virStreamPtr

/* "qemu+ssh://host/system": of the whole host, and not of one user of it. */
static bool is_systems(const char *uri)
{
	const char *host = strstr(uri, "://"), *path = host ? strchr(host + 3, '/') : NULL;

	return path && str_starts(path, "/system");
}

static virStoragePoolPtr define_pool(struct virt *v, struct err *e)
{
	auto_free char *uri = virt_uri(v);
	virStoragePoolPtr pool;

	if (!is_systems(uri)) {
		err_set(e, "libvirt at %s has no storage pool '" POOL "', and where it could be is not known from here: `virsh -c '%s' "
			   "pool-define-as " POOL " dir --target DIR` makes it", uri, uri);
		return NULL;
	}
	pool = virStoragePoolDefineXML(v->conn, "<pool type='dir'><name>" POOL "</name><target><path>" SYSTEM_DIR "</path><permissions>"
				       "<mode>0711</mode></permissions></target></pool>", 0);
	if (pool && virStoragePoolBuild(pool, 0) == 0) {
		virStoragePoolSetAutostart(pool, 1);
		return pool;
	}
	virt_err(e, "can't make the storage pool '" POOL "' in " SYSTEM_DIR);
	if (pool)
		virStoragePoolFree(pool);
	return virStoragePoolLookupByName(v->conn, POOL); /* another vmctl may have made it */
}

/* <target><path>/var/lib/libvirt/tierlab</path> */
static char *path_of(virStoragePoolPtr pool)
{
	auto_free char *xml = virStoragePoolGetXMLDesc(pool, 0);
	const char *at = xml ? strstr(xml, "<path>") : NULL;

	return at ? xstrndup(at + 6, strcspn(at + 6, "<")) : NULL;
}

int store_open(struct virt *v, bool make, struct store **s, struct err *e)
{
	virStoragePoolPtr pool = virStoragePoolLookupByName(v->conn, POOL);
	struct store *new;

	*s = NULL;
	if (!pool && virGetLastErrorCode() == VIR_ERR_NO_SUPPORT)
		return err_set(e, "libvirt there has no storage driver: install libvirt-daemon-driver-storage, and start its daemon anew");
	if (!pool && virGetLastErrorCode() != VIR_ERR_NO_STORAGE_POOL)
		return virt_err(e, "can't look for libvirt's storage pool '" POOL "'");
	if (!pool && !make)
		return 0;
	pool = pool ? pool : define_pool(v, e);
	if (!pool)
		return -1;
	new = xcalloc(1, sizeof(*new));
	*new = (struct store){ v->conn, pool, path_of(pool) };
	if (virStoragePoolIsActive(pool) != 1 && virStoragePoolCreate(pool, VIR_STORAGE_POOL_CREATE_WITH_BUILD) < 0)
		virt_err(e, "can't start libvirt's storage pool '" POOL "'");
	else if (!new->dir)
		err_set(e, "libvirt's storage pool '" POOL "' is no folder: it has to be a pool of type 'dir'");
	else
		*s = new;
	if (!*s)
		store_close(new);
	return *s ? 0 : -1;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	virStoragePoolFree(s->pool);
	free(s->dir);
	free(s);
}

const char *store_dir(const struct store *s)
{
	return s->dir;
}

uint64_t store_room(struct store *s)
{
	virStoragePoolInfo info;

	return virStoragePoolGetInfo(s->pool, &info) < 0 ? 0 : info.available;
}

/* It refuses while somebody makes a volume. */
int store_refresh(struct store *s, struct err *e)
{
	for (int tries = 0; virStoragePoolRefresh(s->pool, 0) < 0; tries++) {
		if (virGetLastErrorCode() != VIR_ERR_INTERNAL_ERROR || tries == REFRESH_TRIES)
			return virt_err(e, "can't look at the storage pool '" POOL "'");
		usleep(REFRESH_PAUSE_US);
	}
	return 0;
}

static virStorageVolPtr find(struct store *s, const char *name, struct err *e)
{
	virStorageVolPtr vol = virStorageVolLookupByName(s->pool, name);

	if (!vol && virGetLastErrorCode() == VIR_ERR_NO_STORAGE_VOL)
		err_set(e, "the storage pool '" POOL "' has no %s", name);
	else if (!vol)
		virt_err(e, "can't look at a volume of the storage pool '" POOL "'");
	return vol;
}

int store_has(struct store *s, const char *name, uint64_t *bytes, struct err *e)
{
	auto_vol vol = virStorageVolLookupByName(s->pool, name);
	virStorageVolInfo info;

	*bytes = 0;
	if (!vol && virGetLastErrorCode() == VIR_ERR_NO_STORAGE_VOL)
		return 0;
	if (!vol || virStorageVolGetInfoFlags(vol, &info, VIR_STORAGE_VOL_GET_PHYSICAL) < 0)
		return virt_err(e, "can't look at a volume of the storage pool '" POOL "'");
	*bytes = info.allocation; /* with that flag: the file's size */
	return 1;
}

static int create(struct store *s, const char *name, const char *xml, struct err *e)
{
	auto_vol vol = virStorageVolCreateXML(s->pool, xml, 0);

	if (vol)
		return 0;
	virt_err(e, "can't make a volume of the storage pool '" POOL "'");
	return err_append(e, " (%s)", name);
}

int store_make(struct store *s, const char *name, uint64_t bytes, uid_t uid, gid_t gid, struct err *e)
{
	auto_free char *xml = strf("<volume><name>%s</name><capacity>%llu</capacity><allocation>0</allocation><target><format type='raw'/>"
				   "<permissions><mode>0600</mode><owner>%u</owner><group>%u</group></permissions></target></volume>",
				   name, (unsigned long long)bytes, uid, gid);

	return create(s, name, xml, e);
}

int store_ensure(struct store *s, const char *name, struct err *e)
{
	uint64_t bytes;
	struct err why;

	if (store_has(s, name, &bytes, &why) == 1 || store_make(s, name, 0, (uid_t)-1, (gid_t)-1, e) == 0)
		return 0;
	return store_has(s, name, &bytes, &why) == 1 ? 0 : -1; /* another made it meanwhile */
}

int store_make_over(struct store *s, const char *name, const char *backing, struct err *e)
{
	auto_free char *xml = strf("<volume><name>%s</name><target><format type='qcow2'/><permissions><mode>0600</mode></permissions></target>"
				   "<backingStore><path>%s/%s</path><format type='qcow2'/></backingStore></volume>", name, s->dir, backing);

	return create(s, name, xml, e);
}

static int send_all(virStreamPtr st, int fd, store_tick *tick, void *arg, struct err *e)
{
	auto_free char *buf = xcalloc(1, CHUNK);
	uint64_t at = 0;
	ssize_t n;

	while ((n = pread(fd, buf, CHUNK, (off_t)at)) > 0) {
		for (ssize_t done = 0; done < n;) {
			int sent = virStreamSend(st, buf + done, (size_t)(n - done));

			if (sent < 0)
				return virt_err(e, "can't send it");
			done += sent;
		}
		at += (uint64_t)n;
		if (tick(buf, (size_t)n, at, arg, e) < 0)
			return -1;
	}
	return n < 0 ? err_errno(e, "can't read it") : 0;
}

int store_send(struct store *s, const char *name, int fd, store_tick *tick, void *arg, struct err *e)
{
	auto_vol vol = find(s, name, e);
	auto_stream st = vol ? virStreamNew(s->conn, 0) : NULL;

	if (!vol)
		return -1;
	if (!st || virStorageVolUpload(vol, st, 0, 0, 0) < 0)
		return virt_err(e, "can't send it");
	if (send_all(st, fd, tick, arg, e) == 0)
		return virStreamFinish(st) < 0 ? virt_err(e, "can't send it") : 0;
	virStreamAbort(st);
	return -1;
}

int store_receive(struct store *s, const char *name, uint64_t from, struct text *out, struct err *e)
{
	auto_vol vol = find(s, name, e);
	auto_stream st = vol ? virStreamNew(s->conn, 0) : NULL;
	auto_free char *buf = xcalloc(1, CHUNK);
	int n;

	if (!vol)
		return -1;
	if (!st || virStorageVolDownload(vol, st, from, 0, 0) < 0)
		return virt_err(e, "can't read it");
	while ((n = virStreamRecv(st, buf, CHUNK)) > 0)
		text_add(out, buf, (size_t)n);
	if (n == 0 && virStreamFinish(st) == 0)
		return 0;
	virt_err(e, "can't read it");
	if (n < 0)
		virStreamAbort(st);
	return -1;
}

int store_drop(struct store *s, const char *name, struct err *e)
{
	auto_vol vol = virStorageVolLookupByName(s->pool, name);

	if (!vol && virGetLastErrorCode() == VIR_ERR_NO_STORAGE_VOL)
		return 0;
	return !vol || virStorageVolDelete(vol, 0) < 0 ? virt_err(e, "can't remove a volume of the storage pool '" POOL "'") : 0;
}

int store_remove(struct store *s, const char *prefix, struct err *e)
{
	virStorageVolPtr *all = NULL;
	int n, rc = 0;

	if (!*prefix)
		return err_set(e, "no name, of what is to be removed from the storage pool '" POOL "'");
	if (store_refresh(s, e) < 0)
		return -1;
	n = virStoragePoolListAllVolumes(s->pool, &all, 0);
	if (n < 0)
		return virt_err(e, "can't look at the storage pool '" POOL "'");
	for (int i = 0; i < n; i++) {
		const char *name = virStorageVolGetName(all[i]);

		if (rc == 0 && name && str_starts(name, prefix) && virStorageVolDelete(all[i], 0) < 0)
			rc = virt_err(e, "can't remove a volume of the storage pool '" POOL "'");
		virStorageVolFree(all[i]);
	}
	free(all);
	return rc;
}
