/* Any bytes as a fragment, a configuration and a dependency expression. */
#include "../../builder/kconfig-expr.h"
#include "../../builder/kconfig.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size), *values = NULL;
	struct asks a = { 0 };
	struct config c = { 0 };
	struct err e = { "" };
	auto_strv parts = { 0 };

	config_parse(&c, text);
	asks_add_text(&a, "fragment", text, &e);
	for (size_t i = 0; i < a.n; i++) {
		auto_free char *ask = ask_text(&a.v[i]);

		ask_met(&a.v[i], &c);
	}
	kconfig_eval(text, &c);
	kexpr_conjuncts(text, &parts);
	values = kexpr_values(text, &c);
	asks_free(&a);
	config_free(&c);
	return 0;
}
