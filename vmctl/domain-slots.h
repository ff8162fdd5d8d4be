/* Who sits where on pcie.0. libvirt hands out slots from below; 0x1f is the chipset's own. */
#pragma once

enum {
	SLOT_FIRST_BRIDGE = 0x10, /* up to 0x17: host bridges */
	SLOT_RNG = 0x1a,
	SLOT_DISK = 0x1b,
	SLOT_NIC = 0x1c,
	SLOT_SERIAL = 0x1d,
	FIRST_CXL_CHASSIS = 100,
};
