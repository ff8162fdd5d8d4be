/* The parts of the domain XML; domain-xml.c puts them together. */
#pragma once
#include "boot.h"
#include "xml-tags.h"

/* <cpu> with its NUMA cells, <vcpu>, and what of the host CPUs and memory are bound to. */
void xml_cpu(writer w, const struct boot_spec *s);
void xml_memory(writer w, const struct boot_spec *s);
/* <devices> */
void xml_devices(writer w, const struct boot_spec *s);
/* What libvirt has no words for of network card and disk: QEMU's arguments. */
void device_arguments(const struct boot_spec *s, struct strv *args);
/* Properties of devices that libvirt has no words for: <qemu:override>. */
void xml_overrides(writer w, const struct boot_spec *s);
