#include "appliance.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/pidfd.h>

#include "file.h"
#include "interrupt.h"
#include "kvm.h"
#include "progress.h"
#include "qemu.h"
#include "text.h"
#include "thread.h"
#include "units.h"

/* Its QEMU, as a file descriptor: a process number may be another's by the time that it is to be killed. -1: none; read in a
 * signal handler. */
static volatile sig_atomic_t appliance = -1;

static void kill_appliance(void)
{
	if (appliance >= 0)
		pidfd_send_signal(appliance, SIGKILL, NULL, 0);
}

/* ---- the host's disk ---- */

/* QEMU stops the appliance when a write finds no room, and waits for somebody to make it go on (werror=enospc): libguestfs would
 * wait for ever. So the room is looked at meanwhile. */
#define ROOM_LOW (32 * MiB)
#define LOOK_MS  250

static struct {
	pthread_t thread;
	bool running;
	char *path;
	atomic_bool stop, full;
} watch;

static void *watch_room(void *arg)
{
	(void)arg;
	while (!watch.stop) {
		if (disk_free(watch.path) < ROOM_LOW) {
			watch.full = true;
			kill_appliance();
			break;
		}
		usleep(LOOK_MS * 1000);
	}
	return NULL;
}

static void watch_end(void)
{
	if (!watch.running)
		return;
	watch.stop = true;
	pthread_join(watch.thread, NULL);
	watch.running = false;
}

static int watch_begin(const char *path, struct err *e)
{
	int rc;

	watch.stop = watch.full = false;
	free(watch.path);
	watch.path = xstrdup(path);
	rc = thread_start(&watch.thread, watch_room, NULL);
	watch.running = rc == 0;
	return rc == 0 ? 0 : err_set(e, "can't start a thread: %s", strerror(rc));
}

static int check_room(struct err *e)
{
	return watch.full ? err_set(e, "No space left on device: the disk that holds %s is full; make room, and run it again",
				    watch.path) : 0;
}

/* ---- the appliance ---- */

int guest_err(guestfs_h *g, struct err *e, const char *what)
{
	const char *words = guestfs_last_error(g);

	if (interrupt_check(e) < 0 || check_room(e) < 0)
		return -1;
	return err_set(e, "%s: %s", what, words ? words : "libguestfs gives no reason");
}

static void forget_process(void)
{
	int fd = appliance;

	appliance = -1;
	if (fd >= 0)
		close(fd);
}

void appliance_close(guestfs_h **g)
{
	if (!*g)
		return;
	interrupt_hook(NULL, NULL);
	watch_end();
	forget_process();
	guestfs_close(*g);
}

/* libguestfs cancels a transfer, but waits for a program that runs in the image; without its QEMU it does not. What is
 * lost with that is a disk that nobody will use. */
static void cancel(void *arg)
{
	guestfs_user_cancel(arg);
	kill_appliance();
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

/* glibc takes the widest instructions that the CPU has for memchr and the like, and TCG's CPU has AVX2, each of which is many of
 * the host's: without, apt is a third faster. The kernel gives to init, and so to all, what it does not know itself. */
#define PLAIN_STRINGS "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2"

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
	if (!kvm_usable(why, sizeof(why))) {
		guestfs_set_backend_setting(g, "force_tcg", "1");
		guestfs_set_append(g, PLAIN_STRINGS);
	}
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

int appliance_launch(guestfs_h *g, const char *disk, struct err *e)
{
	progress_update("starting the libguestfs appliance");
	if (guestfs_launch(g) == 0) {
		appliance = pidfd_open(guestfs_get_pid(g), 0);
		if (disk && watch_begin(disk, e) < 0)
			return -1;
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
	if (appliance_settle(g, e) < 0)
		return -1;
	watch_end();
	forget_process();
	if (check_room(e) < 0)
		return -1;
	if (guestfs_shutdown(g) < 0)
		return guest_err(g, e, "can't close the image");
	return interrupt_check(e) < 0 ? -1 : file_sync(path, e);
}

/* ---- in the image ---- */

int guest_write(guestfs_h *g, const char *path, int mode, const char *text, struct err *e)
{
	auto_free char *what = strf("can't write %s in the image", path);

	if (guestfs_write(g, path, text, strlen(text)) < 0 || guestfs_chmod(g, mode, path) < 0)
		return guest_err(g, e, what);
	return 0;
}

int guest_run(guestfs_h *g, const char *const *argv, struct err *e)
{
	auto_free char *out = guestfs_command(g, (char *const *)argv);
	auto_free char *what = strf("%s in the image failed", argv[0]);

	return out ? interrupt_check(e) : guest_err(g, e, what);
}
