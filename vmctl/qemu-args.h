/* QEMU's command line for people. Pure. */
#pragma once

/* From the one line that libvirt makes: an option with its argument a line, quoted for a shell, so that it can be pasted and
 * runs by itself. What libvirt adds for its own hand on QEMU is left out: the environment, the monitor, that it begins stopped
 * and stays when the guest has powered off. The caller's to free. */
char *qemu_args_text(const char *line);
