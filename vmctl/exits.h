/* What vmctl's exit status says of a failure, beside 1 (anything else), 2 (command line), 3 (`status`: not running) and 130. The
 * first four lie below those that a shell gives. vmctl(1) has them too. */
#pragma once

enum {
	EXIT_FILE = 4,    /* the machine file is wrong                                     */
	EXIT_HOST = 5,    /* this host can't: memory, KVM, QEMU, libvirt, image, port      */
	EXIT_BOOT = 6,    /* the guest did not get so far, and it is known why             */
	EXIT_PANIC = 7,   /* its kernel panicked                                           */
	EXIT_TIMEOUT = 8, /* it was not heard of in time                                   */
	EXIT_EXPECT = 9,  /* it is there, and not as the file says                         */
	EXIT_UNREACHED = 255, /* it runs, and neither SSH nor its agent gets in, as ssh(1) has it */
};
