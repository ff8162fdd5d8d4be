/* The keys of the machine file: one table a mapping, from which the parser, its messages and the manual's test come. */
#pragma once
#include "machine.h"
