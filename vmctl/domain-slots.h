/* Who sits where on pcie.0. libvirt hands out slots from below; 0x1f is the chipset's own. */
#pragma once

enum {
	SLOT_FIRST_BRIDGE = 0x10, /* up to 0x17: host bridges */
	SLOT_FIRST_SHARE = 0x18, /* and the next */
	SLOT_RNG = 0x1a,
	SLOT_DISK = 0x1b,
	SLOT_NIC = 0x1c,
	SLOT_SERIAL = 0x1d,
	FIRST_CXL_CHASSIS = 100,
	MAX_BRIDGES = 8,
	FIRST_BUS = 0x34,       /* of the first host bridge */
	BUSES_OF_BRIDGE = 0x18, /* bus numbers that each has for itself and all below it: 8 of them end below 0xff */
	MAX_ROOT_PORTS = BUSES_OF_BRIDGE - 1,
	MAX_DOWNSTREAM_PORTS = BUSES_OF_BRIDGE - 3,
	MAX_WINDOWS = 16,
	MAX_SHARES = 2,
};
