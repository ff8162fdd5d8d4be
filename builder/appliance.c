#include "appliance.h"

#include <signal.h>

#include "file.h"
#include "interrupt.h"
#include "kvm.h"
#include "progress.h"
#include "qemu.h"
#include "text.h"
#include "units.h"

int guest_err(guestfs_h *g, struct err *e, const char *what)
{
	const char *words = guestfs_last_error(g);

	if (interrupt_check(e) < 0)
		return -1;
	return err_set(e, "%s: %s", what, words ? words : "libguestfs gives no reason");
}

static volatile sig_atomic_t appliance; /* process number of its QEMU, 0: none; read in a signal handler */

void appliance_close(guestfs_h **g)
{
	if (!*g)
		return;
	interrupt_hook(NULL, NULL);
	appliance = 0;
	guestfs_close(*g);
}

/* libguestfs cancels a transfer, but waits for a program that runs in the image; without its QEMU it does not. What is
 * lost with that is a disk that nobody will use. */
static void cancel(void *arg)
{
	guestfs_user_cancel(arg);
	if (appliance > 0)
		kill(appliance, SIGKILL);
}

/* Bytes that a transfer has moved. */
static void on_event(guestfs_h *g, void *arg, uint64_t event, int handle, int flags, const char *buf, size_t n,
		     const uint64_t *array, size_t n_array)
{
	char now[SIZE_TEXT], all[SIZE_TEXT];

	(void)g;
	(void)event;
	(void)handle;
	(void)flags;
	(void)buf;
	(void)n;
	if (n_array >= 4 && array[3] > KiB) /* launching counts its dozen steps */
		progress_update("%s: %s of %s", (const char *)arg, size_human(array[2], now), size_human(array[3], all));
}

guestfs_h *appliance_open(const char *cache, bool network, struct err *e)
{
	guestfs_h *g = guestfs_create_flags(GUESTFS_CREATE_NO_CLOSE_ON_EXIT);
	struct qemu qemu;
	char why[160];

	if (!g) {
		err_errno(e, "can't set up libguestfs");
		return NULL;
	}
	guestfs_set_error_handler(g, NULL, NULL);
	guestfs_set_backend(g, "direct");
	if (!kvm_usable(why, sizeof(why)))
		guestfs_set_backend_setting(g, "force_tcg", "1");
	/* The newer QEMU is also the faster one under TCG; without one libguestfs says what it misses. */
	if (qemu_find(&qemu, NULL, &(struct err){ "" }) == 0)
		guestfs_set_hv(g, qemu.path);
	qemu_free(&qemu);
	guestfs_set_cachedir(g, cache);
	guestfs_set_smp(g, 2);
	guestfs_set_memsize(g, 1024);
	guestfs_set_network(g, network);
	guestfs_set_event_callback(g, on_event, GUESTFS_EVENT_PROGRESS, 0, (void *)"copying");
	interrupt_hook(cancel, g);
	return g;
}

int appliance_launch(guestfs_h *g, struct err *e)
{
	progress_update("starting the libguestfs appliance");
	if (guestfs_launch(g) == 0) {
		appliance = guestfs_get_pid(g);
		return interrupt_check(e);
	}
	guest_err(g, e, "can't start the libguestfs appliance");
	if (!interrupted())
		err_append(e, "; LIBGUESTFS_DEBUG=1 shows its boot, `make setup` installs what it needs");
	return -1;
}

int appliance_settle(guestfs_h *g, struct err *e)
{
	if (guestfs_umount_all(g) < 0 || guestfs_sync(g) < 0)
		return guest_err(g, e, "can't write out the image");
	return interrupt_check(e);
}

int appliance_finish(guestfs_h *g, const char *path, struct err *e)
{
	progress_update("closing the image");
	if (guestfs_umount_all(g) < 0)
		return guest_err(g, e, "can't close the image");
	appliance = 0;
	if (guestfs_shutdown(g) < 0)
		return guest_err(g, e, "can't close the image");
	return interrupt_check(e) < 0 ? -1 : file_sync(path, e);
}
