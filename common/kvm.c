#include "kvm.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "file.h"

static bool has_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = line; (p = strstr(p, word)); p += n)
		if (p > line && p[-1] == ' ' && (p[n] == ' ' || p[n] == '\0' || p[n] == '\n'))
			return true;
	return false;
}

static bool cpu_virtualises(void)
{
	auto_free char *info = file_read("/proc/cpuinfo", 0, NULL, &(struct err){ "" });
	char *flags = info ? strstr(info, "\nflags") : NULL;

	if (!flags)
		return false;
	flags[1 + strcspn(flags + 1, "\n")] = '\0';
	return has_word(flags, "vmx") || has_word(flags, "svm");
}

bool kvm_usable(char *why, size_t size)
{
	auto_close int kvm = -1, vm = -1;

	if (!cpu_virtualises()) { /* first: who gets in finds nothing there */
		snprintf(why, size, "%sthe processor shows neither vmx nor svm", file_exists("/dev/kvm") ? "/dev/kvm is there, but " : "");
		return false;
	}
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		snprintf(why, size, "/dev/kvm: %s", strerror(errno));
		return false;
	}
	vm = ioctl(kvm, KVM_GET_API_VERSION, 0) == KVM_API_VERSION ? ioctl(kvm, KVM_CREATE_VM, 0) : -1;
	if (vm < 0)
		snprintf(why, size, "/dev/kvm opens but makes no machine: %s", strerror(errno));
	return vm >= 0;
}
