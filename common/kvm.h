/* Is hardware virtualisation usable? /dev/kvm can open, create machines, and then run an ordinary kernel into an
 * emulation failure: where the processor shows neither vmx nor svm it does. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* True if KVM can be used; else why says why not, in a few words. */
bool kvm_usable(char *why, size_t size);
